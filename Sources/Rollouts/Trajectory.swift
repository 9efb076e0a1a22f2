/// What a completion ended with.
public enum FinishReason: String, Sendable, Codable {
  /// An end token, which is the completion's last.
  case endToken = "stop"
  /// One of the stop strings.
  case stopString = "stop-string"
  /// The length limit: the completion is cut off.
  case length
}

/// A prompt to complete.
public struct Prompt: Sendable {
  /// The prompt's tokens, at least one.
  public let ids: [Int]
  /// Names the problem in every completion's random stream; the same key, seed and completion index
  /// give the same completion wherever it is sampled.
  public let key: UInt64

  /// A prompt of `ids`.
  public init(ids: [Int], key: UInt64) {
    precondition(!ids.isEmpty, "a prompt needs at least one token")
    self.ids = ids
    self.key = key
  }
}

/// One sampled completion of a prompt.
///
/// The ids are what training uses; text is never tokenized again.
public struct Trajectory: Sendable {
  /// The prompt's tokens.
  public let promptIDs: [Int]
  /// The sampled tokens, with the end token where there is one.
  public let completionIDs: [Int]
  /// For every sampled token its log-probability in nats under softmax(logits / temperature) over the
  /// whole vocabulary, before any top-k, top-p or min-p; at temperature 0, under softmax(logits).
  public let logProbabilities: [Float]
  /// Why the completion ended.
  public let finish: FinishReason

  /// A completion with its record.
  public init(
    promptIDs: [Int], completionIDs: [Int], logProbabilities: [Float], finish: FinishReason
  ) {
    self.promptIDs = promptIDs
    self.completionIDs = completionIDs
    self.logProbabilities = logProbabilities
    self.finish = finish
  }
}
