import Settings

/// Dynamic pruning, DPPO (arXiv 2603.04135; not Divergence PPO, arXiv 2602.04879): prompts and completions
/// that say little are dropped at random, and the rest is weighted so that the expected gradient stays.
public enum DynamicPruning {
  /// DPPO's paper.
  public static let publication = MethodPublication(
    name: "dynamic-pruning", aliases: ["dppo"], title: "Dynamic pruning (DPPO)",
    citation: "2603.04135",
    summary:
      "Drops uninformative prompts and completions and weights the rest, so that the gradient stays "
      + "unbiased.")

  /// The method with these settings: prompts screened before rollout, completions weighted after it.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: DynamicPruningSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication,
      screening: PromptPruning(settings),
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(OutcomeReward()),
      advantage: CompletionPruning(settings),
      loss: settings.grpo.loss,
      settings: settings.settings)
  }
}

/// Prunes prompts by H(q), the mean |advantage| at their latest rollout.
public struct PromptPruning: PromptScreening {
  /// What can be set.
  public let settings: DynamicPruningSettings
  /// H by problem; a problem that was never rolled out has none.
  public var state: [String: Double] = [:]

  /// A screening without history.
  public init(_ settings: DynamicPruningSettings) { self.settings = settings }

  /// False: a step has fewer prompts.
  public var refills: Bool { false }

  /// Drops prompts, and weights a kept one by w_q C_q: 1/(1-P), and the kept share of the prompts, which
  /// turns the loss's mean over kept prompts into the mean over all.
  public func screen(
    _ candidates: [PromptCandidate], progress: TrainingProgress
  ) -> ScreeningDecision {
    let scores = candidates.map { state[$0.id] }
    let pruning = settings.pruning(rate: settings.promptRate, progress: progress)
    let weights = pruning.weights(scores: scores, draws: candidates.map(\.draw))
    let kept = candidates.indices.filter { weights[$0] > 0 }
    let share = Double(kept.count) / Double(max(candidates.count, 1))
    let seen = scores.compactMap(\.self)
    var metrics: Metrics = [
      "pruning/prompts_dropped": WeightedMetric(
        sum: Double(candidates.count - kept.count), weight: 1),
      "pruning/prompts_seen_share": WeightedMetric(share: scores.map { $0 != nil }),
    ]
    if !seen.isEmpty { metrics["pruning/score_mean"] = WeightedMetric(mean: seen) }
    metrics.addQuantiles("pruning/score", of: seen)
    // Without weights the denominator of the literal mode is that of what is left.
    let isWeighted = settings.mode == .unbiased
    return ScreeningDecision(
      kept: kept, weights: kept.map { isWeighted ? weights[$0] * share : 1 }, metrics: metrics)
  }

  /// H(q) = mean_i |A_i|, over all completions; that of a dropped prompt stays.
  public mutating func observe(_ outcomes: [PromptOutcome]) {
    for outcome in outcomes where !outcome.advantages.isEmpty {
      state[outcome.id] = WeightedMetric(mean: outcome.advantages.map(abs)).mean
    }
  }
}

/// Prunes completions by |advantage| in their group.
public struct CompletionPruning: AdvantageEstimator {
  /// What can be set.
  public let settings: DynamicPruningSettings

  /// An estimator with these settings.
  public init(_ settings: DynamicPruningSettings) { self.settings = settings }

  /// Random numbers.
  public var columns: Set<BatchColumn> { [.draws] }

  /// A_i from the whole group, and the rows' weights in
  ///
  ///     J = (1/B_q) sum_q w_q (1/G_q) sum_i w_i (1/L_i) sum_t m_it surr_it
  ///
  /// with B_q and G_q the counts before pruning.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    var advantages = settings.grpo.advantage.advantages(of: rewards, in: batch)
    let weights = weights(advantages: advantages.rows, in: batch)
    advantages.rowWeights = perPrompt(weights, batch)
    advantages.metrics = metrics(batch, weights: weights)
    if let every = settings.auditEvery, (batch.progress.step + 1) % every == 0 {
      advantages.auditWeights = perPrompt(batch.promptWeights ?? rewards.map { _ in 1 }, batch)
    }
    return advantages
  }

  /// The loss is a mean over rows; this makes it the mean over prompts of means over completions. A token
  /// mean stays what it is.
  private func perPrompt(_ weights: [Double], _ batch: GroupBatch) -> [Double] {
    guard settings.grpo.aggregation != .tokenMean else { return weights }
    var weights = weights
    let groups = batch.groups
    for group in groups {
      let share = Double(batch.rowCount) / Double(groups.count * group.rows.count)
      for row in group.rows { weights[row] *= share }
    }
    return weights
  }

  /// `[B]` w_q w_i, 0 for the rows dropped.
  public func weights(advantages: [Double], in batch: GroupBatch) -> [Double] {
    let draws = batch.required(batch.draws, .draws, by: DynamicPruning.publication)
    let pruning = settings.pruning(rate: settings.completionRate, progress: batch.progress)
    var weights = batch.promptWeights ?? advantages.map { _ in 1 }
    for group in batch.groups {
      let own = pruning.weights(
        scores: group.rows.map { abs(advantages[$0]) }, draws: group.rows.map { draws[$0] })
      for (row, weight) in zip(group.rows, own) { weights[row] *= weight }
    }
    return weights
  }

  private func metrics(_ batch: GroupBatch, weights: [Double]) -> Metrics {
    let dropped = weights.indices.filter { weights[$0] == 0 }
    let kept = weights.filter { $0 > 0 }
    return [
      "pruning/completions_dropped": WeightedMetric(sum: Double(dropped.count), weight: 1),
      "pruning/tokens_not_trained": WeightedMetric(
        sum: Double(dropped.reduce(0) { $0 + batch.lengths[$1] }), weight: 1),
      "pruning/weight_mean": WeightedMetric(mean: kept),
      "pruning/weight_max": WeightedMetric(sum: kept.max() ?? 0, weight: 1),
    ]
  }
}
