import Foundation

/// Evaluates expressions at pseudo-random points that the names of the symbols decide, so that both
/// sides of a comparison see the same point and every run the same ones.
struct Evaluation {
  /// Which point; even ones have positive coordinates only.
  let trial: Int
  let work: Work
  /// Values given to symbols beforehand.
  var fixed: [String: Double] = [:]

  func value(_ expression: Expression) throws(VerificationFailure) -> Complex {
    try work.spend(2)
    switch expression {
    case .number(let value), .decimal(let value): return Complex(value.double)
    case .constant(.pi): return Complex(.pi)
    case .constant(.e): return Complex(M_E)
    case .constant(.i): return .i
    case .constant(.infinity): return Complex(.infinity)
    case .symbol(let name): return Complex(fixed[name] ?? coordinate(name), 0, error: 0)
    case .text(let text): return Complex(coordinate(text.lowercased()), 0, error: 0)
    case .sum(let terms):
      var sum = Complex(0)
      for term in terms { sum = sum + (try value(term)) }
      return sum
    case .product(let factors):
      var product = Complex(1, 0, error: 0)
      for factor in factors { product = product * (try value(factor)) }
      return product
    case .power(let base, let exponent): return try power(base, exponent)
    case .percent(let inner): return try value(inner).scaled(by: 0.01)
    case .degrees(let inner): return try value(inner)
    case .ratio(let parts):
      guard parts.count == 2 else { throw .malformed("a ratio of several numbers") }
      return try value(parts[0]) * value(parts[1]).inverse
    case .based:
      return Complex(try Fraction(expression, AtomTable(), work).constant?.double ?? .nan)
    case .function(let function, let arguments): return try self.function(function, arguments)
    case .application(let name, let arguments): return try application(name, arguments)
    default: throw .malformed("no scalar")
    }
  }

  private func power(
    _ base: Expression, _ exponent: Expression
  ) throws(VerificationFailure) -> Complex {
    let value = try self.value(base)
    // A rational exponent of a negative number: the real root where there is one.
    if value.isReal, value.re < 0,
      let fraction = try Fraction(exponent, AtomTable(), work).constant, !fraction.isInteger,
      let index = fraction.denominator.int, index % 2 == 1, index < 64,
      let times = fraction.numerator.int, abs(times) <= 64
    {
      return value.root(index).power(Complex(Double(times), 0, error: 0))
    }
    return value.power(try self.value(exponent))
  }

  // MARK: Points

  /// FNV-1a, 64 bits.
  private static func hash(_ text: String, _ salt: Int) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: salt &* 0x9E37)
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    // The finaliser of SplitMix64, so that neighbouring salts give unrelated values.
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }

  /// In [0, 1).
  private static func uniform(_ text: String, _ salt: Int) -> Double {
    Double(hash(text, salt) >> 11) * 0x1p-53
  }

  private func coordinate(_ name: String) -> Double {
    // Neither near zero nor large, so that powers stay in range.
    let size = 0.3 + 2 * Self.uniform(name, trial)
    return trial % 2 == 1 && Self.uniform(name, trial + 1000) < 0.5 ? -size : size
  }

  /// A smooth function of its arguments that the name decides: equal arguments give equal values.
  private func application(
    _ name: String, _ arguments: [Expression]
  ) throws(VerificationFailure) -> Complex {
    if name == "sum" || name == "prod", let value = try series(name, arguments) { return value }
    var angle = Complex(Self.uniform(name, 1) * 6)
    for (index, argument) in arguments.enumerated() {
      let weight = 0.5 + Self.uniform(name, 2 + index)
      angle = angle + (try structure(argument)).scaled(by: weight)
    }
    return angle.sine + Complex(2 + Self.uniform(name, 0))
  }

  /// A number for any expression, for the arguments of functions that are not known.
  private func structure(_ expression: Expression) throws(VerificationFailure) -> Complex {
    switch expression {
    case .relation(let operands, let relations):
      return try application("relation \(relations)", operands)
    case .list(let parts, _), .tuple(let parts), .set(let parts):
      return try application("list", parts)
    case .pair(let a, let b, let left, let right):
      return try application("pair \(left) \(right)", [a, b])
    case .matrix(let rows): return try application("matrix \(rows.count)", rows.flatMap { $0 })
    case .constant(.infinity): return Complex(Self.uniform("infinity", trial))
    case .namedSet(let set): return Complex(Self.uniform(set.rawValue, trial))
    case .setOperation(let operation, let a, let b): return try application("\(operation)", [a, b])
    case .builder(let a, let b): return try application("builder", [a, b])
    case .labelled(let label, let inner): return try application(label, [inner])
    case .sign: return Complex(Self.uniform("sign", trial))
    default: return try value(expression)
    }
  }

  /// More terms than this are not added up.
  private static let mostTerms = 1000

  /// A sum or product over whole numbers between two of them; nil for any other.
  private func series(
    _ name: String, _ arguments: [Expression]
  ) throws(VerificationFailure) -> Complex? {
    guard arguments.count == 3,
      let low = arguments.first(where: { $0.isBound("from") })?.children.first,
      let high = arguments.first(where: { $0.isBound("to") })?.children.first,
      let body = arguments.last,
      case .relation(let sides, [.equal]) = low, sides.count == 2,
      let index = sides[0].boundName,
      let first = try whole(sides[1]), let last = try whole(high), last >= first - 1,
      last < first + Self.mostTerms
    else { return nil }
    var result = name == "sum" ? Complex(0) : Complex(1)
    var evaluation = self
    // The index i is read as the imaginary unit elsewhere.
    let term = try body.replacing(sides[0], by: .symbol(index))
    for step in first..<(last + 1) {
      evaluation.fixed[index] = Double(step)
      let value = try evaluation.value(term)
      result = name == "sum" ? result + value : result * value
    }
    return result
  }

  /// The value as a whole number, when it is one of moderate size.
  private func whole(_ expression: Expression) throws(VerificationFailure) -> Int? {
    let value = try self.value(expression)
    guard value.isFinite, value.isReal, abs(value.re) < 1e6, value.re == value.re.rounded() else {
      return nil
    }
    return Int(value.re)
  }

  /// Gives whole numbers to the names in bounds of sums and products, as they stand for such.
  mutating func fixBounds(of expression: Expression) {
    var names: [Expression] = []
    expression.collectBounds(into: &names)
    for case .symbol(let name) in names { fixed[name] = Double(trial + 1) }
  }

  // MARK: Functions

  private func function(
    _ function: Expression.Function, _ arguments: [Expression]
  ) throws(VerificationFailure) -> Complex {
    guard let first = arguments.first else { throw .malformed("a function of nothing") }
    var x = try value(first)
    if function.isTrigonometric, case .degrees = first { x = x.scaled(by: .pi / 180) }
    switch function {
    case .sin: return x.sine
    case .cos: return x.cosine
    case .tan: return x.sine * x.cosine.inverse
    case .cot: return x.cosine * x.sine.inverse
    case .sec: return x.cosine.inverse
    case .csc: return x.sine.inverse
    case .arcsin: return x.arcsine
    case .arccos: return Complex(.pi / 2) + x.arcsine.scaled(by: -1)
    case .arctan: return x.arctangent
    case .arccot: return Complex(.pi / 2) + x.arctangent.scaled(by: -1)
    case .arcsec: return Complex(.pi / 2) + x.inverse.arcsine.scaled(by: -1)
    case .arccsc: return x.inverse.arcsine
    case .sinh: return (x.exponential + x.exponential.inverse.scaled(by: -1)).scaled(by: 0.5)
    case .cosh: return (x.exponential + x.exponential.inverse).scaled(by: 0.5)
    case .tanh, .coth, .sech, .csch:
      let sinh = (x.exponential + x.exponential.inverse.scaled(by: -1)).scaled(by: 0.5)
      let cosh = (x.exponential + x.exponential.inverse).scaled(by: 0.5)
      switch function {
      case .tanh: return sinh * cosh.inverse
      case .coth: return cosh * sinh.inverse
      case .sech: return cosh.inverse
      default: return sinh.inverse
      }
    case .exp: return x.exponential
    case .ln: return x.logarithm
    case .log:
      guard arguments.count == 2 else { return x.logarithm }
      return x.logarithm * (try value(arguments[1])).logarithm.inverse
    case .root:
      guard arguments.count == 2 else { return x.root(2) }
      if case .number(let index) = arguments[1], let degree = index.int, (1...64).contains(degree) {
        return x.root(degree)
      }
      return x.power(try value(arguments[1]).inverse)
    case .abs: return Complex(x.magnitude, 0, error: x.error)
    case .floor, .ceil:
      guard x.isReal else { return .nan }
      let near = x.re.rounded()
      if abs(x.re - near) <= max(x.error * 8, 1e-12) { return Complex(near, 0, error: 0) }
      return Complex(function == .floor ? x.re.rounded(.down) : x.re.rounded(.up), 0, error: 0)
    case .factorial:
      guard x.isReal, x.re > -0.5, x.re < 170 else { return .nan }
      let value = tgamma(x.re + 1)
      return Complex(value, 0, error: value * (1e-13 + x.error * 8))
    case .binomial:
      guard arguments.count == 2 else { return .nan }
      let y = try value(arguments[1])
      return try ratioOfGammas(x, y)
    case .gcd, .lcm, .mod:
      // Rational arguments were decided exactly before.
      return try application(function.rawValue, arguments)
    case .max, .min:
      var values = [x]
      for argument in arguments.dropFirst() { values.append(try value(argument)) }
      guard values.allSatisfy(\.isReal) else { return .nan }
      let sorted = values.sorted { $0.re < $1.re }
      return function == .max ? sorted[sorted.count - 1] : sorted[0]
    case .conjugate: return Complex(x.re, -x.im, error: x.error)
    case .re: return Complex(x.re, 0, error: x.error)
    case .im: return Complex(x.im, 0, error: x.error)
    case .arg: return Complex(x.logarithm.im, 0, error: x.error)
    case .sign: return Complex(x.re > 0 ? 1 : x.re < 0 ? -1 : 0, 0, error: 0)
    }
  }

  private func ratioOfGammas(_ n: Complex, _ k: Complex) throws(VerificationFailure) -> Complex {
    guard n.isReal, k.isReal, n.re < 160, k.re > -0.5, n.re - k.re > -0.5 else { return .nan }
    let value = tgamma(n.re + 1) / (tgamma(k.re + 1) * tgamma(n.re - k.re + 1))
    return Complex(value, 0, error: value * 1e-12)
  }
}

extension Expression {
  /// A bound of a sum, as the parser marks it.
  fileprivate func isBound(_ mark: String) -> Bool {
    guard case .application(let name, _) = self else { return false }
    return name == mark
  }

  /// The names in the bounds of sums and products.
  fileprivate func collectBounds(into names: inout [Expression]) {
    if isBound("to") || isBound("from") {
      // The index itself is no bound.
      if case .relation(let sides, _)? = children.first {
        sides.last?.collectUnknowns(into: &names)
      } else {
        children.first?.collectUnknowns(into: &names)
      }
    }
    for child in children { child.collectBounds(into: &names) }
  }

  /// The name of an index of summation.
  fileprivate var boundName: String? {
    switch self {
    case .symbol(let name): name
    case .constant(.i): "index i"
    default: nil
    }
  }
}
