/// Word problems with distractors, and verbose solutions: the second task that Laconic makes itself.
///
///     Mia has 37 stickers. A new box costs 9 euros. She buys 48 more. The dog chews up 12 of them. How many
///     stickers are left?
///     That makes 37 + 48 = 85 stickers. Check 37 + 48: 7 + 8 = 15, 3 + 4 + 1 = 8, so 85. The 9 does not
///     matter here. 85 - 12 = 73. The answer is 73.
///
/// The level of a problem is its number of operations. Unlike in `EmbeddedTask`, deliberation has a use
/// that no training removes: there are too many sums to know them by heart, and a sum with a carry is
/// right far more often when it is worked out digit by digit. Cutting that costs accuracy; cutting
/// the rest does not.
public struct WordProblemTask: Sendable {
  /// The levels of the shipped recipe.
  public static let defaultLevels = 2...4

  /// The levels that problems are drawn from, each alike.
  public let levels: ClosedRange<Int>
  /// How the corpus goes about a problem.
  public let habits: WordProblemHabits
  /// What stands around the question in a prompt: a line end after it.
  public var template = PromptTemplate(before: "", after: "\n")

  /// The shipped design, or one with other levels or habits.
  ///
  /// - Precondition: the lowest level is at least 1.
  public init(
    levels: ClosedRange<Int> = Self.defaultLevels, habits: WordProblemHabits = WordProblemHabits()
  ) {
    precondition(levels.lowerBound >= 1, "the level \(levels.lowerBound) has no operation")
    self.levels = levels
    self.habits = habits
  }
}

extension WordProblemTask: AnswerSentenceTask {
  /// The task's name in configurations.
  public var name: String { "word-problems" }
  /// One line on what it is.
  public var summary: String {
    "word problems of \(levels.lowerBound) to \(levels.upperBound) sums with distractors, generated"
  }
  /// Where it comes from.
  public var citation: String { "made for Laconic" }

  /// The problem of a row with the columns `question` (or `prompt`) and `answer`.
  ///
  /// - Throws: `DataError` for a missing column.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let names = columns.question.map { [$0] } ?? ["question", "prompt"]
    let answerColumn = columns.answer ?? "answer"
    return try record.problem(
      prompt: try record.string(names), answer: try record.scalarText(answerColumn),
      columns: columns, used: Set(names + [answerColumn]))
  }
}

extension WordProblemTask: GeneratingTask {
  /// The first problems of a split's row.
  public func problems(count: Int, split: ProblemSplit, seed: UInt64) -> [Problem] {
    (0..<count).map { drawn(seed: seed, index: $0, split: split).problem }
  }

  /// The supervised corpus: training problems, each with a solution drawn with `habits`.
  public func solvedProblems(count: Int, seed: UInt64) -> [SolvedProblem] {
    (0..<count).map { index in
      let (problem, story) = drawn(seed: seed, index: index, split: .train)
      var random = SplitMix64(seed: seed, label: "\(name) solution \(index)")
      let solution = WordProblemSolution(of: story, habits: habits, using: &random)
      return SolvedProblem(problem: problem, solution: solution.text)
    }
  }

  /// Training problems with the solution that works out the steps with a carry and states the others:
  /// what a policy could come to.
  func conciselySolvedProblems(count: Int, seed: UInt64) -> [SolvedProblem] {
    (0..<count).map { index in
      let (problem, story) = drawn(seed: seed, index: index, split: .train)
      return SolvedProblem(problem: problem, solution: WordProblemSolution(conciseOf: story).text)
    }
  }

  private func drawn(
    seed: UInt64, index: Int, split: ProblemSplit
  ) -> (problem: Problem, story: WordProblemStory) {
    var random = SplitMix64(seed: seed, label: "\(name) \(split.rawValue) \(index)")
    let length = random.integer(in: levels)
    let chain = QuantityChain.random(length: length, split: split, using: &random)
    let story = WordProblemStory(chain, using: &random)
    let problem = Problem(
      id: "\(name)-\(split.rawValue)-\(seed)-\(index)", prompt: story.text,
      answer: "\(chain.answer)", level: length)
    return (problem, story)
  }
}
