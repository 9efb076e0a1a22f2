/// The embedded task with a decision at the head of every solution: `Let me:` and then the steps, or `So:`
/// and the answer at once. For methods that learn when to think.
///
///     Ann has 7 apples. She buys 5. She loses 3. How many?
///     Let me: 7 + 5 = 12. 12 - 3 = 9. The answer is 9.
///     So: The answer is 9.
///
/// Problems and verification are the embedded task's; its words spell both tags, so that the embedded model
/// can be trained on the corpus as it is.
public struct EmbeddedModeTask: Sendable {
  /// What ends the decision to think, and the decision not to.
  public static let tags = ModeReader(onTag: "Let me:", offTag: "So:")

  private var base: EmbeddedTask
  /// The share of the corpus that thinks.
  public let thinkingShare: Double

  /// The task on the embedded task's problems.
  ///
  /// - Precondition: the share lies in 0 to 1.
  public init(_ base: EmbeddedTask = EmbeddedTask(), thinkingShare: Double = 0.5) {
    precondition((0...1).contains(thinkingShare), "a share of \(thinkingShare)")
    self.base = base
    self.thinkingShare = thinkingShare
  }
}

extension EmbeddedModeTask: ReasoningTask {
  /// The task's name in configurations.
  public var name: String { "chain-arithmetic-modes" }
  /// One line on what it is.
  public var summary: String { "chain-arithmetic, thought out or answered at once, for hipo" }
  /// Where it comes from.
  public var citation: String { base.citation }
  /// The embedded task's.
  public var template: PromptTemplate {
    get { base.template }
    set { base.template = newValue }
  }
  /// The embedded task's.
  public var answerLeadIn: String? { base.answerLeadIn }
  /// The embedded task's.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem { try base.problem(from: record, columns: columns) }
  /// The embedded task's.
  public func goldIsParseable(_ problem: Problem) -> Bool { base.goldIsParseable(problem) }
  /// The embedded task's.
  public func extractAnswer(_ completion: String) -> String? { base.extractAnswer(completion) }
  /// The embedded task's.
  public func verify(completion: String, problem: Problem) -> Verdict {
    base.verify(completion: completion, problem: problem)
  }
}

extension EmbeddedModeTask: GeneratingTask {
  /// The embedded task's.
  public func problems(count: Int, split: ProblemSplit, seed: UInt64) -> [Problem] {
    base.problems(count: count, split: split, seed: seed)
  }

  /// The embedded task's corpus with a tag before every solution; those that do not think are the right
  /// answer alone.
  public func solvedProblems(count: Int, seed: UInt64) -> [SolvedProblem] {
    var random = SplitMix64(seed: seed, label: name)
    return base.solvedProblems(count: count, seed: seed).map { solved in
      let thinks = random.unit() < thinkingShare
      let solution =
        thinks
        ? solved.solution : "\(AnswerSentence.opening) \(solved.problem.answer)."
      let tag = Self.tags.tag(thinks ? .on : .off)
      return SolvedProblem(problem: solved.problem, solution: "\(tag) \(solution)")
    }
  }
}

extension EmbeddedModeTask: IntermediateResultsTask {
  /// The embedded task's.
  public func intermediateResults(of problem: Problem) -> [String] {
    base.intermediateResults(of: problem)
  }
}
