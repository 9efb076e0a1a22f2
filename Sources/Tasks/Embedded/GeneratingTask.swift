/// Which problems of a task: those to train on, or those to measure on.
public enum ProblemSplit: String, Sendable, Hashable, CaseIterable {
  /// For training.
  case train
  /// For measuring only.
  case heldOut = "held-out"
}

/// A problem with a solution to imitate.
public struct SolvedProblem: Sendable, Hashable {
  /// The problem.
  public let problem: Problem
  /// A completion of the problem's prompt, without the end token.
  public let solution: String

  /// A problem with its solution.
  public init(problem: Problem, solution: String) {
    self.problem = problem
    self.solution = solution
  }
}

/// A task that makes its own problems and solutions to imitate, from seeds.
public protocol GeneratingTask: ReasoningTask {
  /// Problems of one split; equal arguments give equal problems, and the first problems of a larger
  /// count are those of a smaller one.
  func problems(count: Int, split: ProblemSplit, seed: UInt64) -> [Problem]

  /// Training problems with solutions for supervised training.
  func solvedProblems(count: Int, seed: UInt64) -> [SolvedProblem]
}
