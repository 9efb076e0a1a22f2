/// A quotient of two polynomials, not in lowest terms.
struct Fraction {
  var top: Polynomial
  var bottom: Polynomial

  /// Exponents of sums beyond this are not multiplied out.
  private static let largestPower = 64
  /// The product of the numbers up to this one has fewer than `Rational.maximumBits` bits.
  static let largestFactorial = 500
  /// A bound on trial division for the square part of a radicand.
  private static let largestTrialDivisor = 1000

  init(_ value: Rational) {
    top = Polynomial(value)
    bottom = .one
  }

  init(top: Polynomial, bottom: Polynomial) {
    self.top = top
    self.bottom = bottom
  }

  /// The fraction that `expression` is, in exact arithmetic.
  ///
  /// - Throws: `.malformed` for what is no scalar or divides by zero, `.limit` for what is too large.
  init(
    _ expression: Expression, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) {
    try work.spend()
    switch expression {
    case .number(let value), .decimal(let value): self.init(value)
    case .sum(let terms):
      var sum = Fraction(.zero)
      for term in terms { sum = try sum.adding(Fraction(term, atoms, work), atoms, work) }
      self = sum
    case .product(let factors):
      var product = Fraction(.one)
      for factor in factors {
        product = try product.multiplied(by: Fraction(factor, atoms, work), atoms, work)
      }
      self = product
    case .power(let base, let exponent): self = try Self.power(base, exponent, atoms, work)
    case .percent(let value):
      let inner = try Fraction(value, atoms, work)
      self.init(
        top: try inner.top.scaled(by: Rational(1, overWhole: 100)), bottom: inner.bottom)
    case .degrees(let value): try self.init(value, atoms, work)
    case .ratio(let parts):
      guard parts.count == 2 else { throw .malformed("a ratio of several numbers") }
      try self.init(.quotient(parts[0], parts[1]), atoms, work)
    case .based(let digits, let base): self.init(try Self.value(ofDigits: digits, base: base))
    case .function(let function, let arguments):
      self = try Self.function(function, arguments, atoms, work) ?? Self.atom(expression, atoms)
    case .symbol, .application: self = Self.atom(expression, atoms)
    case .text(let text): self = Self.atom(.symbol(text.lowercased()), atoms)
    case .constant(let constant):
      guard constant != .infinity else { throw .malformed("infinity") }
      self = Self.atom(expression, atoms)
    default: throw .malformed("no scalar")
    }
  }

  private static func atom(_ atom: Expression, _ atoms: AtomTable) -> Fraction {
    Fraction(top: Polynomial(atom: atoms.number(of: atom)), bottom: .one)
  }

  /// The value, when it is a rational number.
  var constant: Rational? {
    guard let top = top.constant, let bottom = bottom.constant, !bottom.isZero else { return nil }
    return try? top.divided(by: bottom)
  }

  func adding(
    _ other: Fraction, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Fraction {
    if bottom == other.bottom {
      return Fraction(top: try top.adding(other.top, work), bottom: bottom)
    }
    let left = try top.multiplied(by: other.bottom, atoms, work)
    let right = try other.top.multiplied(by: bottom, atoms, work)
    return Fraction(
      top: try left.adding(right, work),
      bottom: try bottom.multiplied(by: other.bottom, atoms, work))
  }

  func multiplied(
    by other: Fraction, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Fraction {
    Fraction(
      top: try top.multiplied(by: other.top, atoms, work),
      bottom: try bottom.multiplied(by: other.bottom, atoms, work))
  }

  /// The quotient of one by the fraction.
  func inverted() throws(VerificationFailure) -> Fraction {
    guard !top.isZero else { throw .malformed("division by zero") }
    if let value = top.constant {
      return Fraction(top: try bottom.scaled(by: Rational.one.divided(by: value)), bottom: .one)
    }
    return Fraction(top: bottom, bottom: top)
  }

  // MARK: Powers and roots

  private static func power(
    _ base: Expression, _ exponent: Expression, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Fraction {
    let power = try Fraction(exponent, atoms, work).constant
    guard let power else { return atom(.power(base, exponent), atoms) }
    if let whole = power.int {
      let value = try Fraction(base, atoms, work)
      if let constant = value.constant { return Fraction(try constant.power(whole)) }
      guard whole.magnitude <= UInt(largestPower) else { throw .limit }
      let positive = whole < 0 ? try value.inverted() : value
      return Fraction(
        top: try positive.top.power(Int(whole.magnitude), atoms, work),
        bottom: try positive.bottom.power(Int(whole.magnitude), atoms, work))
    }
    guard let index = power.denominator.int, let times = power.numerator.int,
      times.magnitude <= UInt(largestPower)
    else { return atom(.power(base, exponent), atoms) }
    let root = try Fraction(.function(.root, [base, .number(Rational(index))]), atoms, work)
    let positive = times < 0 ? try root.inverted() : root
    return Fraction(
      top: try positive.top.power(Int(times.magnitude), atoms, work),
      bottom: try positive.bottom.power(Int(times.magnitude), atoms, work))
  }

  /// The root of a rational number: its rational part times the root of a whole number.
  private static func root(
    of radicand: Rational, index: Int, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Fraction? {
    guard (2...16).contains(index) else { return nil }
    if radicand.isZero { return Fraction(.zero) }
    if radicand.isNegative {
      guard let positive = try root(of: -radicand, index: index, atoms, work) else { return nil }
      if index % 2 == 1 {
        return try positive.multiplied(by: Fraction(Rational(-1)), atoms, work)
      }
      guard index == 2 else { return nil }
      return try positive.multiplied(by: atom(.constant(.i), atoms), atoms, work)
    }
    // a/b = a b^(k-1) / b^k
    let scale = try Rational(radicand.denominator, over: 1)
    var rest = try Rational(radicand.numerator, over: 1).multiplied(by: scale.power(index - 1))
      .numerator
    var outside = BigInteger(1)
    var divisor = 2
    while divisor <= largestTrialDivisor, BigInteger(divisor) * BigInteger(divisor) <= rest {
      let power = BigInteger(divisor).power(index)
      if power > rest { break }
      while true {
        try work.spend()
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: power)
        guard remainder == 0 else { break }
        rest = quotient
        outside = outside * BigInteger(divisor)
      }
      divisor += 1
    }
    // A large square that trial division does not reach.
    if index == 2 {
      let whole = rest.squareRoot()
      if whole * whole == rest { (outside, rest) = (outside * whole, 1) }
    }
    let factor = Fraction(try Rational(outside, over: scale.numerator))
    if rest == 1 { return factor }
    let atom = Expression.function(
      .root, [.number(try Rational(rest, over: 1)), .number(Rational(index))])
    return try Self.atom(atom, atoms).multiplied(by: factor, atoms, work)
  }

  // MARK: Functions

  /// The value of a function of rational numbers, where it is rational or a root; nil otherwise.
  private static func function(
    _ function: Expression.Function, _ arguments: [Expression], _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Fraction? {
    var values: [Rational] = []
    for argument in arguments {
      guard let value = try Fraction(argument, AtomTable(), work).constant else { return nil }
      values.append(value)
    }
    guard let first = values.first else { throw .malformed("a function of nothing") }
    switch function {
    case .root:
      guard values.count == 2, let index = values[1].int else { return nil }
      return try root(of: first, index: index, atoms, work)
    case .abs: return Fraction(first.isNegative ? -first : first)
    case .floor: return Fraction(try first.floor())
    case .ceil: return Fraction(-(try (-first).floor()))
    case .factorial:
      guard let n = first.int, (0...largestFactorial).contains(n) else { return nil }
      try work.spend(n)
      return Fraction(
        try Rational((1...max(n, 1)).reduce(BigInteger(1)) { $0 * BigInteger($1) }, over: 1))
    case .binomial:
      guard values.count == 2, let n = first.int, let k = values[1].int,
        (0...largestFactorial).contains(n)
      else { return nil }
      guard (0...n).contains(k) else { return Fraction(.zero) }
      try work.spend(n)
      var value = BigInteger(1)
      for step in 0..<min(k, n - k) { value = value * BigInteger(n - step) / BigInteger(step + 1) }
      return Fraction(try Rational(value, over: 1))
    case .gcd, .lcm:
      guard values.allSatisfy({ $0.isInteger && !$0.isZero }) else { return nil }
      var result = first.numerator
      for value in values.dropFirst() {
        let divisor = result.greatestCommonDivisor(with: value.numerator)
        result = function == .gcd ? divisor : result / divisor * value.numerator
        guard result.bitWidth <= Rational.maximumBits else { throw .limit }
      }
      return Fraction(try Rational(result.absolute, over: 1))
    case .max: return Fraction(values.dropFirst().reduce(first) { $0 < $1 ? $1 : $0 })
    case .min: return Fraction(values.dropFirst().reduce(first) { $1 < $0 ? $1 : $0 })
    case .mod:
      guard values.count == 2, !values[1].isZero else { return nil }
      let quotient = try first.divided(by: values[1]).floor()
      return Fraction(try first.adding(-(values[1].multiplied(by: quotient))))
    case .sign: return Fraction(Rational(first.isZero ? 0 : first.isNegative ? -1 : 1))
    default: return nil
    }
  }

  private static func value(
    ofDigits digits: String, base: Int
  ) throws(VerificationFailure) -> Rational {
    guard (2...36).contains(base), digits.utf8.count <= 512,
      let value = BigInteger(digits, radix: base)
    else { throw .malformed("digits that base \(base) lacks") }
    return try Rational(value, over: 1)
  }
}

extension Rational {
  init(_ numerator: Int, overWhole denominator: Int) throws(VerificationFailure) {
    try self.init(BigInteger(numerator), over: BigInteger(denominator))
  }

  /// The largest whole number that is not above.
  func floor() throws(VerificationFailure) -> Rational {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return try Rational(remainder < 0 ? quotient - 1 : quotient, over: 1)
  }
}
