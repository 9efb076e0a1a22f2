/// Grade-school word problems whose answer is a number.
public struct GSM8KTask: ReasoningTask {
  /// `gsm8k`.
  public let name = "gsm8k"
  /// One line on what it is.
  public let summary = "grade-school word problems; the answer is a number after ####"
  /// The data set's paper.
  public let citation =
    "K. Cobbe et al., Training Verifiers to Solve Math Word Problems, arXiv 2110.14168"
  /// Asks for reasoning and for the data set's own answer mark.
  public var template = PromptTemplate(
    before: "",
    after: "\nThink step by step, then write the final answer as a number after \"####\".")
  /// The data set's own answer mark.
  public var answerLeadIn: String? { "####" }

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `question` and `answer`, the latter a worked solution that ends in `#### n`, or
  /// the number alone.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = columns.question ?? "question"
    let answer = columns.answer ?? "answer"
    let text = try record.scalarText(answer)
    let stated = text.suffix(afterLast: "####")
    let gold = (stated ?? text).trimmingWhitespace()
    return try record.problem(
      prompt: record.string(question), answer: NumericGold.withUnit(gold)?.text ?? gold,
      solution: stated == nil ? nil : text, columns: columns, used: [question, answer])
  }

  /// Whether the gold answer is one number, perhaps with a unit.
  public func goldIsParseable(_ problem: Problem) -> Bool {
    NumericGold.withUnit(problem.answer) != nil
  }

  /// The last `#### n`, otherwise the last `\boxed{n}`, otherwise the last "answer is n", otherwise the
  /// last number; without thousands separators and currency.
  public func extractAnswer(_ completion: String) -> String? {
    StatedAnswer(completion).number()?.text
  }

  /// Compares numbers exactly: 18 equals 18.00 and $18; 1,000 equals 1000.
  public func verify(completion: String, problem: Problem) -> Verdict {
    guard let gold = NumericGold.withUnit(problem.answer) else {
      return .unparseable(gold: problem.answer, expected: "a number")
    }
    return .comparing(StatedAnswer(completion).number(), with: gold)
  }
}
