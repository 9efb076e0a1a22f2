/// An exact fraction in lowest terms with a positive denominator, of bounded size.
struct Rational: Hashable, Sendable {
  /// A longer numerator or denominator is refused, which bounds every operation. Factorials up to 500!
  /// and powers such as 2^4000 fit.
  static let maximumBits = 4096

  let numerator: BigInteger
  let denominator: BigInteger

  static let zero = Rational(0)
  static let one = Rational(1)

  init(_ value: Int) {
    numerator = BigInteger(value)
    denominator = 1
  }

  /// `numerator` over `denominator`, which is not zero.
  init(_ numerator: BigInteger, over denominator: BigInteger) throws(VerificationFailure) {
    guard denominator != 0 else { throw .malformed("division by zero") }
    guard numerator.bitWidth <= Self.maximumBits, denominator.bitWidth <= Self.maximumBits
    else { throw .limit }
    if denominator == 1 {
      self.numerator = numerator
      self.denominator = 1
      return
    }
    let divisor = numerator.greatestCommonDivisor(with: denominator)
    let sign: BigInteger = denominator < 0 ? -1 : 1
    self.numerator = numerator / divisor * sign
    self.denominator = denominator / divisor * sign
  }

  /// A decimal number: ASCII digits with at most one point among them.
  init(decimal text: some StringProtocol) throws(VerificationFailure) {
    var digits = ""
    var places = 0
    var afterPoint = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        afterPoint = true
      } else {
        digits.unicodeScalars.append(Unicode.Scalar(byte))
        if afterPoint { places += 1 }
      }
    }
    // Four bits hold a decimal digit with room to spare.
    guard digits.utf8.count * 4 <= Self.maximumBits,
      let whole = BigInteger(digits.isEmpty ? "0" : digits)
    else { throw .limit }
    try self.init(whole, over: places == 0 ? 1 : BigInteger(10).power(places))
  }

  /// What an operation with the number adds to the work: none for ordinary ones, and for long ones in
  /// proportion to the time that bringing them to lowest terms takes.
  var cost: Int {
    let width = max(numerator.bitWidth, denominator.bitWidth) / 256
    return width * width
  }

  var isInteger: Bool { denominator == 1 }
  var isZero: Bool { numerator == 0 }
  var isNegative: Bool { numerator < 0 }

  /// The value as an `Int`, when it is one.
  var int: Int? { isInteger ? numerator.int : nil }

  /// The nearest double, infinite when out of range.
  var double: Double {
    if let top = numerator.int, let bottom = denominator.int {
      return Double(top) / Double(bottom)
    }
    // Both are brought to 64 significant bits, and the powers of two are put back afterwards.
    let (top, topShift) = Self.leading(numerator)
    let (bottom, bottomShift) = Self.leading(denominator)
    return Double(sign: .plus, exponent: topShift - bottomShift, significand: top / bottom)
  }

  private static func leading(_ value: BigInteger) -> (Double, Int) {
    let shift = max(0, value.bitWidth - 62)
    let lead = Double(value.shiftedRight(by: shift).int ?? 0)
    return (lead, shift)
  }

  static prefix func - (value: Rational) -> Rational {
    Rational(unchecked: -value.numerator, value.denominator)
  }

  func adding(_ other: Rational) throws(VerificationFailure) -> Rational {
    if denominator == 1, other.denominator == 1 {
      return try Rational(numerator + other.numerator, over: 1)
    }
    return try Rational(
      numerator * other.denominator + other.numerator * denominator,
      over: denominator * other.denominator)
  }

  func multiplied(by other: Rational) throws(VerificationFailure) -> Rational {
    try Rational(numerator * other.numerator, over: denominator * other.denominator)
  }

  func divided(by other: Rational) throws(VerificationFailure) -> Rational {
    try Rational(numerator * other.denominator, over: denominator * other.numerator)
  }

  /// The power with a whole exponent; zero has no negative powers.
  func power(_ exponent: Int) throws(VerificationFailure) -> Rational {
    let count = exponent.magnitude
    let bits = max(numerator.bitWidth, denominator.bitWidth)
    // 1 and -1 have every power; of others the length is known beforehand.
    guard bits <= 1 || count <= UInt(Self.maximumBits / max(bits - 1, 1)) else { throw .limit }
    let times = bits <= 1 ? Int(count % 2) + (count == 0 ? 0 : 2) : Int(count)
    let top = numerator.power(times)
    let bottom = denominator.power(times)
    return try exponent >= 0 ? Rational(top, over: bottom) : Rational(bottom, over: top)
  }

  private init(unchecked numerator: BigInteger, _ denominator: BigInteger) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The nearest multiple of 10^-places, as the whole number of such steps; halves go to the even one.
  func rounded(places: Int) -> BigInteger {
    let scaled = numerator * BigInteger(10).power(places)
    var (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: denominator)
    if remainder < 0 {
      quotient = quotient - 1
      remainder = remainder + denominator
    }
    let twice = remainder * 2
    if twice > denominator || (twice == denominator && quotient % 2 != 0) {
      quotient = quotient + 1
    }
    return quotient
  }

  static func < (left: Rational, right: Rational) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }
}
