import Foundation
import Models
import Tokenizers
import Torch

/// A text encoder with its tokenizer.
struct LoadedTextEncoder {
  let encoder: TextEncoder
  let tokenizer: Tokenizer

  /// Reads a Hugging Face folder.
  ///
  /// - Parameter dtype: the type to compute in.
  /// - Throws: errors of the folder's model and tokenizer; `FileError` when they do not fit each other.
  init(folder: URL, dtype: DType = .float32, device: Device) throws {
    encoder = try TextEncoder.load(folder: folder, dtype: dtype, device: device)
    tokenizer = try Tokenizer(folder: folder)
    guard tokenizer.vocabularySize <= encoder.configuration.vocabularySize else {
      throw FileError(
        "\(folder.path): the tokenizer has \(tokenizer.vocabularySize) tokens, the encoder only "
          + "\(encoder.configuration.vocabularySize) embeddings")
    }
  }
}
