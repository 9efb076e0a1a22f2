/// Hard mathematics with final answers: DeepMath-103K.
public struct DeepMathTask: MathematicsTask {
  /// `deepmath`.
  public let name = "deepmath"
  /// One line on what it is.
  public let summary = "hard mathematics; the column final_answer, in LaTeX or words"
  /// The data set's paper.
  public let citation =
    "Z. He et al., DeepMath-103K, arXiv 2504.11456"
  /// Asks for reasoning and for the answer in a box.
  public var template = PromptTemplate.boxedAnswer

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `question` (or `problem`, `prompt`), `final_answer` (or `answer`), and `difficulty`,
  /// whose whole part becomes the level.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = try record.column(
      columns.question.map { [$0] } ?? ["question", "problem", "prompt"])
    let answer = try record.column(columns.answer.map { [$0] } ?? ["final_answer", "answer"])
    let stated = record.columns["difficulty"]
    let difficulty = stated?.double ?? stated?.string.flatMap { Double($0) }
    return try record.problem(
      prompt: record.string(question),
      answer: record.scalarText(answer).trimmingWhitespace(), columns: columns,
      used: [question, answer], level: difficulty.flatMap { Int(exactly: $0.rounded(.down)) })
  }
}
