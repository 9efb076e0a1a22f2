/// Decides whether an answer says the same as the gold answer, for all kinds of answers.
///
/// The rules follow Math-Verify: the gold answer's form decides. A gold value is met by `x = value`; a
/// gold assignment by its value alone; a list without order by the same elements in any order; an open
/// interval and a pair are one thing on paper.
struct AnswerComparison {
  let options: VerifierOptions
  let work: Work
  /// Both answers are bare text, where the order of a list counts.
  var listsAreOrdered = false

  private static let largestList = 64

  private var scalars: ScalarComparison {
    ScalarComparison(decimalPlaces: min(max(options.decimalPlaces, 0), 50), work: work)
  }

  /// Whether `answer` meets `gold`, both with their signs of plus-minus in them.
  func matches(gold: Expression, answer: Expression) throws(VerificationFailure) -> Bool {
    let (gold, answer) = Expression.withMatchedCase(gold, answer)
    return try areEqual(gold.expandingSigns(work), answer.expandingSigns(work))
  }

  private func areEqual(_ gold: Expression, _ answer: Expression) throws(VerificationFailure)
    -> Bool
  {
    try work.spend()
    if gold == answer { return true }
    // Statements about x and about z differ, whatever they say.
    if let name = gold.subject, let other = answer.subject, name != other { return false }
    let (gold, answer) = unwrapped(gold, answer)
    if gold == answer { return true }
    if let decided = try labels(gold, answer) { return decided }
    if let decided = words(gold, answer) { return decided }
    if gold.isRelation, answer.isRelation { return try relations(gold, answer) }
    if gold.isMatrix || answer.isMatrix { return try matrices(gold, answer) }
    if gold.isCollection || answer.isCollection { return try collections(gold, answer) }
    if gold.isRelation || answer.isRelation { return false }
    if !gold.hasUnknowns, let number = answer.withoutUnitLetter {
      return try scalars.areEqual(gold.withoutDegrees, number)
    }
    return try scalars.areEqual(gold.withoutDegrees, answer.withoutDegrees)
  }

  // MARK: Assignments

  /// The sides of equations that are to be compared.
  private func unwrapped(_ gold: Expression, _ answer: Expression) -> (Expression, Expression) {
    var (gold, answer) = (gold, answer)
    if answer.isEquation != gold.isEquation {
      if answer.isEquation, let value = answer.lastOperand {
        answer = value
      } else if gold.isAssignment, let value = gold.lastOperand {
        gold = value
      }
    }
    // 2 (mod 5) and 2: the modulus may be left out.
    switch (gold.residue, answer.residue) {
    case (let residue?, nil): return (residue, answer)
    case (nil, let residue?): return (gold, residue)
    default: return (gold, answer)
    }
  }

  private func labels(_ gold: Expression, _ answer: Expression) throws(VerificationFailure) -> Bool?
  {
    switch (gold, answer) {
    case (.labelled(let left, let a), .labelled(let right, let b)):
      guard left == right else { return false }
      return try areEqual(a, b)
    case (.labelled(let label, let value), _):
      if let letter = ChoiceLetter.alone(answer) { return letter == label }
      return try areEqual(value, answer)
    case (_, .labelled(let label, let value)):
      if let letter = ChoiceLetter.alone(gold) { return letter == label }
      return try areEqual(gold, value)
    default: return nil
    }
  }

  /// A decision where one side is words.
  private func words(_ gold: Expression, _ answer: Expression) -> Bool? {
    guard gold.isText || answer.isText else {
      if let left = gold.letters, let right = answer.letters, left.count > 1 || right.count > 1,
        left == right
      {
        return true
      }
      if case .constant(.e) = gold, answer == .symbol("E") { return true }
      return nil
    }
    guard let left = gold.letters, let right = answer.letters else { return false }
    return !left.isEmpty && left == right
  }

  // MARK: Relations

  private func relations(_ gold: Expression, _ answer: Expression) throws(VerificationFailure)
    -> Bool
  {
    guard case .relation(let left, let leftRelations) = gold,
      case .relation(let right, let rightRelations) = answer
    else { return false }
    if gold.isAssignment, answer.isAssignment, let a = left.last, let b = right.last {
      // f(x) = x^2 and f(t) = t^2 define the same function.
      let renamed = try renamedArgument(of: right[0], as: left[0], in: b)
      var namesAgree = renamed != nil
      if !namesAgree { namesAgree = try areEqual(left[0], right[0]) }
      if namesAgree, try areEqual(a, renamed ?? b) { return true }
    }
    if leftRelations.count == rightRelations.count {
      if try chains(left, leftRelations, right, rightRelations) { return true }
      let reversed = rightRelations.reversed().map(\.flipped)
      if try chains(left, leftRelations, right.reversed(), reversed) { return true }
    } else if gold.isAssignment, answer.isAssignment {
      return false
    }
    guard gold.isInequality || answer.isInequality else { return false }
    return try sets(gold, answer) ?? false
  }

  /// `value` with the argument of the function `name` called as it is in `wanted`; nil when the two are
  /// not the same function of one name each.
  private func renamedArgument(
    of name: Expression, as wanted: Expression, in value: Expression
  ) throws(VerificationFailure) -> Expression? {
    guard case .application(let function, let arguments) = name,
      case .application(let other, let others) = wanted, function == other, arguments.count == 1,
      others.count == 1, case .symbol = arguments[0], case .symbol = others[0],
      arguments != others, !value.contains({ $0 == others[0] })
    else { return nil }
    return try value.replacing(arguments[0], by: others[0])
  }

  private func chains(
    _ left: [Expression], _ leftRelations: [Expression.Relation], _ right: [Expression],
    _ rightRelations: [Expression.Relation]
  ) throws(VerificationFailure) -> Bool {
    for index in leftRelations.indices {
      let isSame = try equivalent(
        left[index], leftRelations[index], left[index + 1], right[index], rightRelations[index],
        right[index + 1])
      guard isSame else { return false }
    }
    return true
  }

  /// Whether two relations of two sides each say the same: their differences are a constant multiple
  /// of each other, positive where the direction matters.
  private func equivalent(
    _ a: Expression, _ first: Expression.Relation, _ b: Expression, _ c: Expression,
    _ second: Expression.Relation, _ d: Expression
  ) throws(VerificationFailure) -> Bool {
    if first == second, try sidesAreEqual(a, c), try sidesAreEqual(b, d) { return true }
    if first == second.flipped, try sidesAreEqual(a, d), try sidesAreEqual(b, c) { return true }
    guard [a, b, c, d].allSatisfy(\.isScalar) else { return false }
    if first == second, first == .equal || first == .notEqual,
      try Proportion(work: work).haveSameZeros(.difference(a, b), .difference(c, d))
    {
      return true
    }
    let factor = try Proportion(work: work).factor(
      from: .difference(a, b), to: .difference(c, d))
    guard let factor else { return false }
    switch first {
    case .equal, .notEqual: return first == second
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return second == (factor > 0 ? first : first.flipped)
    default: return false
    }
  }

  private func sidesAreEqual(_ a: Expression, _ b: Expression) throws(VerificationFailure) -> Bool {
    if a == b { return true }
    return try areEqual(a, b)
  }

  // MARK: Matrices

  private func matrices(_ gold: Expression, _ answer: Expression) throws(VerificationFailure)
    -> Bool
  {
    if case .set(let parts) = gold, parts.count == 1 { return try areEqual(parts[0], answer) }
    if case .set(let parts) = answer, parts.count == 1 { return try areEqual(gold, parts[0]) }
    let reader = MatrixReader(work: work)
    guard let left = try reader.matrix(gold), let right = try reader.matrix(answer),
      left.count == right.count, left[0].count == right[0].count
    else { return false }
    for (leftRow, rightRow) in zip(left, right) {
      for (a, b) in zip(leftRow, rightRow) {
        guard try areEqual(a, b) else { return false }
      }
    }
    return true
  }

  // MARK: Collections

  private func collections(
    _ gold: Expression, _ answer: Expression
  ) throws(VerificationFailure) -> Bool {
    if gold.isRelation || answer.isRelation {
      // Math-Verify accepts a set for a gold inequality, and the reverse only when asked to.
      guard gold.isRelation || options.acceptsRelationsForSets else { return false }
      return try sets(gold, answer) ?? false
    }
    if case .pair(let a, let b, let leftOpen, let rightOpen) = gold,
      case .pair(let c, let d, let otherLeft, let otherRight) = answer
    {
      guard try areEqual(a, c), try areEqual(b, d) else { return false }
      if leftOpen == otherLeft, rightOpen == otherRight { return true }
      // [3, 1] is no interval.
      return isDescending(a, b)
    }
    if let left = gold.finiteElements, let right = answer.finiteElements {
      let isOrdered: Bool =
        switch (gold, answer) {
        case (.list, .list): listsAreOrdered
        case (.tuple, _), (.pair, _): true
        default: false
        }
      if try isOrdered ? inOrder(left, right) : inAnyOrder(left, right) { return true }
      // Only inequalities may still say the same together.
      guard (left + right).contains(where: \.isInequality) else { return false }
    }
    return try sets(gold, answer) ?? false
  }

  private func isDescending(_ low: Expression, _ high: Expression) -> Bool {
    guard !low.hasUnknowns, !high.hasUnknowns,
      let a = try? Evaluation(trial: 0, work: work).value(low),
      let b = try? Evaluation(trial: 0, work: work).value(high)
    else { return false }
    return a.re > b.re
  }

  private func inOrder(
    _ gold: [Expression], _ answer: [Expression]
  ) throws(VerificationFailure) -> Bool {
    guard gold.count == answer.count else { return false }
    for (a, b) in zip(gold, answer) {
      guard try areEqual(a, b) else { return false }
    }
    return true
  }

  private func inAnyOrder(
    _ gold: [Expression], _ answer: [Expression]
  ) throws(VerificationFailure) -> Bool {
    let wanted = gold.uniqued
    var left = answer.uniqued
    guard wanted.count == left.count else { return false }
    guard wanted.count <= Self.largestList else { return wanted == left }
    for element in wanted {
      var found: Int?
      for (index, candidate) in left.enumerated() where found == nil {
        if try areEqual(element, candidate) { found = index }
      }
      guard let found else { return false }
      left.remove(at: found)
    }
    return true
  }

  /// Compares as sets of real numbers; nil when one is none.
  private func sets(_ gold: Expression, _ answer: Expression) throws(VerificationFailure) -> Bool? {
    var reader = RealSetReader(work: work)
    if let left = try reader.set(gold), let right = try reader.set(answer) {
      return left.isEqual(to: right)
    }
    return try symbolicSets(gold, answer)
  }

  /// Set operations on sets with unknown ends: the same operation on the same operands.
  private func symbolicSets(
    _ gold: Expression, _ answer: Expression
  ) throws(VerificationFailure) -> Bool? {
    switch (gold, answer) {
    case (.setOperation(let operation, let a, let b), .setOperation(let other, let c, let d)):
      guard operation == other else { return false }
      if try areEqual(a, c), try areEqual(b, d) { return true }
      guard operation != .difference else { return false }
      guard try areEqual(a, d) else { return false }
      return try areEqual(b, c)
    case (.builder(let a, let b), .builder(let c, let d)):
      guard try areEqual(a, c) else { return false }
      return try areEqual(b, d)
    default: return nil
    }
  }
}

extension Array where Element: Hashable {
  /// The elements without later repetitions.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
