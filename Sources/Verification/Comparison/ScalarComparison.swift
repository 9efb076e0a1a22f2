/// Decides whether two scalars are the same number or function.
struct ScalarComparison {
  /// Decimal places to which a rounded number is compared.
  let decimalPlaces: Int
  let work: Work

  /// Points at which expressions with symbols are compared.
  private static let trials = 10
  /// Fewer points at which both sides have a value decide nothing.
  private static let fewestPoints = 3
  /// Rounding to places says little about a number with few digits in them: there the difference must
  /// also be at most this share of the number.
  private static let largestRelativeDifference = 0.02

  /// Whether `gold` and `answer` are equal.
  func areEqual(_ gold: Expression, _ answer: Expression) throws(VerificationFailure) -> Bool {
    if gold == answer { return true }
    switch (Self.percentage(gold), Self.percentage(answer)) {
    case (let left?, let right?): return try areEqual(left, right)
    // "28 percent" may be written as 28 or as 0.28.
    case (let left?, nil):
      if try values(left, answer) { return true }
      return try values(.percent(left), answer)
    case (nil, let right?):
      if try values(gold, right) { return true }
      return try values(gold, .percent(right))
    case (nil, nil): return try values(gold, answer)
    }
  }

  /// The number before a percent sign.
  private static func percentage(_ expression: Expression) -> Expression? {
    switch expression {
    case .percent(let value): value
    case .product(let parts) where parts.count == 2 && parts[0] == .minusOne:
      percentage(parts[1]).map(Expression.negated)
    default: nil
    }
  }

  private static func isDecimal(_ expression: Expression) -> Bool {
    switch expression {
    case .decimal: true
    case .percent(let value), .degrees(let value): isDecimal(value)
    default: false
    }
  }

  private func values(_ gold: Expression, _ answer: Expression) throws(VerificationFailure) -> Bool
  {
    if let result = Self.infinities(gold, answer) { return result }
    if case .based = gold { return try based(gold, answer) }
    if case .based = answer { return try based(answer, gold) }
    if case .ratio(let left) = gold, case .ratio(let right) = answer {
      return try ratios(left, right)
    }
    let isRounded = Self.isDecimal(gold) || Self.isDecimal(answer)
    if let exact = try exactly(gold, answer, isRounded: isRounded) { return exact }
    return try numerically(gold, answer, isRounded: isRounded)
  }

  /// A decision where one side is infinite.
  private static func infinities(_ gold: Expression, _ answer: Expression) -> Bool? {
    func sign(_ expression: Expression) -> Int? {
      switch expression {
      case .constant(.infinity): 1
      case .product(let parts) where parts.count == 2 && parts[1] == .constant(.infinity):
        parts[0] == .minusOne ? -1 : nil
      default: nil
      }
    }
    let (left, right) = (sign(gold), sign(answer))
    return left == nil && right == nil ? nil : left == right
  }

  /// Digits with a base: the same digits in the same base, or the digits alone.
  private func based(_ based: Expression, _ other: Expression) throws(VerificationFailure) -> Bool {
    guard case .based(let digits, let base) = based else { return false }
    switch other {
    case .based(let otherDigits, let otherBase):
      return base == otherBase && digits.uppercased() == otherDigits.uppercased()
    case .number(let value): return value.isInteger && value.numerator.description == digits
    default: return false
    }
  }

  private func ratios(
    _ gold: [Expression], _ answer: [Expression]
  ) throws(VerificationFailure) -> Bool {
    guard gold.count == answer.count else { return false }
    if gold == answer { return true }
    for index in 1..<gold.count {
      let left = Expression.product([gold[index], answer[0]])
      let right = Expression.product([gold[0], answer[index]])
      guard try values(left, right) else { return false }
    }
    return true
  }

  // MARK: Exact arithmetic

  /// A decision in exact arithmetic; nil where it decides nothing.
  private func exactly(
    _ gold: Expression, _ answer: Expression, isRounded: Bool
  ) throws(VerificationFailure) -> Bool? {
    let atoms = AtomTable()
    let left: Fraction
    let right: Fraction
    let difference: Polynomial
    do {
      left = try Fraction(gold, atoms, work)
      right = try Fraction(answer, atoms, work)
      if let a = left.constant, let b = right.constant {
        // A whole number is not rounded, so nothing but itself rounds to it.
        return a == b || (isRounded && !a.isInteger && !b.isInteger && areRoundedEqual(a, b))
      }
      let crossed = try left.top.multiplied(by: right.bottom, atoms, work)
      difference = try crossed.adding(
        right.top.multiplied(by: left.bottom, atoms, work).scaled(by: Rational(-1)), work)
    } catch VerificationFailure.malformed(let reason) where reason == "division by zero" {
      return false
    } catch VerificationFailure.malformed {
      return nil
    } catch {
      // Too large to multiply out: evaluation decides, with what work is left.
      try work.spend()
      return nil
    }
    guard !left.bottom.isZero, !right.bottom.isZero else { return false }
    if difference.isZero { return true }
    return atoms.areIndependent && !isRounded ? false : nil
  }

  private func areRoundedEqual(_ a: Rational, _ b: Rational) -> Bool {
    guard a.rounded(places: decimalPlaces) == b.rounded(places: decimalPlaces) else { return false }
    return isRelativelyClose(a.double, b.double)
  }

  private func isRelativelyClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= Self.largestRelativeDifference * max(abs(a), abs(b))
  }

  // MARK: Evaluation

  private func numerically(
    _ gold: Expression, _ answer: Expression, isRounded: Bool
  ) throws(VerificationFailure) -> Bool {
    let hasSymbols = gold.hasUnknowns || answer.hasUnknowns
    var points = 0
    for trial in 0..<(hasSymbols ? Self.trials : 1) {
      var evaluation = Evaluation(trial: trial, work: work)
      evaluation.fixBounds(of: gold)
      evaluation.fixBounds(of: answer)
      let a = try evaluation.value(gold)
      let b = try evaluation.value(answer)
      guard a.isFinite, b.isFinite else { continue }
      let size = max(a.magnitude, b.magnitude)
      let distance = (a + b.scaled(by: -1)).magnitude
      if isRounded, !hasSymbols {
        guard a.isReal, b.isReal else { return false }
        let scale = Self.powerOfTen(decimalPlaces)
        return (a.re * scale).rounded(.toNearestOrEven) == (b.re * scale).rounded(.toNearestOrEven)
          && isRelativelyClose(a.re, b.re)
      }
      let tolerance = 64 * (a.error + b.error) + 1e-13 * size
      // So much cancels here that the rest is noise.
      if tolerance > max(1e-7 * size, 1e-9) { continue }
      guard distance <= tolerance else { return false }
      points += 1
    }
    return points >= (hasSymbols ? Self.fewestPoints : 1)
  }

  private static func powerOfTen(_ places: Int) -> Double {
    (0..<places).reduce(1) { value, _ in value * 10 }
  }
}

extension Expression {
  /// Whether its value depends on names.
  var hasUnknowns: Bool {
    contains { part in
      switch part {
      case .symbol, .application, .text: true
      default: false
      }
    }
  }
}
