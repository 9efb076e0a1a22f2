/// DAPO's dynamic sampling (arXiv 2503.14476, section 3.2): only groups with right and wrong answers
/// are kept, and further prompts are rolled out until there are enough of them.
public struct DynamicSampling: PromptSelection {
  /// Rounds of rollouts after which the step trains on what it has.
  public let maximumRounds: Int?

  /// A selection that rolls out at most `maximumRounds` times.
  public init(maximumRounds: Int) { self.maximumRounds = maximumRounds }

  /// The groups with 0 < number of right answers < n. Outcomes decide, not shaped rewards.
  public func keptGroups(in batch: GroupBatch) -> [Int] {
    batch.groups.filter { group in
      let right = group.rows.count { batch.correct[$0] }
      return 0 < right && right < group.rows.count
    }.map(\.id)
  }
}
