/// What the verifier says about an answer.
public struct VerificationResult: Sendable, Hashable {
  /// Whether the answer is right.
  public let correct: Bool
  /// The answer as it was found in the text; nil when none was found.
  public let extracted: String?
  /// The gold answer as it was found in its text; nil when it cannot be read.
  public let gold: String?
  /// Why, for people.
  public let reason: String

  /// A result.
  public init(correct: Bool, extracted: String?, gold: String?, reason: String) {
    self.correct = correct
    self.extracted = extracted
    self.gold = gold
    self.reason = reason
  }
}
