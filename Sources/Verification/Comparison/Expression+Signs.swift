extension Expression {
  /// More signs of plus-minus in one answer than this are left as they are.
  private static let mostSigns = 4

  /// The expression with every ± replaced by both its signs, which makes a list of it.
  func expandingSigns(_ work: Work) throws(VerificationFailure) -> Expression {
    guard contains({ if case .sign = $0 { true } else { false } }) else { return self }
    switch self {
    case .list(let parts, let joiner):
      return .list(try Self.flattened(parts, work), joiner)
    case .set(let parts): return .set(try Self.flattened(parts, work))
    case .relation(let operands, let relations) where isEquation:
      let variants = try self.variants(work)
      return variants.count == 1
        ? .relation(operands, relations) : .list(variants, .or)
    default:
      let variants = try self.variants(work)
      return variants.count == 1 ? variants[0] : .list(variants, .or)
    }
  }

  private static func flattened(
    _ parts: [Expression], _ work: Work
  ) throws(VerificationFailure) -> [Expression] {
    var result: [Expression] = []
    for part in parts {
      switch try part.expandingSigns(work) {
      case .list(let variants, .or) where !part.isList: result += variants
      case let expanded: result.append(expanded)
      }
    }
    return result
  }

  private var isList: Bool {
    if case .list = self { return true }
    return false
  }

  /// The values for every choice of signs. With ∓ in it the signs go together, otherwise each goes its
  /// own way.
  private func variants(_ work: Work) throws(VerificationFailure) -> [Expression] {
    var count = 0
    let areJoined = contains { $0 == .sign(flipped: true) }
    countSigns(&count)
    guard count <= Self.mostSigns else { throw .limit }
    let choices = areJoined ? 2 : 1 << count
    var result: [Expression] = []
    for choice in 0..<choices {
      var index = 0
      result.append(try choosing(choice, areJoined, &index, work))
    }
    return result
  }

  private func countSigns(_ count: inout Int) {
    if case .sign = self { count += 1 }
    for child in children { child.countSigns(&count) }
  }

  private func choosing(
    _ choice: Int, _ areJoined: Bool, _ index: inout Int, _ work: Work
  ) throws(VerificationFailure) -> Expression {
    try work.spend()
    if case .sign(let isFlipped) = self {
      let bit = areJoined ? choice & 1 : choice >> index & 1
      index += 1
      return (bit == 1) != isFlipped ? .minusOne : .one
    }
    var position = index
    let result = try mapChildren { (child) throws(VerificationFailure) in
      try child.choosing(choice, areJoined, &position, work)
    }
    index = position
    return result
  }
}
