import Settings

/// Stops a rollout while it is sampled, once its last steps no longer help: an extension of WS-GRPO
/// that its paper does not have. The answer is then forced: the policy goes on behind its first words.
/// The preference values must say whether the newer prefix is better (`pref-order` progress or
/// symmetric).
public struct OnlineStopping: SettingGroup, Equatable {
  /// kappa: a value below it is a step that did not help.
  public var threshold = 0.5
  /// m: how many such steps in a row end the rollout.
  public var patience = 2
  /// The step before which nothing is stopped.
  public var minimumSteps = 3
  /// The answer's first words; nil for the task's own.
  public var text: String?
  /// The most tokens of the answer after those words.
  public var answerTokens = 32
  /// Which judgement of a step is u: the method's, no setting of its own.
  public var order = PreferenceOrder.progress

  /// The defaults.
  public init() {}

  /// `stop-...`
  public static let keys: [SettingKey<OnlineStopping>] = [
    SettingKey("stop-threshold", \.threshold, in: 0...1, "a preference below it is no progress"),
    SettingKey("stop-patience", \.patience, in: 1..., "steps without progress that end a rollout"),
    SettingKey("stop-min-steps", \.minimumSteps, in: 1..., "steps that every rollout may take"),
    SettingKey(
      "stop-text", \.text, "first words of a stopped rollout's answer; null for the task's own"),
    SettingKey(
      "stop-answer-tokens", \.answerTokens, in: 1..., "most tokens of the answer behind them"),
  ]

  /// Whether to stop after the step that the last of `values` belongs to.
  ///
  /// - Parameter values: u_2 ... u_t: `values[t - 2]` belongs to step t.
  public func shouldStop(after values: [Double]) -> Bool {
    let step = values.count + 1
    return step >= minimumSteps && values.count >= patience
      && values.suffix(patience).allSatisfy { $0 < threshold }
  }

  /// The first step after which to stop; nil for never.
  ///
  /// - Parameter values: u_2 ... u_n: `values[t - 2]` belongs to step t.
  public func stopStep(_ values: [Double]) -> Int? {
    values.indices.first { shouldStop(after: Array(values[...$0])) }.map { $0 + 2 }
  }
}
