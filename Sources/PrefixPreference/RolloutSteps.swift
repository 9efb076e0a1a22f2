/// A rollout cut into steps, in tokens: what a prefix encoder reads.
public struct RolloutSteps: Sendable, Hashable {
  /// The prompt's tokens, at least one.
  public let promptIDs: [Int]
  /// The completion's tokens.
  public let completionIDs: [Int]
  /// For every step the index in `completionIDs` of its last token, ascending. Empty for a rollout
  /// without text.
  public let lastTokenOfStep: [Int]

  /// A rollout of `promptIDs` followed by `completionIDs`.
  public init(promptIDs: [Int], completionIDs: [Int], lastTokenOfStep: [Int]) {
    precondition(!promptIDs.isEmpty, "a rollout needs a prompt of at least one token")
    precondition(
      zip(lastTokenOfStep, lastTokenOfStep.dropFirst()).allSatisfy(<)
        && lastTokenOfStep.allSatisfy(completionIDs.indices.contains),
      "steps end at \(lastTokenOfStep) in a completion of \(completionIDs.count) tokens")
    self.promptIDs = promptIDs
    self.completionIDs = completionIDs
    self.lastTokenOfStep = lastTokenOfStep
  }

  /// The number of steps n.
  public var stepCount: Int { lastTokenOfStep.count }

  /// The same completion as if it had been written for another prompt: how a rollout of one question
  /// is judged for another.
  public func asked(_ promptIDs: [Int]) -> RolloutSteps {
    RolloutSteps(
      promptIDs: promptIDs, completionIDs: completionIDs, lastTokenOfStep: lastTokenOfStep)
  }
}

/// An order in which two successive prefixes are put to the preference model.
public enum PairOrder: Sendable, CaseIterable {
  /// (s_1:t-1, s_1:t).
  case oldNew
  /// (s_1:t, s_1:t-1).
  case newOld
}

extension Set<PairOrder> {
  /// Both orders.
  public static let both = Set(PairOrder.allCases)
}

/// What the preference model says of a rollout's prefixes s_1:t; n is the number of its steps.
public struct PrefixScores: Sendable, Equatable {
  /// P(q, s_1:t-1, s_1:t) for t = 2...n: the probability that the shorter prefix is the better one.
  /// Empty for n < 2, and where this order was not asked for.
  public let oldNew: [Double]
  /// P(q, s_1:t, s_1:t-1) for t = 2...n: the probability that the longer prefix is the better one.
  /// Empty as `oldNew`.
  public let newOld: [Double]
  /// sigmoid(g(h_t)) for t = 1...n with the head `bradley-terry`; nil with the others.
  public let values: [Double]?

  /// Scores of one rollout.
  public init(oldNew: [Double], newOld: [Double], values: [Double]?) {
    precondition(
      oldNew.isEmpty || newOld.isEmpty || oldNew.count == newOld.count,
      "both orders score the same pairs of prefixes")
    self.oldNew = oldNew
    self.newOld = newOld
    self.values = values
  }
}
