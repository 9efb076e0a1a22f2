import Foundation
import Rollouts
import Tasks

/// Samples K rollouts per problem and labels them by their answers: what phase I learns from.
public struct LabelledSampling {
  private let workspace: Workspace
  private let model: LoadedModel
  private let problems: [Problem]

  /// - Throws: errors of the model and the data.
  public init(_ workspace: Workspace) throws {
    self.workspace = workspace
    model = try workspace.model()
    problems = try workspace.trainingProblems()
  }

  /// The number of problems.
  public var problemCount: Int { problems.count }

  // Problems that are sampled together; enough to fill a batch, few enough to report progress.
  private static let chunk = 128

  /// Samples `count` rollouts of every problem.
  ///
  /// - Parameter tell: told the rollouts of every chunk of problems, in order.
  public func sample(_ count: Int, tell: ([LabelledRollout]) throws -> Void) throws {
    let sampler = Sampler(
      model: model.model, settings: workspace.configuration.rollouts,
      endTokens: model.endTokens, tokenizer: model.tokenizer)
    let grader = Grader(
      tokenizer: model.tokenizer, task: workspace.task, segmenter: workspace.segmenter)
    let writer = model.promptWriter(workspace.task)
    let stream = RandomStream(seed: UInt64(workspace.configuration.run.seed)).substream(.max)
    for start in stride(from: 0, to: problems.count, by: Self.chunk) {
      let indices = start..<min(start + Self.chunk, problems.count)
      let written = try indices.map { try writer.prompt(for: problems[$0]) }
      let prompts = zip(indices, written).map { Prompt(ids: $1.ids, key: UInt64($0)) }
      let groups = sampler.sample(prompts, completions: count, stream: stream)
      var rollouts: [LabelledRollout] = []
      for ((index, prompt), group) in zip(zip(indices, written), groups) {
        for (sample, trajectory) in group.enumerated() {
          let graded = grader.grade(trajectory, of: problems[index])
          rollouts.append(
            LabelledRollout(
              problem: problems[index], sample: sample, prompt: prompt.text,
              completion: graded.text,
              completionIDs: trajectory.completionIDs, verdict: graded.verdict,
              truncated: trajectory.finish == .length))
        }
      }
      try tell(rollouts)
    }
  }
}
