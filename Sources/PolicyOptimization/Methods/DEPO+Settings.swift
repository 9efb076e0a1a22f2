import Settings

/// What can be set in DEPO, section `method`: its own keys and GRPO's.
public struct DEPOSettings: SettingGroup, Equatable {
  /// Steps in which every prompt is kept.
  public var warmupSteps = 100
  /// The least expected accuracy that is kept.
  public var filterLow = 0.15
  /// The largest.
  public var filterHigh = 0.85
  /// w_d, the weight of distilling the policy's own confidence.
  public var distillWeight = 0.5
  /// w_r, the weight of ranking.
  public var rankWeight = 3.0
  /// tau: accuracies that differ by no more are not ranked.
  public var rankGap = 0.05
  /// m, the margin of the ranking's hinge.
  public var rankMargin = 0.5
  /// What the second output learns.
  public var distillTarget = DistillTarget.responseProbability
  /// The share of filtered prompts that is rolled out anyway.
  public var probeRate = 0.0
  /// Whose weight the ranking has.
  public var rankScale = RankScale.full
  /// Prompts of a micro-batch of the released code, for the rank scale of that name.
  public var microBatch = 8
  /// The head's learning rate.
  public var learningRate = 2e-4
  /// A Hugging Face folder of the text encoder that reads prompts and is trained with the head; nil for a
  /// small one that starts from nothing.
  public var encoder: String?
  /// GRPO's settings.
  public var grpo: GRPOSettings = {
    var settings = GRPOSettings()
    settings.aggregation = .tokenMean
    settings.clipHigh = 0.28
    settings.dualClip = 10
    return settings
  }()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<DEPOSettings>] =
    filterKeys + estimatorKeys
    + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  private static let filterKeys: [SettingKey<DEPOSettings>] = [
    SettingKey("warmup-steps", \.warmupSteps, in: 0..., "steps in which every prompt is kept"),
    SettingKey("filter-low", \.filterLow, in: 0...1, "least expected accuracy that is kept"),
    SettingKey("filter-high", \.filterHigh, in: 0...1, "largest expected accuracy kept"),
    SettingKey(
      "probe-rate", \.probeRate, in: 0...1, "share of filtered prompts rolled out anyway"),
  ]

  private static let estimatorKeys: [SettingKey<DEPOSettings>] = [
    SettingKey(
      "distill-weight", \.distillWeight, in: 0..., "weight of distilling the policy's confidence"),
    SettingKey("rank-weight", \.rankWeight, in: 0..., "weight of ranking prompts"),
    SettingKey(
      "rank-gap", \.rankGap, in: 0..., "accuracies that differ by no more are not ranked"),
    SettingKey("rank-margin", \.rankMargin, in: 0..., "margin of the ranking, in logits"),
    SettingKey("distill-target", \.distillTarget, "what the estimator's second output learns"),
    SettingKey("rank-scale", \.rankScale, "the ranking's weight: the paper's or the code's"),
    SettingKey("micro-batch", \.microBatch, in: 1..., "prompts, for the rank-scale as-released"),
    SettingKey(
      "estimator-learning-rate", \.learningRate, in: 0...,
      "of the estimator's head; its encoder takes a fifth"),
    SettingKey(
      "encoder", \.encoder,
      "folder of a text encoder (BERT, DistilBERT, T5) to train; null: a small one from nothing"),
  ]

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
    let section = Methods.section
    if filterLow > filterHigh {
      throw SettingError(
        "\(section).filter-low is \(filterLow), expected at most filter-high, \(filterHigh)")
    }
  }
}

/// What the estimator's second output learns.
public enum DistillTarget: String, SettingChoice {
  /// The policy's mean probability of a response token.
  case responseProbability = "response-probability"
}

/// The weight of the ranking.
public enum RankScale: String, SettingChoice {
  /// As the paper writes it.
  case full
  /// Divided by the number of micro-batches, as in the released code.
  case asReleased = "as-released"
}
