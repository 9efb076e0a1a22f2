import Settings
import Tasks

/// The section `steps`: how solutions are split into steps.
public struct StepSettings: SettingGroup {
  /// Where a step ends.
  public enum Mode: String, SettingChoice {
    /// After a sentence.
    case sentence
    /// After a line.
    case newline
    /// After so many tokens.
    case tokenChunk = "token-chunk"
  }

  /// Where a step ends.
  public var mode = Mode.sentence
  /// Tokens of a step in the mode `token-chunk`.
  public var chunkTokens = 32

  /// Sentences.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<StepSettings>] = [
    SettingKey("segmentation", \.mode, "where a step of a solution ends"),
    SettingKey("chunk-tokens", \.chunkTokens, in: 1..., "tokens of a step in token-chunk"),
  ]

  var segmenter: SolutionSegmenter {
    switch mode {
    case .sentence: SolutionSegmenter(.sentence)
    case .newline: SolutionSegmenter(.newline)
    case .tokenChunk: SolutionSegmenter(.tokenChunk(chunkTokens))
    }
  }
}
