import Settings

/// How completions are sampled.
public struct SamplingSettings: SettingGroup {
  /// What logits are divided by; 0 takes the most likely token.
  public var temperature = 1.0
  /// Only this many most likely tokens can be sampled; nil for all.
  public var topK: Int?
  /// Only the most likely tokens whose probabilities first sum to this can be sampled.
  public var topP = 1.0
  /// Only tokens at least this many times as likely as the most likely one can be sampled.
  public var minP = 0.0
  /// The greatest number of completion tokens, the end token included.
  public var maximumCompletion = 256
  /// Texts that end a completion when they appear in it.
  public var stopStrings: [String] = []
  /// The greatest number of completions that are decoded side by side.
  public var batchRows = 256

  /// Plain sampling at temperature 1.
  public init() {}

  /// The keys of the section `rollouts`.
  public static let keys: [SettingKey<SamplingSettings>] = [
    SettingKey("temperature", \.temperature, in: 0..., "divides the logits; 0 is greedy"),
    SettingKey("top-k", \.topK, in: 1..., "sample from this many most likely tokens; null for all"),
    SettingKey("top-p", \.topP, in: 0.0...1.0, "sample from the smallest set of this probability"),
    SettingKey("min-p", \.minP, in: 0.0...1.0, "drop tokens below this share of the likeliest's"),
    SettingKey("max-completion", \.maximumCompletion, in: 1..., "tokens, the end token included"),
    SettingKey("stop-strings", \.stopStrings, "texts that end a completion"),
    SettingKey("batch-rows", \.batchRows, in: 1..., "completions decoded side by side"),
  ]

  /// Whether tokens can be left out of the distribution that is sampled from.
  public var truncates: Bool { topK != nil || topP < 1 || minP > 0 }
}
