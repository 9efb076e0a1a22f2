import PolicyOptimization
import PrefixPreference
import Rollouts
import Tasks

/// The completions of one problem.
struct RolloutGroup {
  let problem: Problem
  let prompt: String
  let completions: [GradedTrajectory]
}

/// A step's completions with everything that training needs, row by row.
public struct AssessedRollouts {
  /// One completion's record.
  public struct Row {
    /// The problem.
    public let problem: Problem
    /// The prompt as the model saw it.
    public let prompt: String
    /// The completion with its verdict.
    public let completion: GradedTrajectory
    /// The number of the prompt in the step.
    public let group: Int
    /// The shaped reward.
    public let reward: Double
    /// The advantage of the whole completion.
    public let advantage: Double
    /// What each token's ratio is multiplied with.
    public let tokenAdvantages: [Float]
  }

  /// All rows, group after group.
  public let rows: [Row]
  /// Figures so far.
  public let metrics: [String: Double]

  /// Problems whose gold answer the task cannot read.
  var unparseableGolds: Int {
    Set(rows.filter { $0.completion.verdict.goldIsUnparseable }.map(\.group)).count
  }
}

extension PolicyTrainer {
  /// Samples and grades the completions of the step's problems.
  func rollOut() throws -> [RolloutGroup] {
    let training = configuration.training
    let indices = order.indices(
      from: step * training.promptsPerStep, count: training.promptsPerStep)
    let texts = try indices.map { try task.prompt(for: problems[$0]) }
    // The place in the step is part of the key: a problem may stand twice in a step.
    let prompts = zip(indices, texts).enumerated().map { place, prompt in
      Prompt(
        ids: model.tokenizer.encode(prompt.1),
        key: UInt64(place) << 40 | UInt64(prompt.0))
    }
    let sampled = sampler.sample(
      prompts, completions: training.groupSize, stream: stream.substream(UInt64(step)))
    return zip(zip(indices, texts), sampled).map { prompt, trajectories in
      RolloutGroup(
        problem: problems[prompt.0], prompt: prompt.1,
        completions: trajectories.map { grader.grade($0, of: problems[prompt.0]) })
    }
  }

  /// Turns outcomes into rewards and advantages by the method's stages.
  func assess(_ groups: [RolloutGroup]) throws -> AssessedRollouts {
    let completions = groups.flatMap(\.completions)
    let groupIDs = groups.enumerated().flatMap { index, group in
      Array(repeating: index, count: group.completions.count)
    }
    rolloutTokens += completions.map(\.trajectory.completionIDs.count).reduce(0, +)
    var batch = GroupBatch(
      groupIDs: groupIDs,
      rewards: completions.map { $0.verdict.correct ? 1 : 0 },
      correct: completions.map(\.verdict.correct),
      lengths: completions.map(\.trajectory.completionIDs.count),
      steps: completions.map(\.stepCount))
    batch.truncated = completions.map { $0.trajectory.finish == .length }
    if configuration.method.needsPreference, let preference {
      let scores = try preference.score(
        completions.map {
          RolloutSteps(
            promptIDs: $0.trajectory.promptIDs, completionIDs: $0.trajectory.completionIDs,
            lastTokenOfStep: $0.stepEnds)
        })
      batch.preferences = PrefixPreferences(
        oldNew: scores.map(\.oldNew), newOld: scores.map(\.newOld),
        values: scores.contains { $0.values == nil } ? nil : scores.compactMap(\.values),
        stepOfToken: completions.map(\.stepOfToken), shuffle: shuffle(completions.count))
    }
    let shaped = configuration.method.shaping.shape(batch)
    let advantages = configuration.method.advantage.advantages(
      rewards: shaped.rewards, groupIDs: groupIDs)
    let tokens = shaped.tokenAdvantages(rowAdvantages: advantages, batch: batch)
    var metrics = rolloutMetrics(completions, groupIDs: groupIDs, rewards: shaped.rewards)
    metrics.merge(shaped.metrics) { $1 }
    var rows: [AssessedRollouts.Row] = []
    for (group, rollout) in groups.enumerated() {
      for completion in rollout.completions {
        let row = rows.count
        rows.append(
          AssessedRollouts.Row(
            problem: rollout.problem, prompt: rollout.prompt, completion: completion,
            group: group, reward: shaped.rewards[row], advantage: advantages[row],
            tokenAdvantages: tokens[row]))
      }
    }
    return AssessedRollouts(rows: rows, metrics: metrics)
  }

  /// The permutation of the `shuffled` control, new at every step.
  private func shuffle(_ count: Int) -> [Int] {
    ProblemOrder(count: count, seed: stream.substream(UInt64(step)).bits(0))
      .indices(from: 0, count: count)
  }

  private func rolloutMetrics(
    _ completions: [GradedTrajectory], groupIDs: [Int], rewards: [Double]
  ) -> [String: Double] {
    let lengths = completions.map { Double($0.trajectory.completionIDs.count) }
    let ended = completions.filter { $0.trajectory.finish != .length }
      .map { Double($0.trajectory.completionIDs.count) }
    let groups = Dictionary(grouping: rewards.indices) { groupIDs[$0] }.sorted { $0.key < $1.key }
      .map(\.value)
    let deviations = groups.map { $0.map { rewards[$0] }.sampleDeviation }
    let shares = groups.map { $0.map { completions[$0].verdict.correct ? 1.0 : 0 }.mean }
    return [
      "reward": rewards.mean,
      "reward_std": deviations.mean,
      "frac_reward_zero_std": deviations.map { $0 < 1e-12 ? 1 : 0 }.mean,
      "accuracy": completions.map { $0.verdict.correct ? 1 : 0 }.mean,
      "frac_groups_all_correct": shares.map { $0 == 1 ? 1 : 0 }.mean,
      "frac_groups_all_wrong": shares.map { $0 == 0 ? 1 : 0 }.mean,
      "completions/mean_length": lengths.mean,
      "completions/min_length": lengths.min() ?? 0,
      "completions/max_length": lengths.max() ?? 0,
      "completions/mean_terminated_length": ended.mean,
      "completions/clipped_ratio": 1 - Double(ended.count) / Double(max(1, completions.count)),
      "completions/mean_steps": completions.map { Double($0.stepCount) }.mean,
    ]
  }
}
