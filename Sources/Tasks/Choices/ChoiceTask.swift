import Verification

/// What the tasks of multiple choice have in common: the answer is the label of a choice.
protocol ChoiceTask: ReasoningTask {}

extension ChoiceTask {
  /// `The answer is`, as the prompt asks for.
  public var answerLeadIn: String? { AnswerSentence.opening }

  /// Reads `question` with its choices, and the label of the right one in `answerKey` or `answer`. The
  /// choices stay available in the column `choices`, as an array of labels and texts.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = try ChoiceQuestion(record, columns: columns)
    let answer = try record.column(columns.answer.map { [$0] } ?? ["answerKey", "answer"])
    let gold = try record.scalarText(answer).trimmingWhitespace()
    let labels = question.choices.map(\.label)
    guard labels.isEmpty || labels.contains(gold) else {
      throw DataError(
        .invalidValue, file: record.file, line: record.line,
        found: "\"\(gold.prefix(40))\" in column \"\(answer)\"",
        expected: "one of the choices \(labels.joined(separator: ", "))")
    }
    return try record.problem(
      prompt: question.text, answer: gold, columns: columns,
      used: question.used.union([answer]),
      metadata: question.choices.isEmpty ? [:] : ["choices": question.column])
  }

  /// Whether the gold answer is a label: one of the choices, or one letter or digit where they are not known.
  public func goldIsParseable(_ problem: Problem) -> Bool {
    let labels = problem.choices.map(\.label)
    return labels.isEmpty
      ? ChoiceVerifier.isLabel(problem.answer) : labels.contains(problem.answer)
  }

  /// The label that the completion states, of the letters A to E.
  public func extractAnswer(_ completion: String) -> String? {
    ChoiceVerifier(gold: "A").extractAnswer(completion)
  }

  /// Right when the completion states the label of the right choice, or names that choice by its text.
  public func verify(completion: String, problem: Problem) -> Verdict {
    guard goldIsParseable(problem) else {
      return .unparseable(gold: problem.answer, expected: "the label of a choice")
    }
    let choices = problem.choices
    let verifier =
      choices.isEmpty ? ChoiceVerifier(gold: problem.answer) : ChoiceVerifier(choices: choices)
    return Verdict(verifier.verify(gold: problem.answer, answer: completion), gold: problem.answer)
  }
}

extension Problem {
  /// The choices, where the data set has them in a column.
  var choices: [ChoiceVerifier.Choice] {
    metadata["choices"]?.array?.compactMap { choice in
      guard let label = choice["label"]?.string, let text = choice["text"]?.string else {
        return nil
      }
      return ChoiceVerifier.Choice(label: label, text: text)
    } ?? []
  }
}

extension PromptTemplate {
  /// Asks for reasoning and for the letter of a choice.
  static let choiceAnswer = PromptTemplate(
    before: "",
    after: "\nThink step by step, then write \"The answer is\" and the label of the right choice.")
}
