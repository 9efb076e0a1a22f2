import Foundation
import JSON

/// What `config.json` says of a text encoder.
public struct TextEncoderConfiguration: Sendable, Equatable {
  /// The architectures.
  public enum Family: String, Sendable, CaseIterable {
    /// BERT (Devlin et al. 2019), also MiniLM and other sentence encoders.
    case bert
    /// DistilBERT (Sanh et al. 2019).
    case distilbert
    /// The encoder of T5, T5 v1.1 and FLAN-T5 (Raffel et al. 2020).
    case t5

    /// What may stand before the names of a checkpoint.
    var prefixes: [String] {
      switch self {
      case .bert: ["", "bert."]
      case .distilbert: ["", "distilbert."]
      case .t5: [""]
      }
    }
  }

  /// The activations of the feed-forward layers.
  public enum Activation: String, Sendable {
    /// max(x, 0).
    case relu
    /// x times the normal distribution function of x.
    case gelu
    /// The same with tanh, as T5 v1.1 has it.
    case geluTanh = "gelu_new"
  }

  /// The architecture.
  public let family: Family
  /// Token ids.
  public let vocabularySize: Int
  /// The width of a hidden state.
  public let hiddenSize: Int
  /// The width of a feed-forward layer.
  public let intermediateSize: Int
  /// Layers.
  public let layerCount: Int
  /// Attention heads.
  public let headCount: Int
  /// The width of a head.
  public let headWidth: Int
  /// The longest text in tokens; nil where positions are relative.
  public let maximumLength: Int?
  /// What is added to the variance of a normalisation.
  public let normEpsilon: Double
  /// The feed-forward layers' activation.
  public let activation: Activation
  /// Whether the activation is multiplied with a second projection (T5 v1.1).
  public let isGated: Bool
  /// Kinds of text that BERT tells apart; the first is used. 0 where there are none.
  public let typeCount: Int
  /// T5's buckets of relative positions, and the distance from which all share the last.
  public let relativeBuckets: (count: Int, maximumDistance: Int)

  /// Reads `config.json` of a folder.
  ///
  /// - Throws: `ModelError` naming the key that is missing, of another type, or not supported.
  public init(folder: URL) throws(ModelError) {
    let file = folder.appending(path: "config.json")
    try self.init(document: JSONValue(file: file), path: file.path)
  }

  init(document: JSONValue, path: String) throws(ModelError) {
    let reader = try ConfigurationReader(document, path: path)
    let name = try reader.string("model_type") ?? ""
    guard let family = Family(rawValue: name) else {
      throw reader.unsupported(
        "model_type", "\"\(name)\"",
        expected: Family.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self.family = family
    vocabularySize = try reader.positive("vocab_size")
    let activation: String
    switch family {
    case .bert:
      hiddenSize = try reader.positive("hidden_size")
      intermediateSize = try reader.positive("intermediate_size")
      layerCount = try reader.positive("num_hidden_layers")
      headCount = try reader.positive("num_attention_heads")
      headWidth = hiddenSize / headCount
      maximumLength = try reader.positive("max_position_embeddings")
      normEpsilon = try reader.positiveNumber("layer_norm_eps", default: 1e-12)
      activation = try reader.string("hidden_act") ?? "gelu"
      isGated = false
      typeCount = try reader.positive("type_vocab_size", default: 2)
      relativeBuckets = (0, 0)
      let kind = try reader.string("position_embedding_type") ?? "absolute"
      guard kind == "absolute" else {
        throw reader.unsupported("position_embedding_type", "\"\(kind)\"", expected: "absolute")
      }
    case .distilbert:
      hiddenSize = try reader.positive("dim", default: 768)
      intermediateSize = try reader.positive("hidden_dim", default: 3072)
      layerCount = try reader.positive("n_layers", default: 6)
      headCount = try reader.positive("n_heads", default: 12)
      headWidth = hiddenSize / headCount
      maximumLength = try reader.positive("max_position_embeddings", default: 512)
      normEpsilon = 1e-12
      activation = try reader.string("activation") ?? "gelu"
      isGated = false
      typeCount = 0
      relativeBuckets = (0, 0)
    case .t5:
      hiddenSize = try reader.positive("d_model")
      intermediateSize = try reader.positive("d_ff")
      layerCount = try reader.positive("num_layers")
      headCount = try reader.positive("num_heads")
      headWidth = try reader.positive("d_kv")
      maximumLength = nil
      normEpsilon = try reader.positiveNumber("layer_norm_epsilon", default: 1e-6)
      let projection = try reader.string("feed_forward_proj") ?? "relu"
      isGated = projection.hasPrefix("gated-")
      // transformers computes "gated-gelu" with the tanh form, as T5 v1.1 was trained.
      activation =
        projection == "gated-gelu" ? "gelu_new" : String(projection.trimmingPrefix("gated-"))
      typeCount = 0
      relativeBuckets = (
        try reader.positive("relative_attention_num_buckets", default: 32),
        try reader.positive("relative_attention_max_distance", default: 128)
      )
    }
    guard let known = Activation(rawValue: activation) else {
      throw reader.unsupported(
        "the activation", "\"\(activation)\"", expected: "relu, gelu, gelu_new")
    }
    self.activation = known
    guard family == .t5 || hiddenSize % headCount == 0 else {
      throw reader.error(
        .inconsistent, "the hidden size \(hiddenSize) is not a multiple of \(headCount) heads")
    }
  }

  /// Compares all but nothing: every field counts.
  public static func == (left: Self, right: Self) -> Bool { left.summary == right.summary }

  /// All fields in words.
  public var summary: String {
    "\(family.rawValue) \(vocabularySize) \(hiddenSize) \(intermediateSize) \(layerCount) \(headCount) "
      + "\(headWidth) \(maximumLength ?? 0) \(normEpsilon) \(activation.rawValue) \(isGated) "
      + "\(typeCount) \(relativeBuckets.count) \(relativeBuckets.maximumDistance)"
  }
}
