import Settings
import Torch

/// How per-token losses become the step's scalar. The denominators are those of the whole optimiser
/// step, so that the gradient does not depend on its split into micro-batches.
public enum LossAggregation: String, SettingChoice {
  /// The mean over rows of each row's token mean: GRPO.
  case seqMeanTokenMean = "seq-mean-token-mean"
  /// The mean over all tokens: DAPO (arXiv 2503.14476, section 3.3).
  case tokenMean = "token-mean"
  /// The sum over tokens by rows times a constant: Dr. GRPO (arXiv 2503.20783).
  case constantLength = "constant-length"

  /// The scalar.
  ///
  /// - Parameters:
  ///   - tokenLosses: `[b, T]` or `[b, 1]`.
  ///   - constantLength: the constant of that mode, in tokens.
  public func callAsFunction(
    _ tokenLosses: Tensor, inputs: LossInputs, totals: StepTotals, constantLength: Int
  ) -> Tensor {
    var counted = inputs.counted(tokenLosses.expanded(inputs.mask.shape))
    if let weights = inputs.rowWeights { counted = counted * weights }
    switch self {
    case .seqMeanTokenMean:
      return (counted.sum(1, keepDims: true) / inputs.lengths).sum() / Double(totals.rowCount)
    case .tokenMean:
      return counted.sum() / Double(max(totals.tokenCount, 1))
    case .constantLength:
      return counted.sum() / (Double(totals.rowCount) * Double(constantLength))
    }
  }
}
