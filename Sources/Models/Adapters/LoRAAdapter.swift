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
    parameters = linears.flatMap { named in
      let made = Self.shapes(of: named, rank: configuration.rank).map {
        (name: $0.name, tensor: place.make($0.shape))
      }
      named.linear.adaptation.update = LowRankUpdate(
        down: made[0].tensor, up: made[1].tensor, scaling: configuration.scaling, state: state)
      return made
    }
  }

  /// A `[rank, in]` and B `[out, rank]` of a map with their names in PEFT's files.
  static func shapes(of named: NamedLinear, rank: Int) -> [(name: String, shape: [Int])] {
    let weight = named.linear.weight
    return [("lora_A", [rank, weight.size(1)]), ("lora_B", [weight.size(0), rank])].map {
      ("base_model.model.\(named.name).\($0).weight", $1)
    }
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
