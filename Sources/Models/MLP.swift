import Torch

/// Gated linear units with SiLU (Shazeer 2020), `mlp` in checkpoints: down(silu(gate x) · up x).
struct MLP {
  private let intermediateSize: Int
  /// `gate_proj`, `up_proj`.
  private let projections: LinearStack
  /// `down_proj`.
  private let down: Linear

  init(_ configuration: ModelConfiguration, in place: ParameterPlace) {
    intermediateSize = configuration.intermediateSize
    projections = LinearStack(
      configuration.hiddenSize, [intermediateSize, intermediateSize],
      hasBias: configuration.mlpBias, in: place)
    down = Linear(
      intermediateSize, configuration.hiddenSize, hasBias: configuration.mlpBias, in: place)
  }

  func parameters(_ name: String) -> [Parameter] {
    projections.parts[0].parameters("\(name).gate_proj")
      + projections.parts[1].parameters("\(name).up_proj") + down.parameters("\(name).down_proj")
  }

  /// - Parameter input: `[batch, length, hidden]`; the result has its shape.
  func callAsFunction(_ input: Tensor, pass: ForwardPass) -> Tensor {
    if projections.gathersGradients(pass) {
      return down(
        .siluMultiplied(gate: projections.parts[0](input), up: projections.parts[1](input)))
    }
    let both = projections.whole(input)
    return down(
      .siluMultiplied(
        gate: both.narrow(-1, from: 0, count: intermediateSize),
        up: both.narrow(-1, from: intermediateSize, count: intermediateSize)))
  }
}
