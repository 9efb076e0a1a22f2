import Foundation
import PolicyOptimization
import Rollouts

extension PolicyTrainer {
  /// What sets each completion apart from the others of its group, for DaGRPO. An expert's solution is
  /// like nothing but itself: 1.
  ///
  /// - Throws: `TrainingError` when a scoring program fails again and again.
  func distinctness(
    of groups: [RolloutGroup], by scorer: DistinctnessScorer, in batch: GroupBatch
  ) throws -> RewardValues {
    switch scorer {
    case .command:
      var scores = try distinctnessScorer?.score(rewardInputs(groups)) ?? RewardValues([])
      scores.values = zip(scores.values, anchorMarks(groups)).map { $1 ? 1 : $0 }
      return scores
    case .editSimilarity: return RewardValues(similarities(groups, TokenSimilarity.edit))
    case .tokenOverlap: return RewardValues(similarities(groups, TokenSimilarity.overlap))
    case .logProbability:
      return RewardValues(
        zip(groups.flatMap(\.completions), anchorMarks(groups)).map { completion, isAnchor in
          isAnchor ? 1 : Self.meanProbability(completion.trajectory)
        })
    case .prefixPreference:
      return RewardValues(
        zip(batch.groupIDs.indices, anchorMarks(groups)).map { row, isAnchor in
          isAnchor ? 1 : batch.preferences.flatMap { Self.finalValue($0, row: row) }
        })
    }
  }

  /// The similarity of each completion to the best of its group.
  private func similarities(
    _ groups: [RolloutGroup], _ similarity: ([Int], [Int]) -> Double
  ) -> [Double?] {
    groups.flatMap { group in
      let ids = group.completions.map(\.trajectory.completionIDs)
      let scores = group.completions.map(\.verdict.score)
      let best = scores.firstIndex(of: scores.max() ?? 0) ?? 0
      return ids.indices.map { row in
        row == best || group.isAnchor(row) ? 1 : similarity(ids[row], ids[best])
      }
    }
  }

  /// exp of the mean log-probability of the tokens; nil for none.
  private static func meanProbability(_ trajectory: Trajectory) -> Double? {
    let values = trajectory.logProbabilities.map(Double.init)
    return values.isEmpty ? nil : exp(values.reduce(0, +) / Double(values.count))
  }

  /// The value of the whole solution, or the mean preference for each of its steps over none; nil for a
  /// solution with nothing to judge.
  private static func finalValue(_ preferences: PrefixPreferences, row: Int) -> Double? {
    if let values = preferences.values { return values[row].last }
    let steps = preferences.newOverOld?[row] ?? []
    return steps.isEmpty ? nil : steps.reduce(0, +) / Double(steps.count)
  }

  /// Whether a row is an expert's solution, row by row.
  func anchorMarks(_ groups: [RolloutGroup]) -> [Bool] {
    groups.flatMap { group in group.completions.indices.map(group.isAnchor) }
  }
}

extension RolloutGroup {
  /// Whether the completion `index` is the expert's: it always comes last.
  func isAnchor(_ index: Int) -> Bool { hasAnchor && index == completions.count - 1 }
}
