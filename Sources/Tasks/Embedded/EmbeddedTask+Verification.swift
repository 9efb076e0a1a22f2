extension EmbeddedTask {
  /// Whether the gold answer is a whole number.
  public func goldIsParseable(_ problem: Problem) -> Bool {
    AnswerSentence.goldIsParseable(problem)
  }

  /// The number of the last sentence, when that is `The answer is N.`; nil for anything else, such as
  /// a completion that was cut off.
  public func extractAnswer(_ completion: String) -> String? {
    AnswerSentence.number(endingIn: completion)
  }

  /// Right when the completion's last sentence states the number in which the chain ends.
  public func verify(completion: String, problem: Problem) -> Verdict {
    AnswerSentence.verdict(on: completion, problem: problem)
  }
}
