import Foundation
import Rollouts
import Tasks
import Testing

@testable import Training

@Suite struct EmbeddedModelTests {
  @Test func theShippedTokenizerIsTheTasksOwn() throws {
    let folder = try EmbeddedModelFolder.unpacked()
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    #expect(try text("tokenizer.json") == EmbeddedTask.tokenizerJSON)
    #expect(try text("tokenizer_config.json") == EmbeddedTask.tokenizerConfigJSON)
  }

  @Test func theShippedModelSolvesProblemsAndEndsItsSolutions() throws {
    var settings = EvaluationSettings()
    settings.samples = 1
    var sampling = SamplingSettings()
    sampling.maximumCompletion = 192
    let task = EmbeddedTask()
    let evaluation = try Evaluator(
      problems: task.problems(count: 48, split: .heldOut, seed: 3), task: task,
      settings: settings, sampling: sampling
    ).evaluate(try LoadedModel(folder: EmbeddedModelFolder.unpacked()))
    // The base model's sampled accuracy is between 55 and 85 %; 48 problems leave some room.
    #expect((0.45...0.95).contains(evaluation.sampled.accuracy.value))
    #expect(evaluation.sampled.truncated < 0.1)
  }
}
