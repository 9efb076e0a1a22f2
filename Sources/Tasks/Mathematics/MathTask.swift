import Verification

/// Competition mathematics with answers in LaTeX: MATH and its kin.
public struct MathTask: MathematicsTask {
  /// `math`.
  public let name = "math"
  /// One line on what it is.
  public let summary =
    "competition mathematics; the answer in LaTeX, or in the solution's \\boxed{}"
  /// The data set's paper.
  public let citation =
    "D. Hendrycks et al., Measuring Mathematical Problem Solving With the MATH Dataset, arXiv 2103.03874"
  /// Asks for reasoning and for the answer in a box.
  public var template = PromptTemplate.boxedAnswer

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `problem` (or `question`, `prompt`), `answer` where there is one, and `solution`, a
  /// worked solution whose last `\boxed{}` is the answer otherwise. `level` may read "Level 5".
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let columns = record.identity(columns, or: "unique_id")
    let question = try record.column(
      columns.question.map { [$0] } ?? ["problem", "question", "prompt"])
    let answer = try record.column(columns.answer.map { [$0] } ?? ["answer", "solution"])
    let text = try record.scalarText(answer)
    let hasSolution = record.columns["solution"]?.string != nil
    let gold = answer == "solution" ? Verifier().extractAnswer(text) ?? "" : text
    return try record.problem(
      prompt: record.string(question), answer: gold.trimmingWhitespace(),
      solution: hasSolution ? record.columns["solution"]?.string : nil, columns: columns,
      used: hasSolution ? [question, answer, "solution"] : [question, answer])
  }
}
