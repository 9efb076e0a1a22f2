import Torch

/// What an adapter adds to one linear map: scaling · B A to its weight.
struct LowRankUpdate {
  /// A, `lora_A`: `[rank, in]`.
  let down: Tensor
  /// B, `lora_B`: `[out, rank]`.
  let up: Tensor
  let scaling: Double
  let state: AdapterState

  /// The map's output with the update of its input added, in the output's type.
  ///
  /// A and B compute in single precision beside a half-precision model, as in PEFT.
  func added(to output: Tensor, input: Tensor) -> Tensor {
    let wide = input.to(down.dtype)
    let kept = state.dropout.map { $0(wide) } ?? wide
    // The scaling goes where the tensor is narrowest.
    let change = (kept.linear(down) * scaling).linear(up)
    return (output.to(change.dtype) + change).to(output.dtype)
  }

  /// scaling · B A, `[out, in]`.
  var delta: Tensor { up.matmul(down) * scaling }
}

/// What all updates of one adapter share.
final class AdapterState {
  /// Whether the updates are added; without them the model is its base.
  var isEnabled = true
  /// Drops inputs, during the passes of a training step.
  var dropout: Dropout?
}

/// The place in a linear map where an adapter's update goes.
final class Adaptation {
  var update: LowRankUpdate?
  /// The map's weight with the update added, while a model samples.
  var merged: Tensor?

  /// The update that is to be computed beside the weight.
  @inline(__always)
  var separate: LowRankUpdate? {
    guard let update, merged == nil, update.state.isEnabled else { return nil }
    return update
  }
}
