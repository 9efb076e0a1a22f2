import Settings

/// What can be set in WS-GRPO, section `method`: its own keys and GRPO's.
public struct WSGRPOSettings: SettingGroup, Equatable {
  /// The settings that the others start from.
  public var preset = WSGRPOPreset.laconic
  /// Which judgement is u.
  public var order = PreferenceOrder.progress
  /// How the judgements of a rollout become one reward.
  public var aggregate = PreferenceAggregate.undivided
  /// lambda, the weight beside the outcome.
  public var preferenceWeight = 0.1
  /// alpha, the price of a step outside the range.
  public var lengthAlpha = 0.1
  /// n_min, the fewest steps without a price.
  public var minimumSteps = 3
  /// n_max, the most steps without a price.
  public var maximumSteps = 6
  /// p of a solution with one step or none; with 1/2 one step would be the optimum.
  public var singleStepPreference = 0.0
  /// A control experiment in place of the preference.
  public var control = PreferenceControl.none
  /// u of the control `constant`.
  public var constantPreference = 0.5
  /// Whether only right answers get the preference reward.
  public var gateOnCorrect = true
  /// Which step terms are added to the advantages.
  public var stepAdvantage = StepAdvantage.off
  /// eta, the weight of the step terms.
  public var stepAdvantageWeight = 0.0
  /// Whether rollouts are stopped while they are sampled.
  public var onlineStop = false
  /// When.
  public var stopping = OnlineStopping()
  /// GRPO's settings.
  public var grpo = GRPOSettings()

  /// The weight of the divergence in GRPO's own paper (arXiv 2402.03300); WS-GRPO's gives none.
  static let publishedKLCoefficient = 0.04

  /// The defaults: the preset `laconic`.
  public init() {}

  /// The values of a preset; `custom` starts from the defaults.
  public init(preset: WSGRPOPreset) {
    self.preset = preset
    guard preset.isPublished else { return }
    order = preset == .paper ? .literal : .progress
    aggregate = .eq94
    gateOnCorrect = false
    grpo.klCoefficient = Self.publishedKLCoefficient
  }

  /// Every key, named as in the guide; GRPO's `preset` would be a second meaning of that name.
  public static let keys: [SettingKey<WSGRPOSettings>] =
    [
      SettingKey(
        "preset", \.preset,
        "laconic: this project's; paper: the equations as printed; intended: as described"
      ),
      SettingKey("pref-order", \.order, "which order of old and new prefix is judged"),
      SettingKey("pref-aggregate", \.aggregate, "how judgements become one reward"),
      SettingKey("pref-weight", \.preferenceWeight, "weight of that reward beside the outcome"),
      SettingKey("length-alpha", \.lengthAlpha, in: 0..., "price of a step outside the range"),
      SettingKey("steps-min", \.minimumSteps, in: 0..., "fewest steps without a price"),
      SettingKey("steps-max", \.maximumSteps, in: 0..., "most steps without a price"),
      SettingKey(
        "single-step-pref", \.singleStepPreference, in: 0...1,
        "preference of a solution with one step or none"),
      SettingKey("pref-control", \.control, "a control experiment in place of the preference"),
      SettingKey("constant-preference", \.constantPreference, in: 0...1, "of the control constant"),
      SettingKey(
        "gate-on-correct", \.gateOnCorrect, "only right answers get the preference reward"),
      SettingKey("step-advantage", \.stepAdvantage, "terms added to the advantages by step"),
      SettingKey("step-advantage-weight", \.stepAdvantageWeight, "weight of those terms"),
      SettingKey("online-stop", \.onlineStop, "stop rollouts whose steps no longer help"),
    ]
    + OnlineStopping.keys.map { $0.nested(in: \.stopping) }
    + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  /// The settings of a document's section `method`: the preset first, then explicit keys.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    var chosen = WSGRPOSettings()
    try chosen.take(document, section: Methods.section)
    self.init(preset: chosen.preset)
    try take(document, section: Methods.section)
    if preset != .custom, !preset.describes(self) { preset = .custom }
  }

  /// Refuses settings that contradict each other.
  ///
  /// - Throws: `SettingError` naming the keys.
  public func validate() throws {
    let section = Methods.section
    if minimumSteps > maximumSteps {
      throw SettingError(
        "\(section).steps-min is \(minimumSteps), expected at most steps-max, \(maximumSteps)")
    }
    if onlineStop, order == .literal {
      throw SettingError(
        "\(section).online-stop needs \(section).pref-order progress or symmetric, found literal: "
          + "a low value must mean that the step did not help")
    }
    if control == .lengthOnly || control == .constant, onlineStop || stepAdvantage == .preference {
      throw SettingError(
        "\(section).pref-control \(control.rawValue) asks no preference model, which "
          + "\(onlineStop ? "online-stop" : "step-advantage preference") needs")
    }
  }
}

/// This project's settings, or the paper's equations as printed or as its prose describes them.
public enum WSGRPOPreset: String, SettingChoice {
  /// progress and undivided, for right answers alone, without a KL term [R].
  case laconic
  /// literal and eq94.
  case paper
  /// progress and eq94.
  case intended
  /// Whatever the keys say.
  case custom

  /// Whether the preset is a reading of the paper.
  public var isPublished: Bool { self == .paper || self == .intended }

  /// Whether settings still are what the preset's name says.
  func describes(_ settings: WSGRPOSettings) -> Bool {
    let own = WSGRPOSettings(preset: self)
    return settings.order == own.order && settings.aggregate == own.aggregate
      && settings.control == own.control
      && (isPublished || settings.gateOnCorrect == own.gateOnCorrect)
  }
}

/// Which judgement of two successive prefixes is u; see `WSGRPOReward.ordered`.
public enum PreferenceOrder: String, SettingChoice {
  /// P(old, new), as the equations print it.
  case literal
  /// P(new, old), as the prose describes it.
  case progress
  /// Half of each.
  case symmetric
}

/// How the judgements of a rollout with n steps become its reward r.
public enum PreferenceAggregate: String, SettingChoice {
  /// (p + ell(n)) / max(n, 1): the appendix, equation 94.
  case eq94
  /// p + ell(n): equation 94 without the division, whose optimum is two steps whatever is needed [R].
  case undivided
  /// The sum of u: the algorithm box. It rewards length.
  case sum
  /// p: an earlier version of the paper.
  case mean
  /// The mean of 2u - 1.
  case marginMean = "margin-mean"
}

/// A control experiment: what the reward owes to the preference model.
public enum PreferenceControl: String, SettingChoice {
  /// The method itself.
  case none
  /// r = ell(n): no preference and no division.
  case lengthOnly = "length-only"
  /// u is a constant: the length prior of equation 94 alone.
  case constant
  /// Each row takes another row's u.
  case shuffled
}

/// Terms added to the advantages of the tokens of step t >= 2.
public enum StepAdvantage: String, SettingChoice {
  /// None.
  case off
  /// eta (u_t - 1/2).
  case preference
  /// eta (v_t - v_{t-1}), the gain of the prefix value.
  case prefixValue = "prefix-value"
}
