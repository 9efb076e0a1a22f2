import Foundation
import JSON
import Torch

/// A decoder language model's architecture, as `config.json` of a Hugging Face folder describes it.
///
/// All keys of the file are kept, known or not, so that a saved model's configuration differs from
/// the one that was read in nothing but the element type.
public struct ModelConfiguration: Sendable, Equatable {
  /// The family, from `model_type`.
  public let family: ModelFamily
  /// The number of token ids, `vocab_size`.
  public let vocabularySize: Int
  /// The width of the residual stream, `hidden_size`.
  public let hiddenSize: Int
  /// The width of the gated units, `intermediate_size`.
  public let intermediateSize: Int
  /// The number of decoder layers, `num_hidden_layers`.
  public let layerCount: Int
  /// The number of query heads, `num_attention_heads`.
  public let headCount: Int
  /// The number of key and value heads, `num_key_value_heads`; divides `headCount`.
  public let keyValueHeadCount: Int
  /// The width of one head, `head_dim`; hidden size over head count where the file has none.
  public let headWidth: Int
  /// The base of the rotary frequencies, `rope_theta`.
  public let ropeTheta: Double
  /// How the rotary frequencies are scaled, `rope_scaling` or `rope_parameters`.
  public let ropeScaling: RopeScaling
  /// What RMS norms add to the mean square, `rms_norm_eps`.
  public let rmsNormEpsilon: Double
  /// Whether the output weight is the embedding, `tie_word_embeddings`.
  public let tiesEmbeddings: Bool
  /// Whether query, key and value have biases: `attention_bias`, always in Qwen2.
  public let attentionBias: Bool
  /// Whether the attention's output has a bias: `attention_bias`, never in Qwen2.
  public let attentionOutputBias: Bool
  /// Whether the gated units' maps have biases, `mlp_bias`.
  public let mlpBias: Bool
  /// Whether every head's query and key are RMS-normalised (Qwen3).
  public var usesQueryKeyNorm: Bool { family == .qwen3 }
  /// The longest context of pretraining, `max_position_embeddings`.
  public let maximumPositions: Int
  /// The standard deviation of random weights, `initializer_range`.
  public let initializerRange: Double
  /// The ids that end a text: those of `generation_config.json` where it has any, otherwise
  /// `eos_token_id` of `config.json`.
  public let eosTokenIDs: [Int]
  /// The id that starts a text, `bos_token_id`.
  public let bosTokenID: Int?
  /// The id that fills up rows, `pad_token_id`.
  public let padTokenID: Int?
  /// The element type that the file names (`dtype` or `torch_dtype`); nil where it names none.
  public let storedDType: DType?

  /// `config.json` with all its keys.
  let document: JSONValue
  /// `generation_config.json` with all its keys; nil where the folder has none.
  let generationDocument: JSONValue?

  /// The number of elements of all parameters; a tied output weight counts once.
  public var parameterCount: Int {
    let queryWidth = headCount * headWidth
    let keyValueWidth = keyValueHeadCount * headWidth
    var layer = hiddenSize * (queryWidth + 2 * keyValueWidth) + queryWidth * hiddenSize
    layer += 3 * hiddenSize * intermediateSize + 2 * hiddenSize
    if attentionBias { layer += queryWidth + 2 * keyValueWidth }
    if attentionOutputBias { layer += hiddenSize }
    if mlpBias { layer += 2 * intermediateSize + hiddenSize }
    if usesQueryKeyNorm { layer += 2 * headWidth }
    let embeddings = (tiesEmbeddings ? 1 : 2) * vocabularySize * hiddenSize
    return embeddings + layerCount * layer + hiddenSize
  }
}

extension ModelConfiguration {
  /// The file's name in a model folder.
  static let fileName = "config.json"
  /// The name of the file with defaults for sampling.
  static let generationFileName = "generation_config.json"

  /// Reads `config.json` and, where it is there, `generation_config.json`.
  ///
  /// - Throws: `ModelError` naming the file and the key, what was found and what is supported.
  public init(folder: URL) throws {
    let document = try JSONValue(file: folder.appending(path: Self.fileName))
    let generation = folder.appending(path: Self.generationFileName)
    let hasGeneration = FileManager.default.fileExists(atPath: generation.path)
    try self.init(
      document: document, path: folder.appending(path: Self.fileName).path,
      generationDocument: hasGeneration ? JSONValue(file: generation) : nil,
      generationPath: generation.path)
  }

  /// Reads a configuration from the bytes of a `config.json`.
  ///
  /// - Parameter name: what error messages call the source.
  /// - Throws: `ModelError` naming the key, what was found and what is supported.
  public init(json: Data, name: String) throws {
    try self.init(
      document: JSONValue(json: json, path: name), path: name, generationDocument: nil,
      generationPath: name)
  }

  /// A configuration made in code, for a model from random weights.
  ///
  /// - Throws: `ModelError` when the sizes do not fit each other.
  public init(
    family: ModelFamily, vocabularySize: Int, hiddenSize: Int, intermediateSize: Int,
    layerCount: Int, headCount: Int, keyValueHeadCount: Int? = nil, headWidth: Int? = nil,
    tiesEmbeddings: Bool, maximumPositions: Int = 2048, ropeTheta: Double = 10000,
    rmsNormEpsilon: Double = 1e-6, initializerRange: Double = 0.02, bosTokenID: Int? = nil,
    eosTokenIDs: [Int] = [], padTokenID: Int? = nil
  ) throws {
    guard [initializerRange, rmsNormEpsilon, ropeTheta].allSatisfy(\.isFinite) else {
      throw ModelError(
        kind: .malformed, path: "configuration",
        problem: "initializer_range, rms_norm_eps and rope_theta are \(initializerRange), "
          + "\(rmsNormEpsilon) and \(ropeTheta), expected numbers")
    }
    func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.int) ?? .null }
    let eos: JSONValue =
      eosTokenIDs.count > 1
      ? .array(eosTokenIDs.map(JSONValue.int)) : optional(eosTokenIDs.first)
    var document = JSONValue.object(JSONObject())
    document["architectures"] = .array([.string(family.architecture)])
    document["attention_dropout"] = 0.0
    if family != .qwen2 { document["attention_bias"] = false }
    document["bos_token_id"] = optional(bosTokenID)
    document["eos_token_id"] = eos
    if let width = headWidth ?? (family == .qwen3 ? hiddenSize / max(headCount, 1) : nil) {
      document["head_dim"] = .int(width)
    }
    document["hidden_act"] = "silu"
    document["hidden_size"] = .int(hiddenSize)
    document["initializer_range"] = .double(initializerRange)
    document["intermediate_size"] = .int(intermediateSize)
    document["max_position_embeddings"] = .int(maximumPositions)
    document["model_type"] = .string(family.rawValue)
    document["num_attention_heads"] = .int(headCount)
    document["num_hidden_layers"] = .int(layerCount)
    document["num_key_value_heads"] = .int(keyValueHeadCount ?? headCount)
    document["pad_token_id"] = optional(padTokenID)
    document["rms_norm_eps"] = .double(rmsNormEpsilon)
    document["rope_theta"] = .double(ropeTheta)
    document["tie_word_embeddings"] = .bool(tiesEmbeddings)
    document["use_cache"] = true
    document["vocab_size"] = .int(vocabularySize)
    try self.init(
      document: document, path: "configuration", generationDocument: nil,
      generationPath: "configuration")
  }
}
