import Torch

/// A LoRA adapter on a model: A and B of every adapted linear map.
public final class LoRAAdapter {
  /// How it was made.
  public let configuration: LoRAConfiguration
  /// All A and B under their names in PEFT's files, in the order of the model's linear maps.
  public let parameters: [(name: String, tensor: Tensor)]

  let state: AdapterState
  let linears: [NamedLinear]

  /// Puts A and B that are not written yet beside `linears`.
  init(_ configuration: LoRAConfiguration, linears: [NamedLinear], place: ParameterPlace) {
    self.configuration = configuration
    self.linears = linears
    let state = AdapterState()
    self.state = state
    parameters = linears.flatMap { name, linear in
      let down = place.make([configuration.rank, linear.weight.size(1)])
      let up = place.make([linear.weight.size(0), configuration.rank])
      linear.adaptation.update = LowRankUpdate(
        down: down, up: up, scaling: configuration.scaling, state: state)
      return [
        (Self.parameterName(name, "lora_A"), down), (Self.parameterName(name, "lora_B"), up),
      ]
    }
  }

  private static func parameterName(_ module: String, _ part: String) -> String {
    "base_model.model.\(module).\(part).weight"
  }

  /// The number of elements of all A and B.
  public var parameterCount: Int { parameters.map(\.tensor.count).reduce(0, +) }

  /// Whether a training step drops inputs.
  public var hasDropout: Bool { configuration.dropout > 0 }

  /// Writes initial values as PEFT does: A Kaiming-uniform (He et al. 2015) with a slope of sqrt(5), which
  /// is uniform within 1 / sqrt(in); B zero, so that the adapted model starts as its base.
  ///
  /// - Throws: `TorchError` when there is no memory for a generator.
  func initialize(seed: UInt64) throws {
    let generator = try RandomGenerator(seed: seed)
    withoutGradients {
      for (_, linear) in linears {
        guard let update = linear.adaptation.update else { continue }
        let bound = 1 / Double(update.down.size(1)).squareRoot()
        update.down.copy(from: generator.uniform(update.down.shape) * (2 * bound) - bound)
        update.up.fill(0)
      }
    }
  }

  /// Takes the updates off the linear maps.
  func detach() {
    for (_, linear) in linears { linear.adaptation.update = nil }
  }
}
