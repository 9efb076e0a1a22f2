import Foundation
import PolicyOptimization
import Testing
import Torch

@testable import Training

/// DEPO's estimator: the head against its golden case, and whether it learns.
@Suite struct DifficultyEstimatorTests {
  private struct GoldenHead: Decodable {
    struct Linear: Decodable {
      let weight: [[Double]]
      let bias: [Double]
    }
    struct LayerNorm: Decodable {
      let gain: [Double]
      let bias: [Double]
    }
    struct Block: Decodable {
      let linear1: Linear
      let norm1: LayerNorm
      let linear2: Linear
      let norm2: LayerNorm
    }
    struct Parameters: Decodable {
      let input: Linear
      let input_norm: LayerNorm
      let blocks: [Block]
      let output: Linear
      let output_norm: LayerNorm
      let score: Linear
      let distill: Linear
    }
    struct Inputs: Decodable {
      let cls: [[Double]]
      let parameters: Parameters
    }
    struct Expected: Decodable {
      let score_logit: [Double]
      let distill_logit: [Double]
    }
    let inputs: Inputs
    let expected: Expected
  }

  private struct GoldenFile: Decodable {
    struct Case: Decodable {
      let name: String
      let head: GoldenHead?
      init(from decoder: any Decoder) throws {
        enum Key: CodingKey { case name }
        name = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .name)
        head = name == "estimator-head" ? try GoldenHead(from: decoder) : nil
      }
    }
    let cases: [Case]
  }

  private func golden() throws -> GoldenHead {
    let folder =
      ProcessInfo.processInfo.environment["LACONIC_GOLDEN"].map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden")
    let data = try Data(contentsOf: folder.appending(path: "depo.json"))
    return try #require(
      try JSONDecoder().decode(GoldenFile.self, from: data).cases.compactMap(\.head).first)
  }

  @Test(arguments: [(DType.float64, 1e-9), (.float32, 2e-4)])
  func theHeadIsThatOfTheSource(dtype: DType, tolerance: Double) throws {
    let golden = try golden()
    func layer(_ linear: GoldenHead.Linear) -> DifficultyHead.Layer {
      .init(weight: Tensor(rows: linear.weight).to(dtype), bias: Tensor(linear.bias).to(dtype))
    }
    func norm(_ norm: GoldenHead.LayerNorm) -> DifficultyHead.Norm {
      .init(gain: Tensor(norm.gain).to(dtype), bias: Tensor(norm.bias).to(dtype))
    }
    let weights = golden.inputs.parameters
    let head = DifficultyHead(
      input: layer(weights.input), inputNorm: norm(weights.input_norm),
      blocks: weights.blocks.map {
        .init(
          first: layer($0.linear1), firstNorm: norm($0.norm1), second: layer($0.linear2),
          secondNorm: norm($0.norm2))
      }, output: layer(weights.output), outputNorm: norm(weights.output_norm),
      score: layer(weights.score), distillation: layer(weights.distill))
    let found = head(Tensor(rows: golden.inputs.cls).to(dtype))
    for (values, expected) in [
      (found.scores.doubles, golden.expected.score_logit),
      (found.distillations.doubles, golden.expected.distill_logit),
    ] {
      #expect(values.count == expected.count)
      for (value, expected) in zip(values, expected) {
        #expect(abs(value - expected) <= tolerance * abs(expected) + 1e-2 * tolerance)
      }
    }
  }

  private func estimator(seed: UInt64 = 1, encoder: URL? = nil) throws -> DifficultyEstimator {
    var settings = DEPOSettings()
    settings.encoder = encoder?.path
    return try DifficultyEstimator(settings, policy: Digits.model(), seed: seed)
  }

  /// A folder of a small random BERT that reads the policy's characters.
  private func withEncoder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let encoder = folder.appending(path: "bert")
      let fixture = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "ModelsTests/Fixtures/encoders/bert")
      try FileManager.default.copyItem(at: fixture.resolvingSymlinksInPath(), to: encoder)
      try Data(Digits.tokenizerJSON.utf8).write(to: encoder.appending(path: "tokenizer.json"))
      return try body(encoder)
    }
  }

  // Prompts with the token 3 are easy, those with 4 hard.
  private let examples = (0..<16).map { index in
    DifficultyExample(
      prompt: [1, index % 2 == 0 ? 3 : 4, 5 + index % 4], accuracy: index % 2 == 0 ? 0.9 : 0.1,
      distillTarget: 0.5)
  }

  @Test func anUntrainedEstimatorExpectsHalf() throws {
    let expected = try estimator().expectedAccuracies([[1, 2], [], [3, 4, 5]])
    #expect(expected.allSatisfy { abs($0 - 0.5) < 0.05 })
  }

  @Test func itLearnsWhichPromptsAreEasy() throws {
    let estimator = try estimator()
    var metrics = try estimator.train(examples, seed: 0)
    let first = metrics["difficulty/loss"]?.mean ?? .nan
    for seed in 1..<60 { metrics = try estimator.train(examples, seed: UInt64(seed)) }
    #expect((metrics["difficulty/loss"]?.mean ?? .nan) < first / 2)
    #expect(metrics["difficulty/rank_accuracy"]?.mean == 1)
    #expect((metrics["difficulty/calibration_error"]?.mean ?? 1) < 0.1)
    let expected = estimator.expectedAccuracies([[1, 3, 9], [1, 4, 9]])
    #expect(expected[0] > 0.7 && expected[1] < 0.3, "\(expected)")
  }

  @Test func aPromptsVectorDoesNotDependOnItsNeighbours() throws {
    let estimator = try estimator()
    _ = try estimator.train(examples, seed: 0)
    let alone = estimator.expectedAccuracies([[1, 3]])[0]
    let beside = estimator.expectedAccuracies([[1, 3], [4, 5, 6, 7, 8, 9, 10, 11]])[0]
    #expect(abs(alone - beside) < 1e-6)
    // Only 512 tokens are read.
    let long = [Int](repeating: 3, count: 512)
    let expected = estimator.expectedAccuracies([long, long + [4, 4, 4]])
    #expect(abs(expected[0] - expected[1]) < 1e-6)
  }

  @Test func savingKeepsWeightsAndMoments() throws {
    try withTemporaryFolder { folder in
      let first = try estimator()
      for seed in 0..<3 { _ = try first.train(examples, seed: UInt64(seed)) }
      try first.save(in: folder)
      let second = try estimator(seed: 9)
      try second.restore(from: folder)
      for estimator in [first, second] { _ = try estimator.train(examples, seed: 3) }
      let prompts = examples.map(\.prompt)
      #expect(first.expectedAccuracies(prompts) == second.expectedAccuracies(prompts))
    }
  }

  @Test func aPretrainedEncoderIsTrainedOn() throws {
    try withEncoder { folder in
      let estimator = try estimator(encoder: folder)
      let words = try #require(
        estimator.parameters.first { $0.name == "encoder.embeddings.word_embeddings.weight" })
      let before = words.tensor.detached().cloned().floats
      for seed in 0..<60 { _ = try estimator.train(examples, seed: UInt64(seed)) }
      #expect(largestDifference(before, words.tensor.detached().floats) > 1e-4)
      let expected = estimator.expectedAccuracies([[1, 3, 9], [1, 4, 9]])
      #expect(expected[0] > 0.7 && expected[1] < 0.3, "\(expected)")
      try withTemporaryFolder { saved in
        try estimator.save(in: saved)
        let other = try self.estimator(seed: 9, encoder: folder)
        try other.restore(from: saved)
        #expect(other.expectedAccuracies([[1, 3, 9], [1, 4, 9]]) == expected)
      }
    }
  }

  @Test func anEncodersWindowIsKept() throws {
    try withEncoder { folder in
      // The fixture has 48 positions: longer prompts lose their end but for the closing token.
      let estimator = try estimator(encoder: folder)
      let long = [Int](repeating: 3, count: 200)
      #expect(estimator.expectedAccuracies([long, [1], []]).count == 3)
    }
  }

  @Test func aMissingEncoderIsNamed() {
    let text = message { _ = try estimator(encoder: URL(filePath: "/nowhere/bert")) }
    #expect(text.contains("/nowhere/bert"), "\(text)")
  }

  @Test func measuresByHand() {
    let metrics = DifficultyMeasures.metrics(
      expected: [0.9, 0.6, 0.4], accuracies: [1, 0.25, 0.5], gap: 0.05)
    #expect(abs((metrics["difficulty/calibration_error"]?.mean ?? .nan) - 0.55 / 3) < 1e-12)
    // Ranked: 0 over 1, 0 over 2, 2 over 1; the last is wrong.
    #expect(metrics["difficulty/rank_accuracy"] == WeightedMetric(sum: 2, weight: 3))
    #expect(metrics["difficulty/degenerate_auc"] == WeightedMetric(sum: 2, weight: 2))
    let even = DifficultyMeasures.metrics(expected: [0.5, 0.5], accuracies: [0, 0.5], gap: 0)
    #expect(even["difficulty/degenerate_auc"]?.mean == 0.5)
    #expect(even["difficulty/rank_accuracy"]?.mean == 0.5)
    let none = DifficultyMeasures.metrics(expected: [0.5], accuracies: [0.5], gap: 0)
    #expect(none["difficulty/degenerate_auc"] == nil && none["difficulty/rank_accuracy"] == nil)
  }
}
