import Settings

/// What can be set in dynamic pruning, section `method`: its own keys and GRPO's.
public struct DynamicPruningSettings: SettingGroup, Equatable {
  /// r_q: the share dropped of the prompts below the mean.
  public var promptRate = 0.5
  /// r_o: the share dropped of the completions below their group's mean.
  public var completionRate = 0.5
  /// How members are dropped.
  public var mode = PruningMode.unbiased
  /// The share of the training during which anything is pruned; InfoBatch stops at 0.875.
  public var pruneUntil = 1.0
  /// Steps between measurements of the gradient without completion pruning; nil for none.
  public var auditEvery: Int?
  /// GRPO's settings.
  public var grpo = GRPOSettings()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<DynamicPruningSettings>] =
    [
      SettingKey(
        "prompt-rate", \.promptRate, in: 0..<1, "share dropped of the prompts below the mean"),
      SettingKey(
        "completion-rate", \.completionRate, in: 0..<1,
        "share dropped of the completions below their group's mean"),
      SettingKey("prune-mode", \.mode, "unbiased: at random, weighted; bottom-k: lowest, biased"),
      SettingKey(
        "prune-until", \.pruneUntil, in: 0...1, "share of the training in which is pruned"),
      SettingKey(
        "prune-audit-every", \.auditEvery, in: 1...,
        "steps between measurements of the gradient that all completions would give"),
    ] + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    try take(document, section: Methods.section)
  }

  /// Refuses settings that contradict each other.
  ///
  /// - Throws: `SettingError` naming the keys.
  public func validate() throws {
    guard promptRate > 0 else { return }
    let section = Methods.section
    if grpo.aggregation == .tokenMean {
      throw SettingError(
        "\(section).aggregation is token-mean, which needs the tokens of prompts that were never "
          + "rolled out; expected seq-mean-token-mean or constant-length, or \(section).prompt-rate 0"
      )
    }
    if grpo.dynamicSampling {
      throw SettingError(
        "\(section).dynamic-sampling is true, which rolls out others in place of pruned prompts; "
          + "expected false, or \(section).prompt-rate 0")
    }
  }

  /// The pruning at a point of the training.
  func pruning(rate: Double, progress: TrainingProgress) -> Pruning {
    Pruning(rate: progress.share < pruneUntil ? rate : 0, mode: mode)
  }
}

/// How members are dropped.
public enum PruningMode: String, SettingChoice {
  /// At random below the mean, the rest weighted: the expected gradient is the full one.
  case unbiased
  /// The lowest scores, without weights: the paper's algorithm box taken literally. Biased.
  case bottomK = "bottom-k"
}
