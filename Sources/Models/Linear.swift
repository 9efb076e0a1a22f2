import Torch

/// x weightᵀ + bias, named `NAME.weight` and `NAME.bias` in checkpoints.
struct Linear {
  /// `[out, in]`.
  let weight: Tensor
  /// `[out]`.
  let bias: Tensor?
  /// What an adapter changes.
  let adaptation = Adaptation()

  init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  init(_ inputWidth: Int, _ outputWidth: Int, hasBias: Bool, in place: ParameterPlace) {
    weight = place.make([outputWidth, inputWidth])
    bias = hasBias ? place.make([outputWidth]) : nil
  }

  @inline(__always)
  func callAsFunction(_ input: Tensor) -> Tensor {
    let output = input.linear(adaptation.merged ?? weight, bias: bias)
    return adaptation.separate?.added(to: output, input: input) ?? output
  }

  func parameters(_ name: String) -> [Parameter] {
    let weight = Parameter(name: "\(name).weight", tensor: weight, initialization: .normal)
    let bias = bias.map { Parameter(name: "\(name).bias", tensor: $0, initialization: .zeros) }
    return [weight] + (bias.map { [$0] } ?? [])
  }
}

/// A linear map with its name in checkpoints: `model.layers.0.self_attn.q_proj`.
typealias NamedLinear = (name: String, linear: Linear)

extension Linear {
  /// Adds the update to a copy of the weight, which is used until `unmerge`.
  func merge() {
    if let delta = adaptation.update?.delta { adaptation.merged = weight + delta }
  }

  /// Goes back to the weight with the update beside it.
  func unmerge() { adaptation.merged = nil }
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

  /// Whether the parts must be multiplied one by one: a part is to gather a gradient, or an adapter's
  /// update is computed beside it.
  func isSplit(_ pass: ForwardPass) -> Bool {
    parts.contains {
      $0.adaptation.separate != nil
        || pass.isRecording && ($0.weight.requiresGradient || $0.bias?.requiresGradient == true)
    }
  }

  /// Adds the parts' updates to a copy of the block, which is used until `unmerge`.
  func merge() {
    guard parts.contains(where: { $0.adaptation.update != nil }) else { return }
    let block = whole.weight.cloned()
    var start = 0
    for part in parts {
      let rows = part.weight.size(0)
      let merged = block.narrow(0, from: start, count: rows)
      if let delta = part.adaptation.update?.delta { merged.addInPlace(delta) }
      part.adaptation.merged = merged
      start += rows
    }
    whole.adaptation.merged = block
  }

  /// Goes back to the block with the updates beside it.
  func unmerge() {
    for linear in parts + [whole] { linear.unmerge() }
  }
}
