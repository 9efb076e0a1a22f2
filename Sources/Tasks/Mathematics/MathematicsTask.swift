import Verification

/// What the tasks of mathematics have in common: answers in LaTeX, verified by `Verifier`.
protocol MathematicsTask: ReasoningTask {}

extension MathematicsTask {
  /// Opens the box that the prompt asks for.
  public var answerLeadIn: String? { "\(AnswerSentence.opening) \\boxed{" }

  /// Whether the gold answer can be read as mathematics or words.
  public func goldIsParseable(_ problem: Problem) -> Bool { GoldAnswer(problem.answer).isReadable }

  /// The answer that `Verifier` finds: in the last `\boxed{}`, after "answer is", or the last mathematics.
  public func extractAnswer(_ completion: String) -> String? {
    Verifier().extractAnswer(completion)
  }

  /// Right when the completion's answer equals the gold answer mathematically.
  public func verify(completion: String, problem: Problem) -> Verdict {
    Verdict(Verifier().verify(gold: problem.answer, answer: completion), gold: problem.answer)
  }
}

extension PromptTemplate {
  /// Asks for reasoning and for the answer in a box.
  static let boxedAnswer = PromptTemplate(
    before: "", after: "\nThink step by step, and put your final answer within \\boxed{}.")
}

extension Verdict {
  /// The verdict of the verifier on an answer to a problem with this gold answer.
  public init(_ result: VerificationResult, gold: String) {
    self.init(
      correct: result.correct, extracted: result.extracted, gold: result.gold ?? gold,
      reason: result.reason)
  }
}

extension JSONRecord {
  /// The identity of a row whose data set does not call it `id`.
  func identity(_ columns: DataColumns, or names: String...) -> DataColumns {
    guard self.columns[columns.id] == nil,
      let name = names.first(where: { self.columns[$0] != nil })
    else { return columns }
    var columns = columns
    columns.id = name
    return columns
  }
}
