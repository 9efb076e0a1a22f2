/// Ends the reasoning of completions while they are sampled.
///
/// The sampler shows it the rows of a batch every few tokens. A row that is to end is cut back to the
/// place of its end, whatever was sampled since, so that how often rows are shown changes no result;
/// forced tokens follow, and then the policy's own until it ends the completion.
public protocol ReasoningStopper<Failure> {
  /// What goes wrong in judging.
  associatedtype Failure: Error

  /// After how many tokens the rows are shown.
  var interval: Int { get }

  /// A new batch begins, of rows 0, 1, ... that answer these prompts.
  mutating func begin(prompts: [[Int]])

  /// Which of the rows are to end, and where.
  ///
  /// - Parameter rows: the batch's rows that have grown since the last call: all but those that had
  ///   ended, by ascending number. Every token of every row is shown once.
  /// - Returns: an end or nil for each of the rows.
  mutating func ends(of rows: [GrowingCompletion]) throws(Failure) -> [ReasoningEnd?]
}

/// A completion as far as it is sampled.
public struct GrowingCompletion {
  /// The number of its row in the batch.
  public let row: Int
  /// Its tokens.
  public let ids: [Int]
  /// How many of them were shown before.
  public let seen: Int
  /// Whether it has ended of itself and is shown for the last time.
  public let isFinished: Bool

  /// The tokens that are shown for the first time.
  public var newIDs: ArraySlice<Int> { ids[seen...] }
}

/// Where reasoning is to end, and what follows.
public struct ReasoningEnd: Sendable, Hashable {
  /// How many of the completion's tokens stay, at least one.
  public let kept: Int
  /// The tokens that then follow.
  public let forced: [Int]
  /// The most tokens that may be sampled after those.
  public let answerTokens: Int

  /// An end that leaves at least one token to sample.
  public init(kept: Int, forced: [Int], answerTokens: Int) {
    precondition(kept > 0 && !forced.isEmpty && answerTokens > 0, "an end without an answer")
    self.kept = kept
    self.forced = forced
    self.answerTokens = answerTokens
  }
}

/// Ends nothing.
struct NeverStops: ReasoningStopper {
  var interval: Int { .max }
  mutating func begin(prompts: [[Int]]) {}
  mutating func ends(of rows: [GrowingCompletion]) throws(Never) -> [ReasoningEnd?] {
    rows.map { _ in nil }
  }
}
