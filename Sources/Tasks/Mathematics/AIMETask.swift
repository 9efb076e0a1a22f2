import Verification

/// The American Invitational Mathematics Examination: answers are whole numbers from 0 to 999.
public struct AIMETask: MathematicsTask {
  /// `aime`.
  public let name = "aime"
  /// One line on what it is.
  public let summary = "AIME problems; the answer is a whole number from 0 to 999"
  /// Who sets the problems.
  public let citation = "Mathematical Association of America, AIME"
  /// Asks for reasoning and for the answer in a box.
  public var template = PromptTemplate.boxedAnswer

  private static let answers = 0...999

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `problem` (or `question`, `prompt`) and `answer`, with or without a capital letter, as
  /// the collections of the problems call them, and `solution` where there is one.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let columns = record.identity(columns, or: "ID", "unique_id")
    let question = try record.column(
      columns.question.map { [$0] } ?? ["problem", "Problem", "question", "Question", "prompt"])
    let answer = try record.column(columns.answer.map { [$0] } ?? ["answer", "Answer"])
    let solution = ["solution", "Solution"].first { record.columns[$0]?.string != nil }
    let text = try record.scalarText(answer).trimmingWhitespace()
    return try record.problem(
      prompt: record.string(question), answer: text,
      solution: solution.flatMap { record.columns[$0]?.string }, columns: columns,
      used: Set([question, answer] + (solution.map { [$0] } ?? [])))
  }

  /// Whether the gold answer is a whole number from 0 to 999; it may have zeros before it.
  public func goldIsParseable(_ problem: Problem) -> Bool {
    Int(problem.answer).map(Self.answers.contains) ?? false
  }

  /// Right when the completion's answer is the gold number.
  public func verify(completion: String, problem: Problem) -> Verdict {
    guard goldIsParseable(problem) else {
      return .unparseable(gold: problem.answer, expected: "a whole number from 0 to 999")
    }
    return Verdict(
      Verifier().verify(gold: problem.answer, answer: completion), gold: problem.answer)
  }
}
