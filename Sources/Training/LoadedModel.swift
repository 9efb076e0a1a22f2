import Foundation
import Models
import Tasks
import Tokenizers
import Torch

/// A language model with what belongs to it: its tokenizer and the tokens that end a completion.
public struct LoadedModel {
  /// The weights.
  public let model: CausalLanguageModel
  /// The text side.
  public let tokenizer: Tokenizer
  /// Tokens that end a completion.
  public let endTokens: Set<Int>
  /// Where tokenizer files are copied from.
  public let folder: URL
  /// Where the weights come from, without an adapter.
  public let base: URL
  /// How the model is prompted as a chat model; nil for plain text.
  public var chat: ChatPrompting?

  /// Reads a Hugging Face model folder.
  ///
  /// - Parameters:
  ///   - adapter: a LoRA adapter to put beside the weights.
  ///   - tokenizer: the folder of the tokenizer, which must outlive the model; nil is the model's own. A
  ///     checkpoint's does not: it goes when later ones are written.
  ///   - loadedTokenizer: that tokenizer, where it is already read.
  /// - Throws: typed errors naming the file and what is wrong with it.
  public init(
    folder: URL, adapter: LoRAFolder? = nil, tokenizer: URL? = nil,
    loadedTokenizer: Tokenizer? = nil, dtype: DType? = nil, device: Device = .cpu
  ) throws {
    let model = try CausalLanguageModel.load(folder: folder, dtype: dtype, device: device)
    if let adapter { try model.loadAdapter(adapter) }
    try self.init(
      model: model, base: folder, folder: tokenizer ?? folder, tokenizer: loadedTokenizer)
  }

  /// Puts a model, whose weights come from `base`, together with the tokenizer of `folder`, which is read
  /// where it is not given.
  init(
    model: CausalLanguageModel, base: URL, folder: URL, tokenizer loaded: Tokenizer? = nil
  ) throws {
    self.folder = folder
    self.base = base
    self.model = model
    tokenizer = try loaded ?? Tokenizer(folder: folder)
    guard tokenizer.vocabularySize <= model.configuration.vocabularySize else {
      throw FileError(
        "\(folder.path): the tokenizer has \(tokenizer.vocabularySize) tokens, the model only "
          + "\(model.configuration.vocabularySize) embeddings")
    }
    var ends = Set(model.configuration.eosTokenIDs)
    if let id = tokenizer.eosTokenID { ends.insert(id) }
    guard !ends.isEmpty else {
      throw FileError(
        "\(folder.path): neither config.json, generation_config.json nor tokenizer_config.json "
          + "names an end token (eos_token_id)")
    }
    endTokens = ends
  }

  /// The end token to teach: the tokenizer's own where it is one, otherwise the lowest.
  public var primaryEndToken: Int? { tokenizer.eosTokenID ?? endTokens.min() }

  /// Writes the problems of a task as this model reads them.
  public func promptWriter(_ task: any ReasoningTask) -> PromptWriter {
    PromptWriter(task: task, chat: chat, tokenizer: tokenizer)
  }

  /// Writes a Hugging Face model folder: weights, configuration, tokenizer files. Of a model with an adapter,
  /// a PEFT folder: the adapter, which names the base's folder, and tokenizer files.
  ///
  /// - Parameter dtype: the type of the saved weights; nil is the model's own. An adapter keeps its own.
  /// - Throws: typed errors naming the file.
  public func save(to folder: URL, dtype: DType? = nil) throws {
    if model.adapter == nil {
      try model.save(to: folder, dtype: dtype)
    } else {
      try model.saveAdapter(to: folder, baseModel: base.standardizedFileURL.path)
    }
    guard try copyTokenizerFiles(from: self.folder, to: folder).contains("tokenizer.json") else {
      throw FileError(
        "\(self.folder.path): tokenizer.json has gone since the model was loaded, so that the saved "
          + "model would have none")
    }
  }
}
