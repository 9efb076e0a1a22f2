import Foundation
import Torch

/// Picks one token per row.
struct TokenSampling {
  let settings: SamplingSettings

  /// - Parameters:
  ///   - logits: `[rows, vocabulary]`.
  ///   - uniforms: one number in [0, 1) per row.
  /// - Returns: tokens `[rows]` and their log-probabilities `[rows]` (see `Trajectory`).
  func sample(logits: Tensor, uniforms: [Float]) -> (tokens: Tensor, logProbabilities: Tensor) {
    guard settings.temperature > 0 else {
      let tokens = logits.argmax(-1)
      return (tokens, picked(logits.to(.float32).logSoftmax(), tokens))
    }
    let scaled = logits.to(.float32)
    let logProbabilities =
      (settings.temperature == 1 ? scaled : scaled / settings.temperature).logSoftmax()
    let tokens = drawn(from: truncated(logProbabilities).exp(), uniforms)
    return (tokens, picked(logProbabilities, tokens))
  }

  private func picked(_ logProbabilities: Tensor, _ tokens: Tensor) -> Tensor {
    logProbabilities.gather(1, tokens.unsqueezed(1)).squeezed(1)
  }

  /// Inverse-transform sampling: the first token at which the running sum exceeds u times the total.
  private func drawn(from weights: Tensor, _ uniforms: [Float]) -> Tensor {
    let sums = weights.cumulativeSum(1)
    let total = sums.narrow(1, from: sums.size(1) - 1, count: 1)
    // Below the total even after rounding, so that a token of weight 0 is never the one.
    let shrink = 1 - 0x1p-22
    let thresholds = Tensor(uniforms, on: weights.device).unsqueezed(1) * total * shrink
    return (sums .<= thresholds).sum(1)
  }

  /// Log-probabilities with the tokens left out at minus infinity.
  private func truncated(_ logProbabilities: Tensor) -> Tensor {
    guard settings.truncates else { return logProbabilities }
    var kept = logProbabilities
    if let topK = settings.topK, topK < kept.size(1) {
      let smallest = kept.topK(topK).values.narrow(1, from: topK - 1, count: 1)
      kept = kept.maskedFill(kept .< smallest, -.infinity)
    }
    if settings.minP > 0 {
      let least = kept.max(1, keepDims: true) + log(settings.minP)
      kept = kept.maskedFill(kept .< least, -.infinity)
    }
    if settings.topP < 1 {
      let (values, indices) = kept.softmax().sorted(1, descending: true)
      // A token stays while the sum before it is below top-p; the first always stays.
      let before = values.cumulativeSum(1) - values
      let drop = (before .>= settings.topP) .& (before .> 0)
      kept = kept.maskedFill(drop.zeros(drop.shape).scatter(1, indices, drop), -.infinity)
    }
    return kept
  }
}
