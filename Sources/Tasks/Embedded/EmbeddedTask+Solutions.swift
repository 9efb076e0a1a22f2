extension EmbeddedTask {
  /// The shortest right solution: every step once, then the answer.
  ///
  /// - Throws: `EmbeddedProblemError` when the problem's prompt is no telling of a chain.
  public func shortestSolution(for problem: Problem) throws(EmbeddedProblemError) -> String {
    ArithmeticSolution(shortestOf: try ArithmeticStory(parsing: problem.prompt).chain).text
  }

  /// A solution as the supervised corpus has it, drawn with `habits`; right or wrong.
  ///
  /// - Throws: `EmbeddedProblemError` when the problem's prompt is no telling of a chain.
  public func solution(
    for problem: Problem, random: inout SplitMix64
  ) throws(EmbeddedProblemError) -> String {
    let chain = try ArithmeticStory(parsing: problem.prompt).chain
    return ArithmeticSolution(of: chain, habits: habits, using: &random).text
  }
}
