import Settings

/// What can be set in AMIR-GRPO, section `method`: its own keys and GRPO's.
public struct AMIRGRPOSettings: SettingGroup, Equatable {
  /// lambda, the weight of the regulariser.
  public var weight = 0.01
  /// pref-beta, the scale of a difference of log-probabilities.
  public var scale = 0.2
  /// delta_r, above which rewards are clearly different. The authors' 2.0 belongs to rewards up to 2.9;
  /// rewards of 0 and 1 would have no pair.
  public var gap = 0.5
  /// Whose pairs are compared.
  public var scope = PairScope.all
  /// The most pairs of a group; nil for all.
  public var cap: Int?
  /// What is subtracted from log-probabilities.
  public var reference = PairReference.none
  /// How lambda changes.
  public var schedule = PairWeightChange.fixed
  /// GRPO's settings.
  public var grpo = GRPOSettings()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<AMIRGRPOSettings>] =
    [
      SettingKey("pref-lambda", \.weight, in: 0..., "weight of the regulariser"),
      SettingKey("pref-beta", \.scale, in: 0..., "scale of differences of log-probabilities"),
      SettingKey("pair-gap", \.gap, in: 0..., "pairs have rewards that differ by more than this"),
      SettingKey("pair-mining", \.scope, "all pairs, or those of the group's best completion"),
      SettingKey("pair-cap", \.cap, in: 1..., "most pairs of a group; null for all"),
      SettingKey("reference", \.reference, "what is subtracted from log-probabilities"),
      SettingKey("lambda-schedule", \.schedule, "how pref-lambda changes"),
    ] + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    try take(document, section: Methods.section)
  }

  /// What is minimised.
  public var loss: PairwiseRegularisedLoss {
    PairwiseRegularisedLoss(
      base: grpo.loss, mining: PairMining(gap: gap, scope: scope, cap: cap), scale: scale,
      usesReference: reference == .logProbabilities, weight: weight,
      schedule: schedule == .adaptive ? PairWeightSchedule() : nil)
  }
}

/// What is subtracted from the log-probabilities of a pair.
public enum PairReference: String, SettingChoice {
  /// Nothing.
  case none
  /// The reference policy's log-probabilities.
  case logProbabilities = "logp-ref"
}

/// How lambda changes.
public enum PairWeightChange: String, SettingChoice {
  /// It stays.
  case fixed
  /// By `PairWeightSchedule`.
  case adaptive
}
