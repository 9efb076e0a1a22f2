import PolicyOptimization
import Rollouts

extension PolicyTrainer {
  /// What the completions of a step earn, row by row.
  ///
  /// - Throws: `TrainingError` when a reward fails again and again.
  func earn(_ groups: [RolloutGroup]) throws -> EarnedRewards {
    try rewards.earn(rewardInputs(groups), counted: anchorMarks(groups).map { !$0 })
  }

  /// The completions as rewards see them, row by row.
  func rewardInputs(_ groups: [RolloutGroup]) -> [RewardInput] {
    groups.enumerated().flatMap { index, group in
      group.completions.map {
        RewardInput(group: index, problem: group.problem, prompt: group.prompt, completion: $0)
      }
    }
  }

  /// Starts what scores completions.
  func prepareRewards() throws {
    try rewards.prepare()
    try distinctnessScorer?.reward.function.prepare()
  }

  /// Ends what scores completions.
  func finishRewards() {
    rewards.finish()
    distinctnessScorer?.reward.function.finish()
  }
}

extension RewardScorer {
  /// The program that scores completions for DaGRPO, in [0, 1]; nil where no program does.
  static func distinctness(_ settings: DaGRPOSettings) -> RewardScorer? {
    settings.scorerCommand.map { command in
      RewardScorer(
        Reward(
          "distinctness", function: CommandReward(command, timeout: settings.scorerTimeout)),
        origin: "method.scorer-command", range: 0...1)
    }
  }
}
