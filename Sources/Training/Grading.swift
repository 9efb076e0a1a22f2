import PrefixPreference
import Rollouts
import Tasks
import Tokenizers

/// A completion with its text, its verdict and its steps.
public struct GradedTrajectory: Sendable {
  /// The tokens.
  public let trajectory: Trajectory
  /// The completion's text without special tokens.
  public let text: String
  /// Whether the final answer is right.
  public let verdict: Verdict
  /// For every step of the solution, the index in the completion of its last token; ascending.
  public let stepEnds: [Int]
  /// For every completion token, the step it belongs to, from 0.
  public let stepOfToken: [Int]

  /// The number of steps.
  public var stepCount: Int { stepEnds.count }

  /// For every token that the policy chose, the step it belongs to, from 0.
  var stepOfSampledToken: [Int] { trajectory.sampled(stepOfToken) }

  /// What a preference model scores.
  var rolloutSteps: RolloutSteps {
    RolloutSteps(
      promptIDs: trajectory.promptIDs, completionIDs: trajectory.completionIDs,
      lastTokenOfStep: stepEnds)
  }
}

/// Turns sampled tokens into text, verdicts and steps.
public struct Grader: Sendable {
  private let tokenizer: Tokenizer
  private let task: any ReasoningTask
  private let segmenter: SolutionSegmenter

  /// A grader for a task.
  public init(
    tokenizer: Tokenizer, task: any ReasoningTask,
    segmenter: SolutionSegmenter = SolutionSegmenter(.sentence)
  ) {
    self.tokenizer = tokenizer
    self.task = task
    self.segmenter = segmenter
  }

  /// Grades one completion of `problem`.
  public func grade(_ trajectory: Trajectory, of problem: Problem) -> GradedTrajectory {
    let (text, starts) = tokenizer.tokenStarts(
      of: trajectory.completionIDs, skipSpecialTokens: true)
    let steps = segmenter.segment(text, tokenStarts: starts).stepIndices(ofTokenStarts: starts)
    return GradedTrajectory(
      trajectory: trajectory, text: text,
      verdict: task.verify(completion: text, problem: problem),
      stepEnds: Training.stepEnds(steps),
      stepOfToken: steps)
  }
}
