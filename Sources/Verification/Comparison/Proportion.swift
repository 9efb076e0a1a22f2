/// Whether one scalar is a constant multiple of another.
struct Proportion {
  let work: Work
  private static let trials = 8

  /// Whether the numerators of two scalars are multiples of each other, so that y = 1/x is xy = 1. Exact
  /// arithmetic decides; false where it cannot.
  func haveSameZeros(_ first: Expression, _ second: Expression) throws(VerificationFailure) -> Bool
  {
    let atoms = AtomTable()
    guard let a = try? Fraction(first, atoms, work).top,
      let b = try? Fraction(second, atoms, work).top, a.constant == nil, b.constant == nil,
      let (monomial, value) = a.terms.first, let other = b.terms[monomial]
    else { return false }
    let difference = try a.scaled(by: other).adding(b.scaled(by: -value), work)
    return difference.isZero
  }

  /// The nonzero number by which `first` is multiplied to give `second`, or nil.
  func factor(
    from first: Expression, to second: Expression
  ) throws(VerificationFailure) -> Double? {
    guard first.hasUnknowns, second.hasUnknowns else { return nil }
    var factors: [Double] = []
    for trial in 0..<Self.trials {
      let evaluation = Evaluation(trial: trial, work: work)
      let a = try evaluation.value(first)
      let b = try evaluation.value(second)
      guard a.isFinite, b.isFinite, a.isReal, b.isReal, abs(a.re) > 1e-9, abs(b.re) > 1e-9,
        a.error < 1e-9 * abs(a.re), b.error < 1e-9 * abs(b.re)
      else { continue }
      factors.append(b.re / a.re)
    }
    guard factors.count >= 3 else { return nil }
    let first = factors[0]
    return factors.allSatisfy { abs($0 - first) <= 1e-8 * abs(first) } ? first : nil
  }
}
