extension Expression {
  var isRelation: Bool {
    if case .relation = self { return true }
    return false
  }

  var isText: Bool {
    if case .text = self { return true }
    return false
  }

  var isMatrix: Bool {
    switch self {
    case .matrix: true
    case .sum(let parts), .product(let parts): parts.contains(where: \.isMatrix)
    case .power(let base, _): base.isMatrix
    default: false
    }
  }

  var isCollection: Bool {
    switch self {
    case .list, .tuple, .set, .pair, .setOperation, .namedSet, .builder: true
    default: false
    }
  }

  /// Neither words nor a collection, relation or matrix.
  var isScalar: Bool { !isRelation && !isText && !isMatrix && !isCollection }

  /// The elements of a finite collection, a single value being one.
  var finiteElements: [Expression]? {
    switch self {
    case .list(let parts, _), .tuple(let parts), .set(let parts): parts
    // As Math-Verify has it, brackets of an interval are no pair, parentheses are.
    case .pair(let a, let b, true, true): [a, b]
    case .pair, .setOperation, .namedSet, .builder, .relation: nil
    default: [self]
    }
  }

  var lastOperand: Expression? {
    guard case .relation(let operands, _) = self else { return nil }
    return operands.last
  }

  /// An equation whose first side is a name.
  var isAssignment: Bool {
    guard isEquation, case .relation(let operands, _) = self else { return false }
    return operands[0].isOnlySymbols
  }

  /// Degrees count only inside of functions of angles.
  var withoutDegrees: Expression {
    switch self {
    case .degrees(let value): value.withoutDegrees
    case .product(let parts) where parts.count == 2 && parts[0] == .minusOne:
      .negated(parts[1].withoutDegrees)
    default: self
    }
  }

  /// The one name that relations give values to: x in x = 5, in 1 < x < 2, and in x = 1 or x = 2.
  var subject: String? {
    switch self {
    case .relation(let operands, _):
      var names: [Expression] = []
      for operand in operands { operand.collectUnknowns(into: &names) }
      guard names.count == 1, case .symbol(let name) = names[0] else { return nil }
      return name
    case .list(let parts, _):
      guard let first = parts.first?.subject, parts.allSatisfy({ $0.subject == first }) else {
        return nil
      }
      return first
    default: return nil
    }
  }

  /// What stands before (mod m).
  var residue: Expression? {
    guard case .application(let name, let parts) = self, name == "mod", parts.count == 2
    else { return nil }
    return parts[0]
  }

  /// Letters that are units of measurement after a number.
  private static let unitLetters: Set<String> = ["m", "g", "s", "h", "l"]

  /// The number before a letter that may be its unit: 30 m.
  var withoutUnitLetter: Expression? {
    guard case .product(let parts) = self, parts.count >= 2, case .symbol(let name)? = parts.last,
      Self.unitLetters.contains(name), !parts.dropLast().contains(where: \.hasUnknowns)
    else { return nil }
    return parts.count == 2 ? parts[0] : .product(Array(parts.dropLast()))
  }

  /// The letters and digits of words, or of a product of names, in lower case; nil for other things.
  var letters: String? {
    switch self {
    case .text(let text):
      return String(text.lowercased().filter { $0.isLetter || $0.isNumber })
    case .symbol(let name): return name.lowercased()
    case .constant(.e): return "e"
    case .constant(.i): return "i"
    case .number(let value): return value.isInteger ? value.numerator.description : nil
    case .product(let parts):
      var joined = ""
      for part in parts {
        switch part {
        case .symbol, .constant(.e), .constant(.i): joined += part.letters ?? ""
        default: return nil
        }
      }
      return joined
    default: return nil
    }
  }

  /// Both expressions with names in lower case, unless one of them uses both cases of a letter.
  static func withMatchedCase(_ a: Expression, _ b: Expression) -> (Expression, Expression) {
    func clashes(_ expression: Expression) -> Bool {
      var names: Set<String> = []
      expression.collectNames(into: &names)
      return Set(names.map { $0.lowercased() }).count < names.count
    }
    guard !clashes(a), !clashes(b) else { return (a, b) }
    return (a.lowercasedNames, b.lowercasedNames)
  }

  private func collectNames(into names: inout Set<String>) {
    if case .symbol(let name) = self { names.insert(name) }
    for child in children { child.collectNames(into: &names) }
  }

  private var lowercasedNames: Expression {
    if case .symbol(let name) = self {
      return .symbol(name.lowercased())
    }
    return (try? mapChildren { $0.lowercasedNames }) ?? self
  }
}
