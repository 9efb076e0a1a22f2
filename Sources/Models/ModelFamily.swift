/// A family of decoder language models, by its `model_type` in `config.json`.
public enum ModelFamily: String, Sendable, CaseIterable {
  /// Llama 2 and 3 (Touvron et al. 2023, Grattafiori et al. 2024), and what has their architecture:
  /// SmolLM, SmolLM2, TinyLlama.
  case llama
  /// Qwen2 and Qwen2.5 (Yang et al. 2024): biases on query, key and value.
  case qwen2
  /// Qwen3 (Yang et al. 2025): RMS norms on every head's query and key.
  case qwen3

  /// The name that transformers gives the model's class.
  public var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    }
  }

  /// What transformers takes for a key that the configuration does not have.
  struct Defaults {
    let keyValueHeadCount: Int?
    let headWidth: Int?
    let maximumPositions: Int
    let bosTokenID: Int?
    let eosTokenIDs: [Int]
  }

  /// The defaults of transformers' `LlamaConfig`, `Qwen2Config` and `Qwen3Config`.
  var defaults: Defaults {
    switch self {
    case .llama:
      Defaults(
        keyValueHeadCount: nil, headWidth: nil, maximumPositions: 2048, bosTokenID: 1,
        eosTokenIDs: [2])
    case .qwen2:
      Defaults(
        keyValueHeadCount: 32, headWidth: nil, maximumPositions: 32768, bosTokenID: nil,
        eosTokenIDs: [])
    case .qwen3:
      Defaults(
        keyValueHeadCount: 32, headWidth: 128, maximumPositions: 32768, bosTokenID: nil,
        eosTokenIDs: [])
    }
  }
}
