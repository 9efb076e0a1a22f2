import Settings

/// DEPO (arXiv 2602.06375): an estimator of difficulty, trained beside the policy, skips prompts that are
/// too easy or too hard before any rollout.
public enum DEPO {
  /// DEPO's paper.
  public static let publication = MethodPublication(
    name: "depo", title: "DEPO", citation: "2602.06375",
    summary:
      "Skips prompts that an online estimator finds too easy or too hard, before any rollout.")

  /// The method with these settings: another prompt screening, with an estimator that the trainer trains.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: DEPOSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication,
      screening: DifficultyFilter(settings),
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(OutcomeReward()),
      advantage: settings.grpo.advantage,
      loss: settings.grpo.loss,
      settings: settings.settings)
  }
}

/// Keeps the prompts that the estimator expects to be right neither too seldom nor too often.
public struct DifficultyFilter: PromptScreening {
  /// Nothing: what is remembered are the estimator's weights, which are the trainer's.
  public struct NoMemory: Codable, Sendable, Equatable {
    /// Nothing.
    public init() {}
  }

  /// What can be set.
  public let settings: DEPOSettings
  /// Nothing.
  public var state = NoMemory()

  /// A filter with these settings.
  public init(_ settings: DEPOSettings) { self.settings = settings }

  /// True: prompts stream until a step has as many as it wants.
  public var refills: Bool { true }

  /// True after warm-up.
  public func needsExpectedAccuracy(at progress: TrainingProgress) -> Bool {
    progress.step + 1 > settings.warmupSteps
  }

  /// keep iff filter-low <= sigmoid(s) <= filter-high, or the draw falls below probe-rate; all while
  /// step <= warmup-steps, counted from 1.
  public func screen(
    _ candidates: [PromptCandidate], progress: TrainingProgress
  ) -> ScreeningDecision {
    guard needsExpectedAccuracy(at: progress) else {
      return ScreeningDecision(kept: Array(candidates.indices))
    }
    let expected = candidates.map { candidate in
      guard let expected = candidate.expectedAccuracy else {
        preconditionFailure("depo needs the expected accuracy of the prompt \(candidate.id)")
      }
      return expected
    }
    let isLow = expected.map { $0 < settings.filterLow }
    let isHigh = expected.map { $0 > settings.filterHigh }
    let filtered = candidates.indices.filter { isLow[$0] || isHigh[$0] }
    let kept = candidates.indices.filter {
      !(isLow[$0] || isHigh[$0]) || candidates[$0].draw < settings.probeRate
    }
    var metrics: Metrics = [
      "difficulty/filtered_low": WeightedMetric(share: isLow),
      "difficulty/filtered_high": WeightedMetric(share: isHigh),
    ]
    if !filtered.isEmpty {
      metrics["difficulty/filtered_expected"] = WeightedMetric(mean: filtered.map { expected[$0] })
    }
    return ScreeningDecision(kept: kept, metrics: metrics)
  }

  /// Nothing: the estimator learns from the rollouts themselves.
  public mutating func observe(_ outcomes: [PromptOutcome]) {}

  /// Where nothing survives a whole pass over the problems: those with |sigmoid(s) - 1/2| smallest, the
  /// first of equals, in their order.
  public func fallback(among candidates: [PromptCandidate], wanted: Int) -> [Int] {
    func distance(_ place: Int) -> Double { abs((candidates[place].expectedAccuracy ?? 0.5) - 0.5) }
    let order = candidates.indices.sorted { (distance($0), $0) < (distance($1), $1) }
    return order.prefix(wanted).sorted()
  }
}
