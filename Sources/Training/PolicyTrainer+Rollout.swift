import PolicyOptimization
import PrefixPreference
import Rollouts
import Tasks

/// The completions of one problem.
struct RolloutGroup {
  let problem: Problem
  let prompt: String
  /// The weight that screening gave the prompt.
  let weight: Double
  /// The tokens that the prompt asks for; nil where it does not.
  var budget: Int?
  var completions: [GradedTrajectory]
  /// Whether the last completion is an expert's solution.
  var hasAnchor = false
}

/// A step's completions with everything that training needs, row by row.
public struct AssessedRollouts {
  /// One completion's record.
  public struct Row: Sendable {
    /// The problem.
    public let problem: Problem
    /// The prompt as the model saw it.
    public let prompt: String
    /// The completion with its verdict.
    public let completion: GradedTrajectory
    /// The number of the prompt in the step.
    public let group: Int
    /// The sum of all rewards, the verdict's as the method shapes it.
    public let reward: Double
    /// What each reward gave by itself, before weights; nil where it gave nothing.
    public let rewards: [String: Double?]
    /// The advantage of the whole completion.
    public let advantage: Double
    /// Whether an expert wrote it, not the policy.
    public var isAnchor = false
  }

  /// All rows, group after group.
  public let rows: [Row]
  /// What the rows earned by the method's stages.
  public let credit: Credit
  /// Figures so far.
  public let metrics: [String: Double]
  /// Problems whose gold answer the task cannot read.
  public let unparseableGolds: Int
  /// What went wrong without ending the step.
  public let notices: [String]

  /// The same rows with the weights under which the gradient is measured beside the update; nil where it
  /// is not.
  var audited: AssessedRollouts? {
    credit.audited.map {
      AssessedRollouts(
        rows: rows, credit: $0, metrics: metrics, unparseableGolds: unparseableGolds,
        notices: notices)
    }
  }
}

extension PolicyTrainer {
  /// Samples and grades completions until the method's selection has the prompts of a step.
  ///
  /// - Parameter times: takes the phases `screen`, where the method screens prompts, and `generate`.
  /// - Returns: the kept groups, and figures of what was spent on them.
  func rollOut(
    _ times: inout StepTimes
  ) throws -> (groups: [RolloutGroup], metrics: [String: Double]) {
    let wanted = configuration.training.promptsPerStep
    let selection = configuration.method.selection
    let rounds = selection.maximumRounds ?? 1
    var kept: [RolloutGroup] = []
    var last: [RolloutGroup] = []
    var screened: PolicyOptimization.Metrics = [:]
    var spent = 0
    var round = 0
    while kept.count < wanted && round < rounds {
      let (prompts, measured) =
        screening == nil
        ? try nextPrompts(wanted) : try times.measure("screen") { try nextPrompts(wanted) }
      screened.add(measured)
      last = try times.measure("generate") { try sampleGroups(prompts) }
      spent += last.flatMap(\.completions).count
      let ids = Set(selection.keptGroups(in: batch(of: last)))
      kept += last.enumerated().filter { ids.contains($0.offset) }.map(\.element)
      round += 1
    }
    // A step without any kept group still needs rows; they have no advantage, and the step says so.
    let groups = kept.isEmpty ? last : Array(kept.prefix(wanted))
    var metrics = screened.mapValues(\.mean)
    if selection.maximumRounds != nil {
      metrics["dynamic_sampling/rounds"] = Double(round)
      metrics["dynamic_sampling/rollouts"] = Double(spent)
      metrics["dynamic_sampling/kept_groups"] = Double(min(kept.count, wanted))
    }
    return (groups, metrics)
  }

  /// Completions of some problems.
  private func sampleGroups(_ chosen: [ScreenedPrompt]) throws -> [RolloutGroup] {
    let problems = order.indices(at: chosen.map(\.place)).map { self.problems[$0] }
    let budgets = try zip(chosen, problems).map { try budget(for: $1, at: $0.place) }
    let writer = model.promptWriter(task)
    let written = try zip(problems, budgets).map {
      try writer.prompt(for: $0, instruction: instruction(budget: $1))
    }
    // The place in the endless sequence of problems is the key: a problem that comes again is sampled
    // anew.
    let prompts = zip(chosen, written).map { Prompt(ids: $1.ids, key: UInt64($0.place)) }
    let sampled = try sampler.sample(
      prompts, completions: configuration.training.groupSize, stream: stream, stopper: stopper)
    let groups = sampled.enumerated().map { index, trajectories in
      RolloutGroup(
        problem: problems[index], prompt: written[index].text, weight: chosen[index].weight,
        budget: budgets[index],
        completions: trajectories.map { grader.grade($0, of: problems[index]) })
    }
    rolloutTokens += groups.flatMap(\.completions).map(\.trajectory.completionIDs.count)
      .reduce(0, +)
    return groups
  }

  /// The groups as the methods see them, without optional columns; a group's id is its place.
  private func batch(of groups: [RolloutGroup]) -> GroupBatch {
    let completions = groups.flatMap(\.completions)
    return GroupBatch(
      groupIDs: groups.enumerated().flatMap { index, group in
        Array(repeating: index, count: group.completions.count)
      },
      rewards: completions.map(\.verdict.score),
      correct: completions.map(\.verdict.correct),
      lengths: completions.map(\.trajectory.sampledCount),
      maxCompletion: configuration.rollouts.maximumCompletion)
  }

  /// Turns outcomes into rewards and advantages by the method's stages.
  func assess(
    _ groups: [RolloutGroup], earned: EarnedRewards, influence: TokenInfluence? = nil
  ) throws -> AssessedRollouts {
    let completions = groups.flatMap(\.completions)
    var batch = batch(of: groups)
    batch.added = earned.added
    batch.steps = completions.map(\.stepCount)
    batch.tokenSteps = completions.map { $0.stepOfSampledToken.map { $0 + 1 } }
    batch.shuffle = ProblemOrder(
      count: completions.count, seed: stream.substream(UInt64(step)).bits(0)
    ).indices(from: 0, count: completions.count)
    if let preference { batch.preferences = try preferences(of: completions, preference) }
    let columns = try addMethodColumns(to: &batch, of: groups)
    batch.influence = influence
    let credit = configuration.method.credit(batch)
    var rows: [AssessedRollouts.Row] = []
    for (group, rollout) in groups.enumerated() {
      for completion in rollout.completions {
        let row = rows.count
        rows.append(
          AssessedRollouts.Row(
            problem: rollout.problem, prompt: rollout.prompt, completion: completion,
            group: group, reward: credit.rewards[row], rewards: earned.values(ofRow: row),
            advantage: credit.advantages.rows[row],
            isAnchor: batch.offPolicy?[row] ?? false))
      }
    }
    var metrics = completionMetrics(
      rows.filter { !$0.isAnchor }.map(\.completion))
    if stopper != nil {
      metrics.merge(StoppingMeasures.figures(completions)) { $1 }
    }
    metrics.merge(earned.metrics) { $1 }
    metrics.merge(columns.metrics) { $1 }
    metrics.merge(credit.metrics.mapValues(\.mean)) { $1 }
    return AssessedRollouts(
      rows: rows, credit: credit, metrics: metrics,
      unparseableGolds: groups.count { !task.goldIsParseable($0.problem) },
      notices: earned.notices + columns.notices)
  }

  /// What the preference model says of completions, as far as the method asks.
  private func preferences(
    of completions: [GradedTrajectory], _ preference: PreferenceModel
  ) throws -> PrefixPreferences {
    let columns = configuration.method.columns
    var orders: Set<PairOrder> = []
    if columns.contains(.oldOverNew) { orders.insert(.oldNew) }
    if columns.contains(.newOverOld) { orders.insert(.newOld) }
    let scores = try preference.score(completions.map(\.rolloutSteps), orders: orders)
    return PrefixPreferences(
      oldOverNew: orders.contains(.oldNew) ? scores.map(\.oldNew) : nil,
      newOverOld: orders.contains(.newOld) ? scores.map(\.newOld) : nil,
      values: scores.contains { $0.values == nil } ? nil : scores.compactMap(\.values))
  }

  private func completionMetrics(_ completions: [GradedTrajectory]) -> [String: Double] {
    let lengths = completions.map { Double($0.trajectory.completionIDs.count) }
    let ended = completions.filter { $0.trajectory.finish != .length }
      .map { Double($0.trajectory.completionIDs.count) }
    return [
      "accuracy": completions.map { $0.verdict.correct ? 1 : 0 }.mean,
      "outcome": completions.map(\.verdict.score).mean,
      "completions/mean_length": lengths.mean,
      "completions/min_length": lengths.min() ?? 0,
      "completions/max_length": lengths.max() ?? 0,
      "completions/mean_terminated_length": ended.mean,
      "completions/min_terminated_length": ended.min() ?? 0,
      "completions/max_terminated_length": ended.max() ?? 0,
      "completions/clipped_ratio": 1 - Double(ended.count) / Double(max(1, completions.count)),
      "completions/mean_steps": completions.map { Double($0.stepCount) }.mean,
    ]
  }
}
