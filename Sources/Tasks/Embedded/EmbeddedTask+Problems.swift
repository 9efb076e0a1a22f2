extension EmbeddedTask: GeneratingTask {
  /// The problem at `index` of a split's endless row of problems.
  ///
  /// - Parameter level: The number of operations; nil draws one of `levels`.
  /// - Precondition: `level` is at least 1.
  public func problem(
    seed: UInt64, index: Int, split: ProblemSplit, level: Int? = nil
  ) -> Problem {
    drawn(seed: seed, index: index, split: split, level: level).problem
  }

  /// The first problems of a split's row.
  ///
  /// - Parameter levels: Taken in turn, so that each has an equal part; empty draws from the task's.
  public func problems(
    count: Int, split: ProblemSplit, seed: UInt64, levels: [Int]
  ) -> [Problem] {
    (0..<count).map { index in
      let level = levels.isEmpty ? nil : levels[index % levels.count]
      return problem(seed: seed, index: index, split: split, level: level)
    }
  }

  /// The first problems of a split's row, at the task's levels.
  public func problems(count: Int, split: ProblemSplit, seed: UInt64) -> [Problem] {
    problems(count: count, split: split, seed: seed, levels: [])
  }

  /// The supervised corpus: training problems, each with a solution drawn with `habits`.
  public func solvedProblems(count: Int, seed: UInt64) -> [SolvedProblem] {
    (0..<count).map { index in
      let (problem, chain) = drawn(seed: seed, index: index, split: .train, level: nil)
      var random = SplitMix64(seed: seed, label: "\(Self.name) solution \(index)")
      let solution = ArithmeticSolution(of: chain, habits: habits, using: &random)
      return SolvedProblem(problem: problem, solution: solution.text)
    }
  }

  private func drawn(
    seed: UInt64, index: Int, split: ProblemSplit, level: Int?
  ) -> (problem: Problem, chain: ArithmeticChain) {
    var random = SplitMix64(seed: seed, label: "\(Self.name) \(split.rawValue) \(index)")
    let length = level ?? random.integer(in: levels)
    precondition(length >= 1, "the level \(length) has no operation")
    let chain = ArithmeticChain.random(length: length, split: split, using: &random)
    let story = ArithmeticStory(chain, using: &random)
    let problem = Problem(
      id: "\(Self.name)-\(split.rawValue)-\(seed)-\(index)", prompt: story.text,
      answer: "\(chain.answer)", level: length)
    return (problem, chain)
  }
}
