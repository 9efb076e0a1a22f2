/// `The answer is 9.`: how solutions of the tasks that Laconic makes itself end.
enum AnswerSentence {
  static let opening = "The answer is"

  /// The number of the last sentence, when that is `The answer is N.`; nil for anything else, such as a
  /// completion that was cut off.
  static func number(endingIn completion: String) -> String? {
    let words = completion.split(whereSeparator: \.isWhitespace)
    let expected = opening.split(separator: " ")
    guard let last = words.last, last.hasSuffix("."), let number = Int(last.dropLast()),
      words.dropLast().suffix(expected.count).elementsEqual(expected)
    else { return nil }
    return "\(number)"
  }

  /// Right when the last sentence states the problem's answer.
  static func verdict(on completion: String, problem: Problem) -> Verdict {
    let found = number(endingIn: completion)
    let correct = found != nil && found == problem.answer
    let reason =
      switch found {
      case nil: "the completion does not end in \"\(opening) N.\""
      case _ where correct: "the answer is right"
      case let answer?: "the answer is \(answer), expected \(problem.answer)"
      }
    return Verdict(correct: correct, extracted: found, gold: problem.answer, reason: reason)
  }
}

/// A task whose solutions end in `The answer is N.`
public protocol AnswerSentenceTask: ReasoningTask {}

extension AnswerSentenceTask {
  /// `The answer is`.
  public var answerLeadIn: String? { AnswerSentence.opening }

  /// Whether the gold answer is a whole number.
  public func goldIsParseable(_ problem: Problem) -> Bool { Int(problem.answer) != nil }

  /// The number of the last sentence, when that is `The answer is N.`; nil for anything else, such as
  /// a completion that was cut off.
  public func extractAnswer(_ completion: String) -> String? {
    AnswerSentence.number(endingIn: completion)
  }

  /// Right when the completion's last sentence states the problem's answer.
  public func verify(completion: String, problem: Problem) -> Verdict {
    AnswerSentence.verdict(on: completion, problem: problem)
  }
}
