/// A polynomial with exact coefficients over atoms: symbols, constants and whatever else is not worked
/// out further.
struct Polynomial: Equatable {
  /// Atoms with their exponents, by the atom's number; no exponent is zero.
  typealias Monomial = [Power]

  struct Power: Hashable {
    let atom: Int
    var exponent: Int
  }

  /// More terms than this are refused, and the pair is decided by evaluation.
  static let maximumTerms = 600
  /// Higher exponents are refused, and the pair is decided by evaluation.
  static let maximumExponent = 256

  private(set) var terms: [Monomial: Rational] = [:]

  static let one = Polynomial(.one)

  init() {}

  init(_ value: Rational) {
    if !value.isZero { terms[[]] = value }
  }

  init(atom: Int) { terms[[Power(atom: atom, exponent: 1)]] = .one }

  var isZero: Bool { terms.isEmpty }

  /// The value, when there is no atom in it.
  var constant: Rational? {
    if terms.isEmpty { return .zero }
    return terms.count == 1 ? terms[[]] : nil
  }

  mutating func add(_ value: Rational, _ monomial: Monomial) throws(VerificationFailure) {
    guard let old = terms[monomial] else {
      if !value.isZero { terms[monomial] = value }
      guard terms.count <= Self.maximumTerms else { throw .limit }
      return
    }
    let sum = try old.adding(value)
    terms[monomial] = sum.isZero ? nil : sum
  }

  func adding(_ other: Polynomial, _ work: Work) throws(VerificationFailure) -> Polynomial {
    var result = self
    for (monomial, value) in other.terms {
      try work.spend(1 + value.cost)
      try result.add(value, monomial)
    }
    return result
  }

  func scaled(by factor: Rational) throws(VerificationFailure) -> Polynomial {
    var result = Polynomial()
    for (monomial, value) in terms { result.terms[monomial] = try value.multiplied(by: factor) }
    if factor.isZero { result.terms = [:] }
    return result
  }

  /// The product; powers of atoms whose square (or other power) is known are lowered by `atoms`.
  func multiplied(
    by other: Polynomial, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Polynomial {
    if self == .one { return other }
    if other == .one { return self }
    var result = Polynomial()
    for (left, leftValue) in terms {
      for (right, rightValue) in other.terms {
        try work.spend(2 + leftValue.cost + rightValue.cost)
        let value = try leftValue.multiplied(by: rightValue)
        let (monomial, factor) = try Self.product(left, right, atoms)
        try result.add(try value.multiplied(by: factor), monomial)
      }
    }
    return result
  }

  private static func product(
    _ left: Monomial, _ right: Monomial, _ atoms: AtomTable
  ) throws(VerificationFailure) -> (Monomial, Rational) {
    var merged: Monomial = []
    var factor = Rational.one
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      var power: Power
      if j == right.count || (i < left.count && left[i].atom < right[j].atom) {
        power = left[i]
        i += 1
      } else if i == left.count || right[j].atom < left[i].atom {
        power = right[j]
        j += 1
      } else {
        power = left[i]
        power.exponent += right[j].exponent
        i += 1
        j += 1
        if let (degree, value) = atoms.reduction(of: power.atom), power.exponent >= degree {
          factor = try factor.multiplied(by: value.power(power.exponent / degree))
          power.exponent %= degree
        }
      }
      guard power.exponent <= maximumExponent else { throw .limit }
      if power.exponent > 0 { merged.append(power) }
    }
    return (merged, factor)
  }

  func power(
    _ exponent: Int, _ atoms: AtomTable, _ work: Work
  ) throws(VerificationFailure) -> Polynomial {
    guard exponent <= Self.maximumExponent else { throw .limit }
    var result = Polynomial.one
    for _ in 0..<exponent { result = try result.multiplied(by: self, atoms, work) }
    return result
  }

  /// The coefficients by the power of `atom`, when no other atom occurs; nil otherwise.
  func coefficients(of atom: Int) -> [Rational]? {
    var result: [Rational] = []
    for (monomial, value) in terms {
      guard monomial.count <= 1, monomial.first.map({ $0.atom == atom }) ?? true else { return nil }
      let degree = monomial.first?.exponent ?? 0
      while result.count <= degree { result.append(.zero) }
      result[degree] = value
    }
    return result
  }
}

/// The atoms of the expressions that are compared with each other.
final class AtomTable {
  private var numbers: [Expression: Int] = [:]
  private(set) var atoms: [Expression] = []

  func number(of atom: Expression) -> Int {
    if let known = numbers[atom] { return known }
    numbers[atom] = atoms.count
    atoms.append(atom)
    return atoms.count - 1
  }

  /// The power of an atom that is a number: i^2 = -1, and the square of a root of 2 is 2.
  func reduction(of number: Int) -> (degree: Int, value: Rational)? {
    switch atoms[number] {
    case .constant(.i): (2, Rational(-1))
    case .function(.root, let parts):
      if parts.count == 2, case .number(let radicand) = parts[0],
        case .number(let index) = parts[1], let degree = index.int, degree > 1
      {
        (degree, radicand)
      } else {
        nil
      }
    default: nil
    }
  }

  /// Whether different polynomials in these atoms are different functions: symbols, pi, e and i, and
  /// one square root at most. Of others relations may hold that are not known here.
  var areIndependent: Bool {
    var roots = 0
    for atom in atoms {
      switch atom {
      case .symbol, .constant(.pi), .constant(.i): break
      case .function(.root, let parts):
        guard case .number? = parts.first else { return false }
        roots += 1
      default: return false
      }
    }
    return roots <= 1
  }
}
