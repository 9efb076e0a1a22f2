import Foundation
import Rollouts
import Tasks
import Testing
import Tokenizers
import Torch

@testable import Training

@Suite struct GraderTests {
  private let problem = Problem(
    id: "p", prompt: "Ann has 7 apples. She buys 5. How many?", answer: "12")

  private func graded(
    _ text: String, segmenter: SolutionSegmenter = SolutionSegmenter(.sentence),
    ends: Bool = true
  ) throws -> (GradedTrajectory, Tokenizer) {
    let tokenizer = try Tokenizer(json: Data(EmbeddedTask.tokenizerJSON.utf8), name: "t.json")
    let ids = tokenizer.encode(text, addSpecialTokens: false) + (ends ? [2] : [])
    let trajectory = Trajectory(
      promptIDs: tokenizer.encode(problem.prompt), completionIDs: ids,
      logProbabilities: ids.map { _ in -1 }, finish: ends ? .endToken : .length)
    let grader = Grader(tokenizer: tokenizer, task: EmbeddedTask(), segmenter: segmenter)
    return (grader.grade(trajectory, of: problem), tokenizer)
  }

  @Test func sentencesAreStepsThatCoverTheCompletion() throws {
    let (graded, tokenizer) = try graded("Maybe 7 + 5 = 13. 7 + 5 = 12. The answer is 12.")
    #expect(graded.text == "Maybe 7 + 5 = 13. 7 + 5 = 12. The answer is 12.")
    #expect(graded.verdict.correct)
    #expect(graded.stepCount == 3)
    let ids = graded.trajectory.completionIDs
    var start = 0
    let texts = graded.stepEnds.map { end in
      defer { start = end + 1 }
      return tokenizer.decode(Array(ids[start...end]))
    }
    #expect(texts == ["Maybe 7 + 5 = 13.", "7 + 5 = 12.", "The answer is 12."])
    // The end token belongs to the last step.
    #expect(graded.stepEnds.last == ids.count - 1)
    #expect(graded.stepOfToken.count == ids.count)
    #expect(graded.stepOfToken == graded.stepOfToken.sorted())
    #expect(Set(graded.stepOfToken) == [0, 1, 2])
  }

  @Test func wrongAndUnfinishedAnswersAreWrong() throws {
    #expect(try !graded("7 + 5 = 13. The answer is 13.").0.verdict.correct)
    #expect(try !graded("7 + 5 =", ends: false).0.verdict.correct)
  }

  @Test func chunksCountTokens() throws {
    let (graded, _) = try graded(
      "7 + 5 = 12. The answer is 12.", segmenter: SolutionSegmenter(.tokenChunk(4)))
    let count = graded.trajectory.completionIDs.count
    #expect(graded.stepEnds.dropLast().map { ($0 + 1) % 4 }.allSatisfy { $0 == 0 })
    #expect(graded.stepEnds.last == count - 1)
  }

  @Test func anEmptyCompletionHasNoFaultyStep() throws {
    let (graded, _) = try graded("")
    #expect(graded.text.isEmpty)
    #expect(graded.stepOfToken.count == 1)
    #expect(graded.stepEnds == [0])
  }

  @Test func stepsEndWhereTheNextBegins() {
    #expect(stepEnds([]) == [])
    #expect(stepEnds([0]) == [0])
    #expect(stepEnds([0, 0, 1, 1, 1, 2]) == [1, 4, 5])
  }
}

@Suite struct EvaluatorTests {
  /// A model that writes the same answer to everything, then ends.
  private func certainModel() throws -> LoadedModel {
    let model = try Digits.model()
    var settings = SupervisedSettings()
    settings.steps = 60
    settings.batchSize = 7
    settings.learningRate = 0.02
    settings.warmupSteps = 0
    settings.weightDecay = 0
    try SupervisedTrainer(
      Digits.problems.map { SupervisedExample(prompt: $0.prompt, completion: "3,4") },
      model: model, settings: settings, run: RunSettings(), packing: TrainingSettings().packing
    ).run { _, _ in true }
    return model
  }

  @Test func aModelWithOneAnswerHasTheFiguresOfThatAnswer() throws {
    var settings = EvaluationSettings()
    settings.samples = 3
    settings.temperature = 0.1
    var sampling = SamplingSettings()
    sampling.maximumCompletion = 6
    let problems = Digits.problems.enumerated().map {
      Problem(id: $1.id, prompt: $1.prompt, answer: $1.answer, level: $0 == 1 ? 2 : 1)
    }
    let evaluation = try Evaluator(
      problems: problems, task: DigitsTask(), settings: settings, sampling: sampling
    ).evaluate(try certainModel())
    // "3,4" answers the second of the seven problems.
    #expect(evaluation.problems == 7)
    #expect(evaluation.samples == 3)
    #expect(abs(evaluation.sampled.accuracy.value - 1.0 / 7) < 1e-12)
    #expect(evaluation.greedy.accuracy == .share(1, of: 7))
    #expect(evaluation.sampled.tokens == Interval(value: 4, low: 4, high: 4))
    #expect(evaluation.greedy.steps.value == 1)
    #expect(evaluation.sampled.tokensPerCorrect == 28)
    #expect(evaluation.greedy.tokensPerCorrect == 28)
    #expect(evaluation.sampled.truncated == 0)
    #expect(evaluation.generatedTokens == 7 * 4 * 4)
    #expect(Set(evaluation.passAtK.keys) == [1, 2, 3])
    #expect(evaluation.passAtK.values.allSatisfy { abs($0 - 1.0 / 7) < 1e-12 })
    #expect(evaluation.byLevel[2]?.accuracy.value == 1)
    #expect(evaluation.byLevel[1]?.accuracy.value == 0)
    #expect(evaluation.byLevel[1]?.tokensPerCorrect == nil)
    #expect(evaluation.text.contains("7 problems, 3 samples"))
    let record = try EvaluationRecord(step: 5, evaluation).json()
    let read = try JSONDecoder().decode(EvaluationRecord.self, from: Data(record.utf8))
    #expect(read.step == 5)
    #expect(try EvaluationRecord(step: 5, read.evaluation).json() == record)
  }

  @Test func theLimitCutsOff() throws {
    var settings = EvaluationSettings()
    settings.samples = 1
    settings.temperature = 0.1
    var sampling = SamplingSettings()
    sampling.maximumCompletion = 3
    let evaluation = try Evaluator(
      problems: Digits.problems, task: DigitsTask(), settings: settings, sampling: sampling
    ).evaluate(try certainModel())
    #expect(evaluation.sampled.truncated == 1)
    #expect(evaluation.generatedTokens == 7 * 2 * 3)
  }
}
