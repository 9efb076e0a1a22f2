import Torch

extension CausalLanguageModel {
  /// A model of random weights, as transformers initialises them: matrices normal with the
  /// configuration's `initializerRange`, biases zero, norms one, the padding id's embedding zero.
  ///
  /// - Parameter seed: the same weights for the same seed, on every device.
  /// - Throws: `ModelError` when the device is not there or `dtype` is no floating-point type.
  public convenience init(
    configuration: ModelConfiguration, seed: UInt64, dtype: DType = .float32,
    device: Device = .cpu
  ) throws {
    try self.init(uninitialized: configuration, dtype: dtype, device: device)
    let generator = try RandomGenerator(seed: seed)
    withoutGradients {
      for entry in entries {
        switch entry.initialization {
        case .zeros: entry.tensor.fill(0)
        case .ones: entry.tensor.fill(1)
        case .normal, .embedding:
          let values = generator.normal(entry.tensor.shape)
          values.scaleInPlace(configuration.initializerRange)
          entry.tensor.copy(from: values)
          if entry.initialization == .embedding, let id = configuration.padTokenID,
            (0..<configuration.vocabularySize).contains(id)
          {
            entry.tensor.select(0, id).fill(0)
          }
        }
      }
    }
  }

  /// A copy with weights of its own, not trainable and without the adapter: a frozen reference policy, for
  /// example.
  ///
  /// - Throws: `ModelError` when the device has gone.
  public func copy() throws -> CausalLanguageModel {
    let copy = try CausalLanguageModel(uninitialized: configuration, dtype: dtype, device: device)
    copy.update(from: self)
    return copy
  }

  /// Overwrites all weights with those of `other`, a model of the same architecture.
  public func update(from other: CausalLanguageModel) {
    precondition(
      parameters.map(\.name) == other.parameters.map(\.name),
      "the weights of a model of another architecture")
    withoutGradients {
      for (own, source) in zip(parameters, other.parameters) {
        own.tensor.copy(from: source.tensor)
      }
    }
  }
}
