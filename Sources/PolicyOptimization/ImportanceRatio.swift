import Settings
import Torch

/// The ratio pi_theta / pi_old that weighs what an older policy sampled.
public enum RatioLevel: String, SettingChoice {
  /// Of each token: GRPO.
  case token
  /// Of the whole completion, normalised by its length: GSPO (arXiv 2507.18071, equation 7).
  case sequence

  /// rho: `[b, T]` for tokens, 1 at masked positions; `[b, 1]` for sequences, whose gradient reaches
  /// every token of the row with weight 1 / L.
  public func ratio(_ inputs: LossInputs) -> Tensor {
    switch self {
    case .token: inputs.logRatio.exp()
    case .sequence: (inputs.logRatio.sum(1, keepDims: true) / inputs.lengths).exp()
    }
  }
}

extension LossInputs {
  /// `[b, T]` log pi_theta - log pi_old, 0 at masked positions: selected before anything is
  /// exponentiated, so that whatever lies in the padding cannot overflow.
  public var logRatio: Tensor {
    counted(logProbabilities - oldLogProbabilities)
  }

  /// `[b, 1]` counted tokens of each row, 1 for an empty row, in the log-probabilities' type.
  var lengths: Tensor {
    mask.to(logProbabilities.dtype).sum(1, keepDims: true).clamped(min: 1)
  }

  /// `values` `[b, T]` where the mask is true, 0 (and gradient 0) elsewhere.
  func counted(_ values: Tensor) -> Tensor { values.maskedFill(mask.logicalNot(), 0) }

  /// The largest |log pi_theta - log pi_old| of a counted token: rounding noise on the first update
  /// after a rollout, when sampler and trainer agree.
  public var largestLogRatio: Double {
    withoutGradients { logRatio.abs().max().item }
  }
}
