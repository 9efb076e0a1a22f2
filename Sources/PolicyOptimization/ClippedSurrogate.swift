import Torch

/// PPO's clipped surrogate with separate bounds (Schulman et al. 2017, equation 7; DAPO's clip-higher,
/// arXiv 2503.14476, section 3.1).
public struct ClippedSurrogate: Sendable, Equatable {
  /// How far below 1 the ratio counts.
  public let low: Double
  /// How far above 1 the ratio counts.
  public let high: Double
  /// A bound c > 1: a negative advantage is multiplied with at most c (Ye et al. 2020, equation 5).
  public let dual: Double?

  /// Bounds 1 - low and 1 + high.
  public init(low: Double, high: Double, dual: Double? = nil) {
    self.low = low
    self.high = high
    self.dual = dual
  }

  /// min(rho A, clip(rho, 1 - low, 1 + high) A), for a negative A at least c A; to be maximised.
  ///
  /// - Parameters: both `[b, T]` or `[b, 1]`.
  public func callAsFunction(ratio: Tensor, advantages: Tensor) -> Tensor {
    let clipped = ratio.clamped(min: 1 - low, max: 1 + high)
    let surrogate = Tensor.minimum(ratio * advantages, clipped * advantages)
    guard let dual else { return surrogate }
    let bounded = Tensor.maximum(surrogate, advantages * dual)
    return Tensor.where(advantages .< 0, bounded, surrogate)
  }

  /// Where clipping takes the gradient away: (below the lower bound with A < 0, above the upper bound
  /// with A > 0), truth values.
  func clipped(ratio: Tensor, advantages: Tensor) -> (low: Tensor, high: Tensor) {
    (
      (ratio .< 1 - low) .& (advantages .< 0),
      (ratio .> 1 + high) .& (advantages .> 0)
    )
  }
}
