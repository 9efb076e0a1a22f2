import Settings
import Torch

/// GRPO (arXiv 2402.03300): rewards of completions of one prompt are compared with each other, and the
/// clipped surrogate moves the policy towards the better ones.
///
/// Dr. GRPO (2503.20783), DAPO (2503.14476) and GSPO (2507.18071) are settings of it.
public enum GRPO {
  /// The method with these settings.
  public static func method(
    _ settings: GRPOSettings, publication: MethodPublication = GRPO.publication
  ) -> Method {
    Method(
      publication: publication,
      selection: settings.selection,
      shaping: settings.withOverlongPenalty(OutcomeReward()),
      advantage: settings.advantage,
      loss: settings.loss,
      settings: settings.settings)
  }
}

/// GRPO's loss and its variants (arXiv 2402.03300, equation 3), to be minimised.
public struct ClippedPolicyLoss: PolicyLoss {
  /// Whose ratio is clipped.
  public var ratioLevel: RatioLevel
  /// The bounds.
  public var surrogate: ClippedSurrogate
  /// beta, the weight of the divergence from the reference policy.
  public var klCoefficient: Double
  /// How the divergence is estimated.
  public var klEstimator: KLEstimator
  /// How token losses become a scalar.
  public var aggregation: LossAggregation
  /// The constant of the aggregation of that name; the longest allowed completion where nil.
  public var constantLength: Int?

  /// A loss.
  public init(
    ratioLevel: RatioLevel, surrogate: ClippedSurrogate, klCoefficient: Double,
    klEstimator: KLEstimator, aggregation: LossAggregation, constantLength: Int?
  ) {
    self.ratioLevel = ratioLevel
    self.surrogate = surrogate
    self.klCoefficient = klCoefficient
    self.klEstimator = klEstimator
    self.aggregation = aggregation
    self.constantLength = constantLength
  }

  /// True: given the totals, every row contributes by itself.
  public var isSeparable: Bool { true }

  /// Whether the divergence has a weight.
  public var needsReference: Bool { klCoefficient > 0 }

  /// The rows' contribution to the loss.
  public func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs {
    self(inputs, totals: totals) { $0 }
  }

  /// The loss with some of the surrogates, `[b, T]` or `[b, 1]` and to be maximised, replaced by others.
  func callAsFunction(
    _ inputs: LossInputs, totals: StepTotals, replacing other: (Tensor) -> Tensor
  ) -> LossOutputs {
    let ratio = ratioLevel.ratio(inputs)
    let advantages = inputs.advantages.detached()
    var tokenLosses = -other(surrogate(ratio: ratio, advantages: advantages))
    var divergence: Tensor?
    if needsReference {
      guard let reference = inputs.referenceLogProbabilities else {
        preconditionFailure("kl-coef \(klCoefficient) needs the reference's log-probabilities")
      }
      let estimates = klEstimator(
        referenceLogRatio: inputs.counted(reference - inputs.logProbabilities))
      tokenLosses = tokenLosses + estimates * klCoefficient
      divergence = estimates
    }
    let loss = aggregation(
      tokenLosses, inputs: inputs, totals: totals,
      constantLength: constantLength ?? totals.maxCompletion)
    return LossOutputs(
      loss: loss,
      metrics: withoutGradients {
        measured(inputs, ratio: ratio, advantages: advantages, divergence: divergence)
      })
  }

  /// Shares of clipped tokens (of rows, where a row has one ratio and one advantage), of the row with the
  /// fewest and that with the most, and the mean divergence, under TRL's names.
  private func measured(
    _ inputs: LossInputs, ratio: Tensor, advantages: Tensor, divergence: Tensor?
  ) -> Metrics {
    var metrics = DeviceMetrics(like: inputs.logProbabilities.dtype)
    let tokenCount = inputs.mask.to(.float32).sum()
    var (low, high) = surrogate.clipped(ratio: ratio, advantages: advantages)
    var weight = tokenCount
    if ratioLevel == .sequence, advantages.size(1) == 1 {
      weight = .full([], Double(inputs.mask.size(0)), device: tokenCount.device)
    } else {
      low = low .& inputs.mask
      high = high .& inputs.mask
    }
    let lowCount = low.to(.float32).sum()
    let highCount = high.to(.float32).sum()
    metrics.add("clip_ratio/low_mean", sum: lowCount, weight: weight)
    metrics.add("clip_ratio/high_mean", sum: highCount, weight: weight)
    metrics.add("clip_ratio/region_mean", sum: lowCount + highCount, weight: weight)
    let lengths = inputs.mask.to(.float32).sum(1)
    // A row without tokens has no share.
    let empty = (lengths .== 0).to(.float32)
    func shares(_ clipped: Tensor) -> Tensor {
      clipped.size(1) == 1
        ? clipped.to(.float32).sum(1)
        : clipped.to(.float32).sum(1) / lengths.clamped(min: 1) * (1 - empty)
    }
    metrics.add("clip_ratio/low_min", .minimum, of: shares(low) + empty)
    metrics.add("clip_ratio/high_max", .maximum, of: shares(high))
    if let divergence {
      metrics.add("kl", sum: inputs.counted(divergence).sum(), weight: tokenCount)
    }
    return metrics.read()
  }
}
