import Foundation
import Rollouts
import Tasks
import Tokenizers

/// Accuracy and length on held-out problems.
public struct Evaluation: Codable, Sendable {
  /// Sampled completions, or the greedy one, of all problems.
  public struct Figures: Codable, Sendable {
    /// The share of right answers, with an interval over problems.
    public let accuracy: Interval
    /// Tokens of a completion.
    public let tokens: Interval
    /// Steps of a completion.
    public let steps: Interval
    /// Tokens spent per right answer; nil when there was none.
    public let tokensPerCorrect: Double?
    /// The share of completions that the length limit cut off.
    public let truncated: Double
  }

  /// Problems evaluated.
  public let problems: Int
  /// Samples per problem.
  public let samples: Int
  /// The samples' temperature.
  public let temperature: Double
  /// Sampled completions (avg@k).
  public let sampled: Figures
  /// The greedy completion.
  public let greedy: Figures
  /// The share of right samples of every problem, in the order of the problems: what two models are
  /// compared by, problem by problem.
  public let accuracyByProblem: [Double]
  /// The chance that one of k samples is right, by k.
  public let passAtK: [Int: Double]
  /// Sampled completions by the problems' difficulty, where problems have one.
  public let byLevel: [Int: Figures]
  /// Tokens generated.
  public let generatedTokens: Int
}

/// Evaluates models on one set of problems.
public struct Evaluator {
  private let problems: [Problem]
  private let task: any ReasoningTask
  private let settings: EvaluationSettings
  private let sampling: SamplingSettings
  private let segmenter: SolutionSegmenter
  private let stopper: OnlineStopper?

  /// - Parameters:
  ///   - sampling: everything but the temperature, which `settings` has.
  ///   - stopper: ends solutions while they are sampled; nil for none.
  public init(
    problems: [Problem], task: any ReasoningTask, settings: EvaluationSettings,
    sampling: SamplingSettings, segmenter: SolutionSegmenter = SolutionSegmenter(.sentence),
    stopper: OnlineStopper? = nil
  ) {
    self.problems = problems
    self.task = task
    self.settings = settings
    self.sampling = sampling
    self.segmenter = segmenter
    self.stopper = stopper
  }

  /// Samples and grades completions of all problems.
  ///
  /// - Throws: `FileError` naming the problem whose prompt has no tokens, and what the stopper throws.
  public func evaluate(_ model: LoadedModel) throws -> Evaluation {
    let writer = model.promptWriter(task)
    let prompts = try problems.enumerated().map { index, problem in
      Prompt(ids: try writer.prompt(for: problem).ids, key: UInt64(index))
    }
    let sampled = try completions(prompts, model, settings.temperature, settings.samples)
    let greedy = try completions(prompts, model, 0, 1)
    let levels = Dictionary(grouping: problems.indices.filter { problems[$0].level != nil }) {
      problems[$0].level ?? 0
    }
    let generated = (sampled + greedy).flatMap(\.self).map(\.trajectory.completionIDs.count)
    return Evaluation(
      problems: problems.count, samples: settings.samples, temperature: settings.temperature,
      sampled: Self.figures(sampled), greedy: Self.figures(greedy),
      accuracyByProblem: sampled.map { $0.map { $0.verdict.correct ? 1 : 0 }.mean },
      passAtK: Self.passAtK(sampled),
      byLevel: levels.mapValues { indices in Self.figures(indices.map { sampled[$0] }) },
      generatedTokens: generated.reduce(0, +))
  }

  private func completions(
    _ prompts: [Prompt], _ model: LoadedModel, _ temperature: Double, _ count: Int
  ) throws -> [[GradedTrajectory]] {
    var sampling = self.sampling
    sampling.temperature = temperature
    let sampler = Sampler(
      model: model.model, settings: sampling, endTokens: model.endTokens,
      tokenizer: model.tokenizer)
    let grader = Grader(tokenizer: model.tokenizer, task: task, segmenter: segmenter)
    let stream = RandomStream(seed: UInt64(settings.seed))
    let sampled = try sampler.sample(
      prompts, completions: count, stream: stream, stopper: stopper)
    return zip(problems, sampled).map { problem, trajectories in
      trajectories.map { grader.grade($0, of: problem) }
    }
  }

  private static func figures(_ groups: [[GradedTrajectory]]) -> Evaluation.Figures {
    let all = groups.flatMap(\.self)
    let correct = all.count(where: \.verdict.correct)
    let tokens = all.map { $0.trajectory.completionIDs.count }.reduce(0, +)
    return Evaluation.Figures(
      accuracy: groups.allSatisfy { $0.count == 1 }
        ? .share(correct, of: all.count)
        : .mean(groups.map { $0.map { $0.verdict.correct ? 1 : 0 }.mean }),
      tokens: .mean(groups.map { $0.map { Double($0.trajectory.completionIDs.count) }.mean }),
      steps: .mean(groups.map { $0.map { Double($0.stepCount) }.mean }),
      tokensPerCorrect: correct == 0 ? nil : Double(tokens) / Double(correct),
      truncated: all.map { $0.trajectory.finish == .length ? 1 : 0 }.mean)
  }

  private static func passAtK(_ groups: [[GradedTrajectory]]) -> [Int: Double] {
    let samples = groups.first?.count ?? 0
    guard samples > 0 else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: (1...samples).map { k in
        let chances = groups.map { group in
          Training.passAtK(
            samples: samples, correct: group.count(where: \.verdict.correct), k: k)
        }
        return (k, chances.mean)
      })
  }
}
