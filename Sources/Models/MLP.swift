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
    linears(name).flatMap { $0.linear.parameters($0.name) }
  }

  func linears(_ name: String) -> [NamedLinear] {
    zip(["gate_proj", "up_proj", "down_proj"], projections.parts + [down]).map {
      ("\(name).\($0)", $1)
    }
  }

  /// Adds adapters' updates to copies of the weights, or gives the copies up.
  func setMerged(_ isMerged: Bool) {
    isMerged ? projections.merge() : projections.unmerge()
    isMerged ? down.merge() : down.unmerge()
  }

  /// - Parameter input: `[batch, length, hidden]`; the result has its shape.
  func callAsFunction(_ input: Tensor, pass: ForwardPass) -> Tensor {
    if projections.isSplit(pass) {
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
