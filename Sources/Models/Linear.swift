import Torch

/// x weightᵀ + bias, named `NAME.weight` and `NAME.bias` in checkpoints.
struct Linear {
  /// `[out, in]`.
  let weight: Tensor
  /// `[out]`.
  let bias: Tensor?

  init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  init(_ inputWidth: Int, _ outputWidth: Int, hasBias: Bool, in place: ParameterPlace) {
    weight = place.make([outputWidth, inputWidth])
    bias = hasBias ? place.make([outputWidth]) : nil
  }

  @inline(__always)
  func callAsFunction(_ input: Tensor) -> Tensor { input.linear(weight, bias: bias) }

  func parameters(_ name: String) -> [Parameter] {
    let weight = Parameter(name: "\(name).weight", tensor: weight, initialization: .normal)
    let bias = bias.map { Parameter(name: "\(name).bias", tensor: $0, initialization: .zeros) }
    return [weight] + (bias.map { [$0] } ?? [])
  }
}

/// Linear maps of one input whose weights lie one after the other in one block of memory.
///
/// The parts are the parameters. The block sees every change of theirs, in place as all changes are, so
/// that sampling multiplies once instead of once for every part, with nothing to keep in step.
/// Gradients are gathered by the parts alone.
struct LinearStack {
  /// The maps, each a leaf that shares the block's memory.
  let parts: [Linear]
  /// All of them as one map, without gradients.
  let whole: Linear

  init(_ inputWidth: Int, _ outputWidths: [Int], hasBias: Bool, in place: ParameterPlace) {
    let total = outputWidths.reduce(0, +)
    let whole = Linear(inputWidth, total, hasBias: hasBias, in: place)
    var start = 0
    parts = outputWidths.map { width in
      defer { start += width }
      return Linear(
        weight: whole.weight.narrow(0, from: start, count: width).detached(),
        bias: whole.bias?.narrow(0, from: start, count: width).detached())
    }
    self.whole = whole
  }

  /// Whether a part is to gather a gradient, so that the parts must be multiplied one by one.
  func gathersGradients(_ pass: ForwardPass) -> Bool {
    pass.isRecording
      && parts.contains { $0.weight.requiresGradient || $0.bias?.requiresGradient == true }
  }
}
