import JSON
import Torch

extension ModelConfiguration {
  /// - Throws: `ModelError` for a key that is missing, of another type, or not supported.
  init(
    document: JSONValue, path: String, generationDocument: JSONValue?, generationPath: String
  ) throws(ModelError) {
    let reader = try ConfigurationReader(document, path: path)
    let family = try reader.family()
    let defaults = family.defaults
    try reader.refuseUnsupported(by: family)

    self.family = family
    vocabularySize = try reader.positive("vocab_size")
    hiddenSize = try reader.positive("hidden_size")
    intermediateSize = try reader.positive("intermediate_size")
    layerCount = try reader.positive("num_hidden_layers")
    headCount = try reader.positive("num_attention_heads")
    keyValueHeadCount = try reader.positive(
      "num_key_value_heads", default: defaults.keyValueHeadCount ?? headCount, ifNull: headCount)
    if let width = try reader.optionalPositive("head_dim") ?? defaults.headWidth {
      headWidth = width
    } else {
      guard hiddenSize % headCount == 0 else {
        throw reader.error(
          .inconsistent,
          "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(headCount), and "
            + "there is no head_dim")
      }
      headWidth = hiddenSize / headCount
    }
    guard headWidth % 2 == 0 else {
      throw reader.error(
        .inconsistent, "the width of a head is \(headWidth), expected an even number (head_dim)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw reader.error(
        .inconsistent,
        "num_attention_heads \(headCount) is not a multiple of num_key_value_heads "
          + "\(keyValueHeadCount)")
    }
    maximumPositions = try reader.positive(
      "max_position_embeddings", default: defaults.maximumPositions)
    (ropeTheta, ropeScaling) = try reader.rope(maximumPositions: maximumPositions)
    rmsNormEpsilon = try reader.positiveNumber("rms_norm_eps", default: 1e-6)
    initializerRange = try reader.positiveNumber("initializer_range", default: 0.02)
    tiesEmbeddings = try reader.bool("tie_word_embeddings", default: false)
    let attentionBias = try reader.bool("attention_bias", default: false)
    self.attentionBias = family == .qwen2 || attentionBias
    attentionOutputBias = family != .qwen2 && attentionBias
    let mlpBias = try reader.bool("mlp_bias", default: false)
    self.mlpBias = family == .llama && mlpBias
    storedDType = try reader.dtype()

    let generation = try generationDocument.map { value throws(ModelError) in
      try ConfigurationReader(value, path: generationPath)
    }
    let eos = try reader.ids("eos_token_id", default: defaults.eosTokenIDs)
    let generationEos = try generation?.ids("eos_token_id", default: []) ?? []
    eosTokenIDs = generationEos.isEmpty ? eos : generationEos
    bosTokenID = try reader.id("bos_token_id", default: defaults.bosTokenID)
    let generationPad = try generation?.id("pad_token_id", default: nil)
    padTokenID = try reader.id("pad_token_id", default: nil) ?? generationPad

    self.document = document
    self.generationDocument = generationDocument
  }
}

extension ConfigurationReader {
  fileprivate func family() throws(ModelError) -> ModelFamily {
    let known = ModelFamily.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    guard let name = try string("model_type") else {
      throw error(.missingKey, "there is no model_type, expected one of \(known)")
    }
    guard let family = ModelFamily(rawValue: name) else {
      throw unsupported("model_type", "\"\(name)\"", expected: "one of \(known)")
    }
    return family
  }

  /// Refuses what would make the model compute something else than this library does.
  fileprivate func refuseUnsupported(by family: ModelFamily) throws(ModelError) {
    if let activation = try string("hidden_act"), !["silu", "swish"].contains(activation) {
      throw unsupported("hidden_act", "\"\(activation)\"", expected: "\"silu\"")
    }
    let dropout = try number("attention_dropout") ?? 0
    guard dropout == 0 else {
      throw unsupported("attention_dropout", "\(dropout)", expected: "0")
    }
    if let quantization = value("quantization_config") {
      throw unsupported(
        "quantization_config", quantization.summary, expected: "weights in fp32, bf16 or fp16")
    }
    let rotated = try number("partial_rotary_factor") ?? 1
    guard rotated == 1 else {
      throw unsupported("partial_rotary_factor", "\(rotated)", expected: "1")
    }
    try refuseSlidingWindow(family)
  }

  /// A sliding window is refused where some layer would use it within the context of the model.
  private func refuseSlidingWindow(_ family: ModelFamily) throws(ModelError) {
    if let types = value("layer_types") {
      guard case .array(let types) = types else {
        throw wrongType("layer_types", types, expected: "a list")
      }
      if let other = types.first(where: { $0 != "full_attention" }) {
        throw unsupported("layer_types", other.summary, expected: "\"full_attention\" throughout")
      }
      return
    }
    guard family != .llama, try bool("use_sliding_window", default: false),
      let window = try optionalPositive("sliding_window")
    else { return }
    // transformers' default: the layers from this one on slide.
    let firstSliding = try nonNegative("max_window_layers", default: 28)
    let layerCount = try positive("num_hidden_layers")
    let maximum = try positive(
      "max_position_embeddings", default: family.defaults.maximumPositions)
    if firstSliding < layerCount, window < maximum {
      throw unsupported(
        "sliding_window", "\(window) from layer \(firstSliding) on",
        expected: "full attention (use_sliding_window false)")
    }
  }

  /// Both spellings: `rope_theta` with `rope_scaling` at the top, or all in `rope_parameters`.
  fileprivate func rope(
    maximumPositions: Int
  ) throws(ModelError) -> (theta: Double, scaling: RopeScaling) {
    let defaultTheta = 10000.0  // Su et al. 2021, and transformers
    var topTheta = defaultTheta
    if value("rope_theta") != nil { topTheta = try positiveNumber("rope_theta", default: topTheta) }
    guard
      let key = ["rope_scaling", "rope_parameters"].first(where: {
        value($0) != nil && value($0) != [:]
      }), let dictionary = value(key)
    else { return (topTheta, .none) }
    let inner = try ConfigurationReader(dictionary, path: path, within: key)
    if case .object(let members) = dictionary,
      let nested = members.members.first(where: {
        if case .object = $0.value { true } else { false }
      })
    {
      throw inner.unsupported(nested.key, "an object", expected: "one rotation for all layers")
    }
    let theta = try inner.positiveNumber("rope_theta", default: topTheta)
    let rotated = try inner.number("partial_rotary_factor") ?? 1
    guard rotated == 1 else {
      throw inner.unsupported("partial_rotary_factor", "\(rotated)", expected: "1")
    }
    let typeKey = inner.value("rope_type") != nil ? "rope_type" : "type"
    switch try inner.string(typeKey) ?? "default" {
    case "default": return (theta, .none)
    case "linear": return (theta, .linear(factor: try inner.positiveNumber("factor")))
    case "llama3":
      let low = try inner.positiveNumber("low_freq_factor")
      let high = try inner.positiveNumber("high_freq_factor")
      guard low < high else {
        throw inner.error(
          .inconsistent,
          "\(key).low_freq_factor is \(low), expected less than high_freq_factor \(high)")
      }
      let original = try inner.positive(
        "original_max_position_embeddings", default: maximumPositions)
      return (
        theta,
        .llama3(
          factor: try inner.positiveNumber("factor"), lowFrequencyFactor: low,
          highFrequencyFactor: high, originalMaximumPositions: original)
      )
    case let other:
      let supported = RopeScaling.supportedTypes.map { "\"\($0)\"" }.joined(separator: ", ")
      throw inner.unsupported(typeKey, "\"\(other)\"", expected: "one of \(supported)")
    }
  }

  /// transformers 5 writes `dtype`, earlier versions `torch_dtype`.
  fileprivate func dtype() throws(ModelError) -> DType? {
    let key = value("dtype") != nil ? "dtype" : "torch_dtype"
    guard let name = try string(key), name != "auto" else { return nil }
    guard let dtype = DType(checkpointName: name) else {
      let known = DType.checkpointTypes.map { "\"\($0.checkpointName)\"" }
      throw unsupported(
        key, "\"\(name)\"", expected: "one of \(known.joined(separator: ", "))")
    }
    return dtype
  }
}

extension DType {
  /// The element types of checkpoints.
  static let checkpointTypes: [DType] = [.float32, .bfloat16, .float16, .float64]

  /// The name in `config.json`.
  var checkpointName: String { "\(self)" }

  init?(checkpointName name: String) {
    let plain = name.hasPrefix("torch.") ? String(name.dropFirst("torch.".count)) : name
    guard let type = Self.checkpointTypes.first(where: { $0.checkpointName == plain }) else {
      return nil
    }
    self = type
  }
}
