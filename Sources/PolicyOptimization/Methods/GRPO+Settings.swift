import Settings

/// What can be set in GRPO, section `method`.
public struct GRPOSettings: SettingGroup, Equatable {
  /// A published set of settings that the others start from; nil for the defaults below.
  public var preset: GRPOPreset?
  /// What the centred reward is divided by.
  public var advantageScale = AdvantageScale.groupStd
  /// How deviations are computed; huggingface/trl and verl take the sample's.
  public var stdKind = DeviationKind.sample
  /// What is added to a deviation; huggingface/trl's value.
  public var stdEpsilon = 1e-4
  /// How far below 1 the ratio counts.
  public var clipLow = 0.2
  /// How far above 1 the ratio counts.
  public var clipHigh = 0.2
  /// The bound on the ratio of tokens with a negative advantage.
  public var dualClip: Double?
  /// beta, the weight of the divergence from the reference policy.
  public var klCoefficient = 0.0
  /// How that divergence is estimated.
  public var klEstimator = KLEstimator.k3
  /// Whose ratio is clipped.
  public var ratioLevel = RatioLevel.token
  /// How token losses become a scalar.
  public var aggregation = LossAggregation.seqMeanTokenMean
  /// The constant of the aggregation of that name; nil for the longest allowed completion.
  public var constantLength: Int?
  /// Whether groups without both right and wrong answers are replaced by further rollouts.
  public var dynamicSampling = false
  /// Rounds of rollouts after which dynamic sampling trains on what it has; DAPO's code stops there.
  public var dynamicMaxRounds = 10
  /// The ramp before the length limit on which completions are punished; nil for no punishment.
  public var overlongBuffer: OverlongBuffer?

  /// The defaults.
  public init() {}

  /// The values of a preset.
  public init(preset: GRPOPreset) {
    self.preset = preset
    switch preset {
    case .grpo:
      klCoefficient = 0.04  // arXiv 2402.03300, section 4.2
    case .drGRPO:
      advantageScale = .none
      aggregation = .constantLength
    case .dapo:
      clipHigh = 0.28  // arXiv 2503.14476, section 4.1
      aggregation = .tokenMean
      dynamicSampling = true
      overlongBuffer = .automatic
    case .gspo:
      ratioLevel = .sequence
      clipLow = 3e-4  // arXiv 2507.18071, section 5.1
      clipHigh = 4e-4
    }
  }

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<GRPOSettings>] = [
    SettingKey("preset", \.preset, "published settings that the other keys start from"),
    SettingKey("advantage-scale", \.advantageScale, "what the centred reward is divided by"),
    SettingKey("std-kind", \.stdKind, "how a standard deviation is computed"),
    SettingKey("std-eps", \.stdEpsilon, in: 0..., "added to a standard deviation"),
    SettingKey("clip-low", \.clipLow, in: 0...1, "how far below 1 the ratio counts"),
    SettingKey("clip-high", \.clipHigh, in: 0..., "how far above 1 the ratio counts"),
    SettingKey(
      "dual-clip", \.dualClip, in: 1..., "bound on the ratio where the advantage is negative"),
    SettingKey("kl-coef", \.klCoefficient, in: 0..., "weight of the divergence from the reference"),
    SettingKey("kl-estimator", \.klEstimator, "how that divergence is estimated"),
    SettingKey("ratio-level", \.ratioLevel, "whose ratio is clipped"),
    SettingKey("aggregation", \.aggregation, "how token losses become the step's loss"),
    SettingKey(
      "constant-length", \.constantLength, in: 1...,
      "tokens, for that aggregation; null takes the longest allowed completion"),
    SettingKey(
      "dynamic-sampling", \.dynamicSampling, "replace groups that are all right or all wrong"),
    SettingKey(
      "dynamic-max-rounds", \.dynamicMaxRounds, in: 1...,
      "rounds of rollouts before a step trains on what it has"),
    SettingKey(
      "overlong-buffer", \.overlongBuffer,
      "tokens before the limit on which length is punished; auto is a fifth of the limit"),
  ]
}

/// Settings that a paper published.
public enum GRPOPreset: String, SettingChoice {
  /// arXiv 2402.03300.
  case grpo
  /// arXiv 2503.20783.
  case drGRPO = "dr-grpo"
  /// arXiv 2503.14476.
  case dapo
  /// arXiv 2507.18071.
  case gspo
}

extension GRPOSettings {
  /// Which groups are trained on.
  public var selection: any PromptSelection {
    dynamicSampling ? DynamicSampling(maximumRounds: dynamicMaxRounds) : AllPrompts()
  }

  /// How rewards become advantages.
  public var advantage: GroupAdvantage {
    GroupAdvantage(scale: advantageScale, deviation: stdKind, epsilon: stdEpsilon)
  }

  /// What is minimised.
  public var loss: ClippedPolicyLoss {
    ClippedPolicyLoss(
      ratioLevel: ratioLevel,
      surrogate: ClippedSurrogate(low: clipLow, high: clipHigh, dual: dualClip),
      klCoefficient: klCoefficient, klEstimator: klEstimator, aggregation: aggregation,
      constantLength: constantLength)
  }

  /// A shaping with the punishment of overlong completions where it is on.
  public func withOverlongPenalty(_ shaping: any RewardShaping) -> any RewardShaping {
    overlongBuffer.map { OverlongPenalty(shaping, buffer: $0) } ?? shaping
  }
}
