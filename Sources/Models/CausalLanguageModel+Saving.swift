import Foundation
import Torch

extension CausalLanguageModel {
  /// Writes a folder that transformers opens as it is: `config.json` with all keys that were read,
  /// `generation_config.json` where there was one, and `model.safetensors`.
  ///
  /// Every file is written to a temporary name, flushed and renamed, the weights last, so that a
  /// folder whose weights are there is complete.
  ///
  /// - Parameter dtype: the type of the saved weights; nil is the model's own.
  /// - Throws: `ModelError` or `SafetensorsError` naming the file that could not be written; `ModelError`
  ///   for a model with an adapter, which this folder would lack.
  public func save(to folder: URL, dtype: DType? = nil) throws {
    guard adapter == nil else {
      throw ModelError(
        kind: .unsupported, path: folder.path,
        problem:
          "the model has an adapter, which a model's folder does not hold; save the adapter, or "
          + "merge it first")
    }
    let type = dtype ?? self.dtype
    try makeFolder(folder)
    if let generation = configuration.generationDocument {
      try write(
        Data(generation.prettyPrinted.utf8),
        to: folder.appending(path: ModelConfiguration.generationFileName))
    }
    try write(
      configuration.json(dtype: type), to: folder.appending(path: ModelConfiguration.fileName))
    let tensors = withoutGradients {
      parameters.map { (name: $0.name, tensor: $0.tensor.detached().to(type)) }
    }
    try SafetensorsFile.write(
      tensors, metadata: ["format": "pt"], to: folder.appending(path: Checkpoint.fileName))
  }
}

extension ModelConfiguration {
  /// The bytes of a `config.json` for weights of the given type.
  func json(dtype: DType) -> Data {
    var document = document
    // The key that the file has; `torch_dtype` is understood by every version of transformers.
    let keys = ["dtype", "torch_dtype"].filter { document[$0] != nil }
    for key in keys.isEmpty ? ["torch_dtype"] : keys {
      document[key] = .string(dtype.checkpointName)
    }
    return Data(document.prettyPrinted.utf8)
  }
}
