import Torch

/// A loss in which rows that the policy did not sample have a surrogate of their own (after LUFFY, arXiv
/// 2504.14945): no ratio and no clip, but the token's probability x, shaped so that unlikely tokens are
/// not drowned by likely ones:
///
///     f(x) A,  x = exp(logp),  f(x) = x / (x + gamma)            to be maximised
///
/// The gradient in logp is A gamma x / (x + gamma)². Everything else, a divergence from the reference
/// among it, is the base's.
public struct AnchoredLoss: PolicyLoss {
  /// The loss of sampled rows.
  public let base: ClippedPolicyLoss
  /// gamma.
  public let gamma: Double

  /// A loss.
  public init(base: ClippedPolicyLoss, gamma: Double) {
    self.base = base
    self.gamma = gamma
  }

  /// True: every row contributes by itself.
  public var isSeparable: Bool { base.isSeparable }
  /// The base's.
  public var needsReference: Bool { base.needsReference }

  /// The rows' contribution to the loss.
  public func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs {
    guard let anchors = inputs.offPolicy else { return base(inputs, totals: totals) }
    let probabilities = inputs.counted(inputs.logProbabilities).exp()
    let shaped = probabilities / (probabilities + gamma)
    // An anchor has no policy that sampled it: with the current one its ratio is 1, never clipped.
    var sampled = inputs
    sampled.oldLogProbabilities = Tensor.where(
      anchors, inputs.logProbabilities.detached(), inputs.oldLogProbabilities)
    let outputs = base(sampled, totals: totals) { surrogate in
      Tensor.where(anchors, shaped * inputs.advantages.detached(), surrogate)
    }
    var metrics = outputs.metrics
    metrics.add(
      withoutGradients {
        measured(anchors .& inputs.mask, probabilities: probabilities, shaped: shaped)
      })
    return LossOutputs(loss: outputs.loss, metrics: metrics)
  }

  private func measured(_ tokens: Tensor, probabilities: Tensor, shaped: Tensor) -> Metrics {
    let others = tokens.logicalNot()
    let count = tokens.to(.float32).sum()
    var metrics = DeviceMetrics(like: probabilities.dtype)
    metrics.add(
      "anchors/probability", sum: probabilities.maskedFill(others, 0).sum(), weight: count)
    metrics.add("anchors/shaped", sum: shaped.maskedFill(others, 0).sum(), weight: count)
    return metrics.read()
  }
}
