/// Which of the rolled-out groups a step trains on.
public protocol PromptSelection: Sendable {
  /// How many times further prompts are rolled out until a step has the groups it wants; nil for a
  /// selection that takes what the first round gives.
  var maximumRounds: Int? { get }
  /// The ids of the kept groups in the order of first appearance.
  func keptGroups(in batch: GroupBatch) -> [Int]
}

extension PromptSelection {
  /// `[B]` whether a row belongs to a kept group.
  public func keptRows(in batch: GroupBatch) -> [Bool] {
    let kept = Set(keptGroups(in: batch))
    return batch.groupIDs.map(kept.contains)
  }
}

/// Every group is trained on.
public struct AllPrompts: PromptSelection {
  /// The default selection.
  public init() {}
  /// One round.
  public var maximumRounds: Int? { nil }
  /// All groups.
  public func keptGroups(in batch: GroupBatch) -> [Int] { batch.groups.map(\.id) }
}
