import Settings
import Torch

/// A bound on how far an update may leave the policy that sampled, as a squared hinge: nothing below
/// delta, a steep wall above (DisCO, arXiv 2505.12366).
public struct TrustRegion: Sendable, Equatable {
  /// delta, in nats per token.
  public let delta: Double
  /// beta, the weight of the hinge.
  public let beta: Double
  /// How the divergence K is estimated.
  public let estimator: TrustRegionKL
  /// The factor before the square.
  public let form: PenaltyForm

  /// A bound.
  public init(delta: Double, beta: Double, estimator: TrustRegionKL, form: PenaltyForm) {
    self.delta = delta
    self.beta = beta
    self.estimator = estimator
    self.form = form
  }

  /// K, the mean over counted tokens of the estimates of KL(pi_old || pi_theta), a scalar in nats; 0
  /// where no token counts.
  ///
  /// - Parameters: both `[b, T]`; masked places of `logRatio` = log pi_theta - log pi_old hold 0.
  public func divergence(logRatio: Tensor, mask: Tensor) -> Tensor {
    let tokens = mask.to(logRatio.dtype).sum().clamped(min: 1)
    return estimator.estimates(logRatio).sum() / tokens
  }

  /// (beta / 2) max(K - delta, 0)²; without the 1/2 in the form `full`.
  public func penalty(_ divergence: Tensor) -> Tensor {
    (divergence - delta).relu().squared() * (beta * form.factor)
  }

  /// d penalty / d K at K = `divergence`.
  public func slope(_ divergence: Double) -> Double {
    2 * beta * form.factor * max(divergence - delta, 0)
  }
}

/// Per-token estimators of KL(pi_old || pi_theta) from samples of pi_old, with
/// d = log pi_theta - log pi_old.
public enum TrustRegionKL: String, SettingChoice {
  /// -d: unbiased; can be negative, which is then no violation.
  case k1
  /// exp(d) - 1 - d: never negative, low variance.
  case lowVariance = "low-var"

  /// The estimates at d, of any shape.
  func estimates(_ logRatio: Tensor) -> Tensor {
    switch self {
    case .k1: KLEstimator.k1(referenceLogRatio: logRatio)
    case .lowVariance: KLEstimator.k3(referenceLogRatio: logRatio)
    }
  }
}

/// The factor before the squared hinge.
public enum PenaltyForm: String, SettingChoice {
  /// beta / 2, whose gradient is that of the authors' code.
  case half
  /// beta, as the paper prints it.
  case full

  var factor: Double { self == .half ? 0.5 : 1 }
}
