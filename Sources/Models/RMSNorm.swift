import Torch

/// Root mean square normalisation (Zhang and Sennrich 2019), named `NAME.weight` in checkpoints.
struct RMSNorm {
  /// `[width]`.
  let weight: Tensor
  let epsilon: Double

  init(_ width: Int, epsilon: Double, in place: ParameterPlace) {
    weight = place.make([width])
    self.epsilon = epsilon
  }

  @inline(__always)
  func callAsFunction(_ input: Tensor) -> Tensor { input.rmsNorm(weight, epsilon: epsilon) }

  func parameters(_ name: String) -> [Parameter] {
    [Parameter(name: "\(name).weight", tensor: weight, initialization: .ones)]
  }
}
