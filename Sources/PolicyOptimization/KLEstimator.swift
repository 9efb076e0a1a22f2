import Settings
import Torch

/// Per-token estimators of KL(pi_theta || pi_ref) from samples of pi_theta (Schulman, "Approximating KL
/// divergence", 2020). With D = log pi_ref - log pi_theta:
///
/// As loss terms they differ more than in value: k1's expected gradient is 0, k2's is that of
/// KL(pi_theta || pi_ref), and k3's that of KL(pi_ref || pi_theta).
public enum KLEstimator: String, SettingChoice {
  /// -D: unbiased, high variance.
  case k1
  /// D² / 2: biased, low variance.
  case k2
  /// exp(D) - D - 1: unbiased and never negative; GRPO's (arXiv 2402.03300, equation 4).
  case k3

  /// The estimates at D = `logRatio`, of any shape, in nats.
  public func callAsFunction(referenceLogRatio logRatio: Tensor) -> Tensor {
    switch self {
    case .k1: -logRatio
    case .k2: logRatio.squared() * 0.5
    case .k3: logRatio.expm1() - logRatio
    }
  }
}
