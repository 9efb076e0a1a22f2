/// A whole number of any size; `Rational` bounds it.
///
/// Its operators are internal: those of a public big-integer type would be candidates for every `+` of
/// every module above this one, which costs the compiler dearly.
struct BigInteger: Hashable, Comparable, ExpressibleByIntegerLiteral, Sendable {
  /// Numbers that fit an `Int` are always held as one, so that equal numbers are equal structures.
  private enum Value: Hashable, Sendable {
    case small(Int)
    case large(isNegative: Bool, magnitude: Magnitude)
  }

  private let value: Value

  init(_ value: Int) { self.value = .small(value) }

  init(integerLiteral value: Int) { self.value = .small(value) }

  fileprivate init(isNegative: Bool, _ magnitude: Magnitude) {
    if let word = magnitude.word {
      if !isNegative, word <= UInt(Int.max) {
        value = .small(Int(word))
        return
      }
      if isNegative, word <= UInt(Int.max) + 1 {
        value = .small(Int(truncatingIfNeeded: 0 &- word))
        return
      }
    }
    value = .large(isNegative: isNegative, magnitude: magnitude)
  }

  /// Digits in a base from 2 to 36; nil for anything else.
  init?(_ digits: some StringProtocol, radix: Int = 10) {
    guard (2...36).contains(radix), !digits.isEmpty else { return nil }
    var magnitude = Magnitude(0)
    for character in digits {
      guard let digit = character.digitOrLetterValue, digit < radix else { return nil }
      magnitude.multiply(by: UInt32(radix), adding: UInt32(digit))
    }
    self.init(isNegative: false, magnitude)
  }

  fileprivate var magnitude: Magnitude {
    switch value {
    case .small(let value): Magnitude(value.magnitude)
    case .large(_, let magnitude): magnitude
    }
  }

  var isNegative: Bool {
    switch value {
    case .small(let value): value < 0
    case .large(let isNegative, _): isNegative
    }
  }

  var isZero: Bool { value == .small(0) }

  /// The number as an `Int`, when it fits one.
  var int: Int? {
    guard case .small(let value) = value else { return nil }
    return value
  }

  /// The bits of the absolute value.
  var bitWidth: Int {
    switch value {
    case .small(let value): Int.bitWidth - value.magnitude.leadingZeroBitCount
    case .large(_, let magnitude): magnitude.bitWidth
    }
  }

  var absolute: BigInteger { isNegative ? -self : self }

  static prefix func - (number: BigInteger) -> BigInteger {
    if case .small(let value) = number.value, value != .min { return BigInteger(-value) }
    return BigInteger(isNegative: !number.isNegative, number.magnitude)
  }

  static func + (left: BigInteger, right: BigInteger) -> BigInteger {
    if case .small(let a) = left.value, case .small(let b) = right.value {
      let (sum, overflow) = a.addingReportingOverflow(b)
      if !overflow { return BigInteger(sum) }
    }
    let (a, b) = (left.magnitude, right.magnitude)
    if left.isNegative == right.isNegative {
      return BigInteger(isNegative: left.isNegative, a.adding(b))
    }
    return a < b
      ? BigInteger(isNegative: right.isNegative, b.subtracting(a))
      : BigInteger(isNegative: left.isNegative, a.subtracting(b))
  }

  static func - (left: BigInteger, right: BigInteger) -> BigInteger { left + -right }

  static func * (left: BigInteger, right: BigInteger) -> BigInteger {
    if case .small(let a) = left.value, case .small(let b) = right.value {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      if !overflow { return BigInteger(product) }
    }
    return BigInteger(
      isNegative: left.isNegative != right.isNegative,
      left.magnitude.multiplied(by: right.magnitude))
  }

  /// Quotient and remainder of a division toward zero; `divisor` is not zero.
  func quotientAndRemainder(
    dividingBy divisor: BigInteger
  ) -> (quotient: BigInteger, remainder: BigInteger) {
    if case .small(let a) = value, case .small(let b) = divisor.value, b != -1 {
      return (BigInteger(a / b), BigInteger(a % b))
    }
    let (quotient, remainder) = magnitude.divided(by: divisor.magnitude)
    return (
      BigInteger(isNegative: isNegative != divisor.isNegative, quotient),
      BigInteger(isNegative: isNegative, remainder)
    )
  }

  static func / (left: BigInteger, right: BigInteger) -> BigInteger {
    left.quotientAndRemainder(dividingBy: right).quotient
  }

  static func % (left: BigInteger, right: BigInteger) -> BigInteger {
    left.quotientAndRemainder(dividingBy: right).remainder
  }

  static func < (left: BigInteger, right: BigInteger) -> Bool {
    if case .small(let a) = left.value, case .small(let b) = right.value { return a < b }
    if left.isNegative != right.isNegative { return left.isNegative }
    return left.isNegative ? right.magnitude < left.magnitude : left.magnitude < right.magnitude
  }

  /// The power with a whole exponent that is not negative.
  func power(_ exponent: Int) -> BigInteger {
    var (result, square, rest) = (BigInteger(1), self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result * square }
      rest >>= 1
      if rest > 0 { square = square * square }
    }
    return result
  }

  /// The greatest common divisor, not negative.
  func greatestCommonDivisor(with other: BigInteger) -> BigInteger {
    var (a, b) = (absolute, other.absolute)
    while !b.isZero {
      if case .small(let x) = a.value, case .small(let y) = b.value {
        var (x, y) = (x, y)
        while y != 0 { (x, y) = (y, x % y) }
        return BigInteger(x)
      }
      (a, b) = (b, a % b)
    }
    return a
  }

  /// The largest whole number whose square is not above; of a number that is not negative.
  func squareRoot() -> BigInteger {
    guard !isZero else { return self }
    // Newton's method from above.
    var root = BigInteger(2).power((bitWidth + 1) / 2)
    while true {
      let next = (root + self / root) / 2
      if next >= root { return root }
      root = next
    }
  }

  /// The number shifted right by whole bits, toward zero.
  func shiftedRight(by bits: Int) -> BigInteger {
    self / BigInteger(2).power(bits)
  }
}

extension BigInteger: CustomStringConvertible {
  /// Decimal digits.
  var description: String {
    switch value {
    case .small(let value): "\(value)"
    case .large(let isNegative, let magnitude): (isNegative ? "-" : "") + magnitude.decimal
    }
  }
}

extension Character {
  fileprivate var digitOrLetterValue: Int? {
    guard let byte = asciiValue else { return nil }
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return Int(byte - UInt8(ascii: "A")) + 10
    default: return nil
    }
  }
}
