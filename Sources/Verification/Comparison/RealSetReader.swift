/// Reads sets of real numbers from intervals, finite sets, set operations and inequalities in one
/// unknown.
struct RealSetReader {
  let work: Work
  /// The unknown of the inequalities read so far.
  private(set) var unknown: Expression?
  /// Ends met so far, so that those that differ by rounding alone count as one.
  private var ends: [Double] = []

  /// More parts than this are no stated answer.
  private static let largestCount = 32

  init(work: Work) { self.work = work }

  /// The set that `expression` is; nil for anything else, such as an interval with unknown ends.
  mutating func set(_ expression: Expression) throws(VerificationFailure) -> RealSet? {
    try work.spend()
    switch expression {
    case .namedSet(.empty): return .empty
    case .namedSet(.reals): return .reals
    case .pair(let low, let high, let leftOpen, let rightOpen):
      guard let low = try end(low), let high = try end(high) else { return nil }
      return RealSet([
        RealSet.Piece(
          low: low, lowClosed: !leftOpen && low > -.infinity, high: high,
          highClosed: !rightOpen && high < .infinity)
      ])
    case .setOperation(let operation, let left, let right):
      guard let a = try set(left), let b = try set(right) else { return nil }
      switch operation {
      case .union: return a.union(b)
      case .intersection: return a.intersection(b)
      case .difference: return a.intersection(b.complement)
      }
    case .set(let parts): return try union(parts)
    case .list(let parts, let joiner):
      guard joiner == .and, parts.allSatisfy(\.isInequality) else { return try union(parts) }
      var result = RealSet.reals
      for part in parts {
        guard let set = try set(part) else { return nil }
        result = result.intersection(set)
      }
      return result
    case .builder(let element, let condition):
      if case .relation(let operands, [.element]) = element {
        guard operands[1] == .namedSet(.reals) else { return nil }
        return try set(condition)
      }
      return try set(condition)
    case .relation(let operands, let relations): return try solutions(operands, relations)
    default: return try end(expression).map(RealSet.point)
    }
  }

  private mutating func union(_ parts: [Expression]) throws(VerificationFailure) -> RealSet? {
    guard parts.count <= Self.largestCount else { return nil }
    var result = RealSet.empty
    for part in parts {
      guard let set = try set(part) else { return nil }
      result = result.union(set)
    }
    return result
  }

  private mutating func end(_ expression: Expression) throws(VerificationFailure) -> Double? {
    guard !expression.hasUnknowns,
      let value = try? Evaluation(trial: 0, work: work).value(expression)
    else { return nil }
    if value.re.isInfinite { return value.re }
    guard value.isFinite, value.isReal else { return nil }
    return RealSet.snapped(value.re, to: &ends)
  }

  // MARK: Inequalities

  private mutating func solutions(
    _ operands: [Expression], _ relations: [Expression.Relation]
  ) throws(VerificationFailure) -> RealSet? {
    if relations == [.element] {
      guard operands[0].isOnlySymbols, adopt(operands[0]) else { return nil }
      return try set(operands[1])
    }
    guard relations.count < Self.largestCount else { return nil }
    guard let name = try theUnknown(of: operands) else { return nil }
    let parts = try operands.map { part throws(VerificationFailure) in
      try part.replacing(name, by: .symbol("x"))
    }
    var result = RealSet.reals
    for (index, relation) in relations.enumerated() {
      guard let set = try solutions(parts[index], relation, parts[index + 1]) else { return nil }
      result = result.intersection(set)
    }
    return result
  }

  /// The one name in `operands`: a symbol, or the value f(x) of a function.
  private mutating func theUnknown(
    of operands: [Expression]
  ) throws(VerificationFailure) -> Expression? {
    var names: [Expression] = []
    for operand in operands { operand.collectUnknowns(into: &names) }
    guard names.count == 1, adopt(names[0]) else { return nil }
    return names[0]
  }

  private mutating func adopt(_ name: Expression) -> Bool {
    guard let unknown else {
      unknown = name
      return true
    }
    return unknown == name
  }

  /// The x for which the relation holds, when the ends of its intervals can be found.
  private mutating func solutions(
    _ left: Expression, _ relation: Expression.Relation, _ right: Expression
  ) throws(VerificationFailure) -> RealSet? {
    let isRelation: (Double) -> Bool
    switch relation {
    case .equal: isRelation = { $0 == 0 }
    case .notEqual: isRelation = { $0 != 0 }
    case .less: isRelation = { $0 < 0 }
    case .lessOrEqual: isRelation = { $0 <= 0 }
    case .greater: isRelation = { $0 > 0 }
    case .greaterOrEqual: isRelation = { $0 >= 0 }
    default: return nil
    }
    // The side may be infinite: x < ∞.
    for (side, other) in [(left, right), (right, left)] where !side.hasUnknowns {
      if let value = try end(side), value.isInfinite {
        guard other.hasUnknowns else { return nil }
        let difference = other == right ? value : -value
        return isRelation(difference) ? .reals : .empty
      }
    }
    let difference = Expression.difference(left, right)
    guard var breaks = try breaks(of: difference) else { return nil }
    breaks.sort()
    var pieces: [RealSet.Piece] = []
    func holds(_ x: Double) throws(VerificationFailure) -> Bool {
      let value = try Evaluation(trial: 0, work: work, fixed: ["x": x]).value(difference)
      guard value.isFinite, value.isReal else { return false }
      let isZero = abs(value.re) <= 1e-9 * max(1, abs(x)) + 64 * value.error
      return isRelation(isZero ? 0 : value.re)
    }
    var low = -Double.infinity
    for end in breaks + [.infinity] {
      let middle =
        low.isInfinite && end.isInfinite
        ? 0 : low.isInfinite ? end - 1 : end.isInfinite ? low + 1 : (low + end) / 2
      if try holds(middle) {
        pieces.append(RealSet.Piece(low: low, lowClosed: false, high: end, highClosed: false))
      }
      if end.isFinite, try holds(end) {
        pieces.append(RealSet.Piece(low: end, lowClosed: true, high: end, highClosed: true))
      }
      low = end
    }
    return RealSet(pieces)
  }

  /// Where the sign of an expression in x may change; nil when that cannot be said.
  private mutating func breaks(
    of difference: Expression
  ) throws(VerificationFailure) -> [Double]? {
    // |u| is u or -u: the changes of both are those of the whole.
    var variants = [difference]
    while let index = variants.firstIndex(where: { $0.firstAbsolute != nil }) {
      guard variants.count <= 8, let absolute = variants[index].firstAbsolute,
        case .function(_, let parts) = absolute, let inner = parts.first
      else { return nil }
      let whole = variants.remove(at: index)
      variants.append(try whole.replacing(absolute, by: inner))
      variants.append(try whole.replacing(absolute, by: .negated(inner)))
    }
    var result: [Double] = []
    for variant in variants {
      let atoms = AtomTable()
      let x = atoms.number(of: .symbol("x"))
      guard let fraction = try? Fraction(variant, atoms, work) else { return nil }
      for polynomial in [fraction.top, fraction.bottom] {
        guard let roots = try realRoots(polynomial, x, atoms) else { return nil }
        for root in roots {
          let end = RealSet.snapped(root, to: &ends)
          if !result.contains(end) { result.append(end) }
        }
      }
    }
    return result
  }

  /// The real roots of a polynomial of degree two at most in the atom `x`, whose coefficients may have
  /// roots and pi in them.
  private func realRoots(
    _ polynomial: Polynomial, _ x: Int, _ atoms: AtomTable
  ) throws(VerificationFailure) -> [Double]? {
    var coefficients = [Double](repeating: 0, count: 3)
    for (monomial, value) in polynomial.terms {
      var degree = 0
      var factor = value.double
      for power in monomial {
        if power.atom == x {
          degree = power.exponent
        } else {
          let atom = atoms.atoms[power.atom]
          guard !atom.hasUnknowns, let value = try? Evaluation(trial: 0, work: work).value(atom),
            value.isReal, value.isFinite
          else { return nil }
          factor *= value.power(Complex(Double(power.exponent), 0, error: 0)).re
        }
      }
      guard degree <= 2 else { return nil }
      coefficients[degree] += factor
    }
    let (c, b, a) = (coefficients[0], coefficients[1], coefficients[2])
    if a == 0 { return b == 0 ? [] : [-c / b] }
    let discriminant = b * b - 4 * a * c
    if discriminant < 0 { return [] }
    let root = discriminant.squareRoot()
    return root == 0 ? [-b / (2 * a)] : [(-b - root) / (2 * a), (-b + root) / (2 * a)]
  }
}

extension Expression {
  /// Symbols and values of unknown functions, each once.
  func collectUnknowns(into names: inout [Expression]) {
    switch self {
    case .symbol, .application, .text:
      if !names.contains(self) { names.append(self) }
    default: for child in children { child.collectUnknowns(into: &names) }
    }
  }

  /// The expression with every occurrence of `part` replaced.
  func replacing(
    _ part: Expression, by other: Expression
  ) throws(VerificationFailure) -> Expression {
    if self == part { return other }
    return try mapChildren { (child) throws(VerificationFailure) in
      try child.replacing(part, by: other)
    }
  }

  /// An absolute value with an unknown in it, that has no other inside.
  var firstAbsolute: Expression? {
    for child in children {
      if let found = child.firstAbsolute { return found }
    }
    if case .function(.abs, _) = self, hasUnknowns { return self }
    return nil
  }

  /// A relation other than an equation.
  var isInequality: Bool {
    guard case .relation(_, let relations) = self else { return false }
    return relations.contains {
      switch $0 {
      case .less, .lessOrEqual, .greater, .greaterOrEqual, .notEqual: true
      default: false
      }
    }
  }

  /// An equation, or a chain of them.
  var isEquation: Bool {
    guard case .relation(_, let relations) = self else { return false }
    return relations.allSatisfy { $0 == .equal || $0 == .element || $0 == .congruent }
  }

  /// A name rather than a value: x, AB, A/S, f(x), (x, y).
  var isOnlySymbols: Bool {
    switch self {
    case .symbol, .constant(.e), .constant(.i), .text: true
    case .application: true
    case .product(let parts), .sum(let parts), .function(_, let parts), .tuple(let parts),
      .ratio(let parts), .list(let parts, _), .set(let parts):
      !parts.isEmpty && parts.allSatisfy(\.isOnlySymbols)
    case .pair(let a, let b, _, _): a.isOnlySymbols && b.isOnlySymbols
    case .power(let base, .number(let exponent)): exponent == Rational(-1) && base.isOnlySymbols
    case .degrees(let value): value.isOnlySymbols
    default: false
    }
  }
}
