import Settings

/// What can be set in DisCO, section `method`.
public struct DisCOSettings: SettingGroup, Equatable {
  /// s, what completions are compared by.
  public var score = ResponseScore.logLikelihood
  /// How a group's negatives are put together.
  public var variant = NegativeWeighting.dro
  /// tau; the authors' value for each score.
  public var temperature = DisCOSettings.temperature(of: .logLikelihood)
  /// delta, in nats per token.
  public var constraintDelta = 1e-4
  /// beta.
  public var constraintBeta = 1e3
  /// How K is estimated.
  public var constraintKL = TrustRegionKL.k1
  /// The factor before the squared hinge.
  public var penaltyForm = PenaltyForm.half
  /// Over what K is taken.
  public var constraintScope = ConstraintScope.batch
  /// The groups of one K in the scope `groups`; the authors' code has 4.
  public var constraintGroups: Int?

  /// The defaults.
  public init() {}

  /// The authors' tau for a score.
  public static func temperature(of score: ResponseScore) -> Double {
    score == .logLikelihood ? 10 : 1
  }

  // The smallest tau that single precision divides scores by without overflow of their exponentials'
  // sum: below it a soft maximum is the maximum.
  private static let leastTemperature = 1e-6

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<DisCOSettings>] = [
    SettingKey("score", \.score, "what completions are compared by (s)"),
    SettingKey("variant", \.variant, "basic: mean of the negatives; dro: their soft maximum"),
    SettingKey(
      "tau", \.temperature, in: leastTemperature...,
      "temperature of that maximum; 10 for log-l, 1 for l-ratio where not set"),
    SettingKey(
      "constraint-delta", \.constraintDelta, in: 0..., "allowed divergence K, nats per token"),
    SettingKey("constraint-beta", \.constraintBeta, in: 0..., "weight of exceeding it"),
    SettingKey("constraint-kl", \.constraintKL, "how K is estimated"),
    SettingKey("penalty-form", \.penaltyForm, "half: beta/2 as in the code; full: beta"),
    SettingKey("constraint-scope", \.constraintScope, "over what K is taken"),
    SettingKey(
      "constraint-groups", \.constraintGroups, in: 1..., "prompts of one K in the scope groups"),
  ]

  /// The settings of a document's section `method`: tau follows the score unless it is written.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    var chosen = DisCOSettings()
    try chosen.take(document, section: Methods.section)
    temperature = Self.temperature(of: chosen.score)
    try take(document, section: Methods.section)
  }

  /// Refuses settings that contradict each other.
  ///
  /// - Throws: `SettingError` naming the keys.
  public func validate() throws {
    let section = Methods.section
    switch (constraintScope, constraintGroups) {
    case (.batch, let groups?):
      throw SettingError(
        "\(section).constraint-groups is \(groups), but \(section).constraint-scope is batch; "
          + "expected null, or the scope groups")
    case (.groups, nil):
      throw SettingError(
        "\(section).constraint-scope is groups, which needs \(section).constraint-groups; the "
          + "authors' value is 4")
    default: break
    }
  }

  /// What is minimised.
  public var loss: DiscriminativeLoss {
    DiscriminativeLoss(
      score: score, variant: variant, temperature: temperature,
      trustRegion: TrustRegion(
        delta: constraintDelta, beta: constraintBeta, estimator: constraintKL, form: penaltyForm),
      trustRegionGroups: constraintGroups)
  }
}

/// Over what the divergence of the trust region is taken; the hinge is not linear, so it matters.
public enum ConstraintScope: String, SettingChoice {
  /// All rows of the optimiser step.
  case batch
  /// `constraint-groups` prompts at a time, whose losses are averaged: the authors' code.
  case groups
}
