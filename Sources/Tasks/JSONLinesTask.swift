/// Any data set of questions with short answers.
public struct JSONLinesTask: ReasoningTask {
  /// `jsonl`.
  public let name = "jsonl"
  /// One line on what it is.
  public let summary = "any questions with short answers, compared as numbers or as exact text"
  /// None: the data is the user's.
  public let citation = "your own data"
  /// The question alone.
  public var template = PromptTemplate.question

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `prompt` (or `question`) and `answer`.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = try record.column(columns.question.map { [$0] } ?? ["prompt", "question"])
    let answer = columns.answer ?? "answer"
    return try record.problem(
      prompt: record.string(question),
      answer: record.scalarText(answer).trimmingWhitespace(), columns: columns,
      used: [question, answer])
  }

  /// Whether there is a gold answer at all.
  public func goldIsParseable(_ problem: Problem) -> Bool { !problem.answer.isEmpty }

  /// What follows the last `####`, otherwise the content of the last `\boxed{}`, otherwise what follows
  /// the last "answer is" or "answer:", otherwise the last line.
  public func extractAnswer(_ completion: String) -> String? { StatedAnswer(completion).text() }

  /// Compares as numbers when the gold answer is nothing but a number (then the completion's is found
  /// as in GSM8K), otherwise as exact text, letter
  /// case included; only white space, emphasis and a final full stop around it do not count.
  public func verify(completion: String, problem: Problem) -> Verdict {
    let gold = problem.answer
    guard !gold.isEmpty else { return .unparseable(gold: gold, expected: "there") }
    let stated = StatedAnswer(completion)
    if let number = NumericGold.strict(gold) { return .comparing(stated.number(), with: number) }
    let text = stated.text()
    let correct = text == StatedAnswer.trimmed(gold)
    let shown = text.map { "\"\($0.prefix(60))\"" } ?? "no answer"
    return Verdict(
      correct: correct, extracted: text, gold: gold,
      reason: correct ? "the texts are the same" : "\(shown) is not \"\(gold.prefix(60))\"")
  }
}
