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
  /// The completion's tokens, with the end token where there is one: sampled, but for those that `stop`
  /// forced.
  public let completionIDs: [Int]
  /// For every sampled token its log-probability in nats under softmax(logits / temperature) over the
  /// whole vocabulary, before any top-k, top-p or min-p; at temperature 0, under softmax(logits).
  public let logProbabilities: [Float]
  /// Why the completion ended.
  public let finish: FinishReason
  /// Where the reasoning was ended from outside; nil where it was not.
  public let stop: ReasoningStop?

  /// A completion with its record.
  public init(
    promptIDs: [Int], completionIDs: [Int], logProbabilities: [Float], finish: FinishReason,
    stop: ReasoningStop? = nil
  ) {
    precondition(
      stop.map { completionIDs.indices.contains($0.forced.upperBound) } ?? true,
      "something must follow the forced tokens")
    self.promptIDs = promptIDs
    self.completionIDs = completionIDs
    self.logProbabilities = logProbabilities
    self.finish = finish
    self.stop = stop
  }
}

/// How the reasoning of a completion was ended from outside.
public struct ReasoningStop: Sendable, Hashable {
  /// The places in the completion of the tokens that the policy did not choose: the answer's first
  /// words. They are context, but no loss counts them.
  public let forced: Range<Int>
  /// How many tokens were sampled behind the place of the stop and thrown away. The only figure that
  /// depends on how often a stop is looked for.
  public let discarded: Int

  /// A stop.
  public init(forced: Range<Int>, discarded: Int) {
    self.forced = forced
    self.discarded = discarded
  }
}

extension Trajectory {
  /// The number of tokens that the policy chose.
  public var sampledCount: Int { completionIDs.count - (stop?.forced.count ?? 0) }

  /// Those of the sampled tokens, of one value for each of the completion's tokens.
  public func sampled<Value>(_ values: [Value]) -> [Value] {
    precondition(values.count == completionIDs.count, "one value per completion token is needed")
    guard let forced = stop?.forced else { return values }
    return Array(values[..<forced.lowerBound] + values[forced.upperBound...])
  }
}
