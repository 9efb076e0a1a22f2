import Foundation
import PolicyOptimization
import Testing

@testable import Training

@Suite struct SupervisedTrainerTests {
  private let examples = Digits.problems.map {
    SupervisedExample(prompt: $0.prompt, completion: $0.answer)
  }

  private func losses(
    microBatchTokens: Int = 16384, steps: Int = 20, rate: Double = 0.01
  ) throws -> (losses: [Double], weights: [Float]) {
    let model = try Digits.model()
    var settings = SupervisedSettings()
    settings.steps = steps
    settings.batchSize = 7
    settings.learningRate = rate
    settings.warmupSteps = 2
    let trainer = try SupervisedTrainer(
      examples, model: model, settings: settings, run: RunSettings(),
      packing: SequencePacking(capacity: microBatchTokens, window: 4))
    var losses: [Double] = []
    try trainer.run { metrics, _ in
      losses.append(metrics["loss"] ?? .nan)
      // Seven answers, the last of three numbers, each with its commas and an end token.
      #expect(metrics["num_tokens"] == 30)
      return true
    }
    return (losses, model.model.weights)
  }

  @Test func theLossFalls() throws {
    let (losses, _) = try losses()
    #expect(losses.count == 20)
    // At first the model knows nothing of 15 tokens; then it knows at least where the commas are.
    #expect(abs(losses[0] - log(15)) < 0.5)
    #expect(losses[19] < losses[0] / 2)
  }

  @Test func microBatchesDoNotChangeTheLoss() throws {
    let whole = try losses(steps: 3)
    let parts = try losses(microBatchTokens: 1, steps: 3)
    #expect(zip(whole.losses, parts.losses).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func anInfiniteLossIsAnError() {
    let text = message { _ = try losses(rate: 1e30) }
    #expect(text.contains("the loss is") && text.contains("sft.learning-rate"), "\(text)")
  }

  @Test func anEmptyCompletionWithoutEndTokenIsRefused() throws {
    var settings = SupervisedSettings()
    settings.appendsEndToken = false
    let text = message {
      _ = try SupervisedTrainer(
        examples + [SupervisedExample(prompt: "1", completion: "")], model: Digits.model(),
        settings: settings, run: RunSettings(), packing: TrainingSettings().packing)
    }
    #expect(text.contains("example 8"), "\(text)")
  }

  @Test func pairsAreReadWithTheirLines() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "pairs.jsonl")
      try Data("{\"prompt\":\"1\",\"completion\":\"2\"}\n{\"prompt\":\"3\"}\n".utf8).write(to: file)
      #expect(message { _ = try SupervisedExample.read(file) }.contains("pairs.jsonl:2"))
      try Data("{\"prompt\":\"1\",\"completion\":\"2\"}\n".utf8).write(to: file)
      #expect(
        try SupervisedExample.read(file) == [SupervisedExample(prompt: "1", completion: "2")])
      let table = folder.appending(path: "pairs.csv")
      try Data("completion,prompt\n2,1\n\"a, b\",3\n".utf8).write(to: table)
      #expect(
        try SupervisedExample.read(table) == [
          SupervisedExample(prompt: "1", completion: "2"),
          SupervisedExample(prompt: "3", completion: "a, b"),
        ])
    }
  }
}
