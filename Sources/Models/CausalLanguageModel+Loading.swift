import Foundation
import Torch

extension CausalLanguageModel {
  /// Opens a Hugging Face folder: `config.json`, safetensors with or without an index, and
  /// `generation_config.json` where it is there.
  ///
  /// - Parameter dtype: the type to compute in; weights of another are converted. nil is single
  ///   precision on the CPU, and elsewhere the type that the configuration names.
  /// - Throws: `ModelError` or `SafetensorsError` naming the file, and the key or the tensor with its
  ///   expected and found shape.
  public static func load(
    folder: URL, dtype: DType? = nil, device: Device = .cpu
  ) throws -> CausalLanguageModel {
    let configuration = try ModelConfiguration(folder: folder)
    let checkpoint = try Checkpoint(folder: folder)
    let stored = device == .cpu ? nil : configuration.storedDType
    let model = try CausalLanguageModel(
      uninitialized: configuration, dtype: dtype ?? stored ?? .float32, device: device)
    try model.checkNames(checkpoint)
    try withoutGradients {
      for (name, tensor) in model.parameters {
        tensor.copy(from: try checkpoint.tensor(name, shape: tensor.shape))
      }
    }
    try model.checkTiedOutput(checkpoint)
    return model
  }

  /// Refuses tensors that have no place in the model, and checks that none is missing.
  private func checkNames(_ checkpoint: Checkpoint) throws {
    let own = Set(parameters.map(\.name))
    for (name, tensor) in parameters where !checkpoint.contains(name) {
      _ = try checkpoint.tensor(name, shape: tensor.shape)
    }
    for name in checkpoint.names where !own.contains(name) {
      // Older checkpoints have the rotary frequencies, which the configuration gives.
      if name.hasSuffix(".rotary_emb.inv_freq") { continue }
      if name == Self.outputName, configuration.tiesEmbeddings { continue }
      throw ModelError(
        kind: .unexpectedTensor, path: checkpoint.path(of: name) ?? "",
        problem:
          "the tensor \"\(name)\" has no place in the \(configuration.family.rawValue) model of "
          + "\(configuration.layerCount) layers that config.json describes")
    }
  }

  /// A tied output weight may be in the file too; then it must be the embedding.
  private func checkTiedOutput(_ checkpoint: Checkpoint) throws {
    guard configuration.tiesEmbeddings, checkpoint.contains(Self.outputName) else { return }
    let stored = try checkpoint.tensor(Self.outputName, shape: outputWeight.shape)
    let own = Tensor.uninitialized(outputWeight.shape, dtype: dtype, device: device)
    own.copy(from: stored)
    guard (own .== outputWeight).all().intItem == 1 else {
      throw ModelError(
        kind: .unexpectedTensor, path: checkpoint.path(of: Self.outputName) ?? "",
        problem: "\"\(Self.outputName)\" differs from the embedding, but config.json ties the two "
          + "(tie_word_embeddings)")
    }
  }

  private static let outputName = "lm_head.weight"
}
