/// Chains of small additions, subtractions and doublings told as short texts, with the corpus of
/// imperfect solutions that Laconic's embedded base model is trained on.
///
///     Ann has 7 apples. She buys 5. She loses 3. How many?
///     Maybe 7 + 5 = 13. Check: 7 + 5 = 12. 12 - 3 = 9. So far 9. The answer is 9.
///
/// The level of a problem is its number of operations. Everything follows from seeds, and a chain of
/// operations belongs to the training or to the held-out problems by its hash, so that the two
/// cannot overlap.
public struct EmbeddedTask: Sendable {
  /// The task's name in configurations.
  public static let name = "chain-arithmetic"
  /// The levels of the shipped design.
  public static let defaultLevels = 2...5

  /// The levels that problems are drawn from, each alike.
  public let levels: ClosedRange<Int>
  /// How the corpus goes about a problem.
  public let habits: SolutionHabits
  /// What stands around the question in a prompt: nothing.
  public var template = PromptTemplate.question

  /// The shipped design, or one with other levels or habits.
  ///
  /// - Precondition: the lowest level is at least 1.
  public init(
    levels: ClosedRange<Int> = Self.defaultLevels, habits: SolutionHabits = SolutionHabits()
  ) {
    precondition(levels.lowerBound >= 1, "the level \(levels.lowerBound) has no operation")
    self.levels = levels
    self.habits = habits
  }
}

extension EmbeddedTask: AnswerSentenceTask {
  /// The task's name in configurations.
  public var name: String { Self.name }
  /// One line on what it is.
  public var summary: String {
    "chains of \(levels.lowerBound) to \(levels.upperBound) small sums told as short texts, generated"
  }
  /// Where it comes from.
  public var citation: String { "made for Laconic" }

  /// The problem of a row with the columns `question` (or `prompt`), and optionally `answer`.
  ///
  /// - Throws: `DataError` for a question that is no telling of a chain, or an answer that is not its.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let names = columns.question.map { [$0] } ?? ["question", "prompt"]
    let text = try record.string(names)
    let story: ArithmeticStory
    do {
      story = try ArithmeticStory(parsing: text)
    } catch {
      throw DataError(
        .invalidValue, file: record.file, line: record.line, found: "\"\(error.sentence)\"",
        expected: error.expected)
    }
    let answerColumn = columns.answer ?? "answer"
    if record.columns[answerColumn] != nil || columns.answer != nil {
      let answer = try record.scalarText(answerColumn)
      guard answer == "\(story.chain.answer)" else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line, found: "the answer \(answer)",
          expected: "\(story.chain.answer), where the chain ends")
      }
    }
    return try record.problem(
      prompt: text, answer: "\(story.chain.answer)", columns: columns,
      used: Set(names + [answerColumn]))
  }
}
