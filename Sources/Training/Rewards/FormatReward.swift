import Tasks

/// 1 for a completion in which a pattern occurs, 0 for any other; missing where the search takes too
/// long.
public struct FormatReward: RewardFunction {
  private let pattern: CompletionPattern

  /// A reward for the occurrence of `pattern`.
  public init(_ pattern: CompletionPattern) { self.pattern = pattern }

  /// One value per completion, from its text without special tokens.
  public func values(of completions: [RewardInput]) -> RewardValues {
    SingleReward { try pattern.occurs(in: $0.completion.text) ? 1 : 0 }.values(of: completions)
  }
}
