extension EmbeddedTask {
  /// Whether the gold answer is a whole number.
  public func goldIsParseable(_ problem: Problem) -> Bool { Int(problem.answer) != nil }

  /// The number of the last sentence, when that is `The answer is N.`; nil for anything else, such as
  /// a completion that was cut off.
  public func extractAnswer(_ completion: String) -> String? {
    let words = completion.split(whereSeparator: \.isWhitespace)
    let opening = ArithmeticSolution.answerOpening.split(separator: " ")
    guard let last = words.last, last.hasSuffix("."), let number = Int(last.dropLast()),
      words.dropLast().suffix(opening.count).elementsEqual(opening)
    else { return nil }
    return "\(number)"
  }

  /// Right when the completion's last sentence states the number in which the chain ends.
  public func verify(completion: String, problem: Problem) -> Verdict {
    let found = extractAnswer(completion)
    let correct = found != nil && found == problem.answer
    let reason =
      switch found {
      case nil: "the completion does not end in \"\(ArithmeticSolution.answerOpening) N.\""
      case _ where correct: "the answer is right"
      case let answer?: "the answer is \(answer), expected \(problem.answer)"
      }
    return Verdict(correct: correct, extracted: found, gold: problem.answer, reason: reason)
  }
}
