import Foundation
import PolicyOptimization
import Torch

/// What the rollouts of a prompt say of its difficulty.
struct DifficultyExample {
  /// The prompt's tokens.
  let prompt: [Int]
  /// t: the share of right answers.
  let accuracy: Double
  /// p: the policy's mean probability of a response token.
  let distillTarget: Double
}

/// DEPO's difficulty estimator (arXiv 2602.06375): an encoder and a head that are trained beside the
/// policy.
final class DifficultyEstimator {
  private let encoder: any PromptEncoder
  private let head: DifficultyHead
  private let loss: DifficultyLoss
  private let learningRate: Double
  let optimizer: AdamW

  // The authors' code.
  private static let encoderRateFactor = 0.2
  private static let dropoutProbability = 0.1
  private static let maximumGradientNorm = 1.0
  // Prompts that are estimated at once; changes memory, not numbers.
  private static let batchSize = 256
  // The width of the small encoder's vectors: with a vocabulary of 150 000 the table stays below a tenth of
  // the smallest models' weights.
  private static let encoderWidth = 64

  /// An untrained estimator beside a policy, on its device.
  ///
  /// - Throws: `TorchError` when the device is not there, and errors of the encoder's folder.
  init(_ settings: DEPOSettings, policy: LoadedModel, seed: UInt64) throws {
    let device = policy.model.device
    let generator = try RandomGenerator(seed: seed, device: device)
    encoder =
      try settings.encoder.map {
        try TextPromptEncoder(
          folder: URL(filePath: $0), policyTokenizer: policy.tokenizer, device: device)
      }
      ?? TokenMeanEncoder(
        vocabulary: policy.model.configuration.vocabularySize, width: Self.encoderWidth,
        generator: generator)
    head = DifficultyHead(width: encoder.width, generator: generator)
    loss = DifficultyLoss(settings)
    learningRate = settings.learningRate
    optimizer = AdamW([
      .init(head.parameters),
      .init(encoder.parameters, learningRateFactor: Self.encoderRateFactor),
    ])
  }

  /// All weights by name.
  var parameters: [(name: String, tensor: Tensor)] { encoder.parameters + head.parameters }

  /// sigmoid(s): the expected share of right answers of every prompt.
  func expectedAccuracies(_ prompts: [[Int]]) -> [Double] {
    withoutGradients {
      stride(from: 0, to: prompts.count, by: Self.batchSize).flatMap { start in
        let part = prompts[start..<min(start + Self.batchSize, prompts.count)]
        return head(encoder.encode(Array(part))).scores.sigmoid().floats
          .map(Double.init)
      }
    }
  }

  /// One optimizer step on the prompts of a step, and what the estimator expected of them before it.
  ///
  /// - Parameter seed: fixes the dropout.
  /// - Throws: `TorchError` when there is no memory left, `TrainingError` for a loss that is not finite.
  func train(
    _ examples: [DifficultyExample], seed: UInt64
  ) throws -> PolicyOptimization.Metrics {
    let expected = expectedAccuracies(examples.map(\.prompt))
    var metrics = DifficultyMeasures.metrics(
      expected: expected, accuracies: examples.map(\.accuracy), gap: loss.rankGap)
    let features = encoder.encode(examples.map(\.prompt))
    let generator = try RandomGenerator(seed: seed, device: features.device)
    let keep = 1 - Self.dropoutProbability
    let (scores, distillations) = head(features) { input in
      let kept = generator.uniform(input.shape) .< keep
      return input * kept.to(input.dtype) * (1 / keep)
    }
    func column(_ values: [Double]) throws -> Tensor {
      try Tensor(values).to(scores.dtype).to(scores.device)
    }
    let terms = loss(
      scores: scores, distillations: distillations,
      accuracies: try column(examples.map(\.accuracy)),
      distillTargets: try column(examples.map(\.distillTarget)))
    let value = terms.loss.item
    guard value.isFinite else {
      throw TrainingError(
        "the difficulty estimator's loss is \(value); lower method.estimator-learning-rate")
    }
    terms.loss.backward()
    _ = optimizer.clipGradientNorm(to: Self.maximumGradientNorm)
    optimizer.step(learningRate: learningRate)
    optimizer.clearGradients()
    metrics["difficulty/loss"] = WeightedMetric(sum: value, weight: 1)
    metrics["difficulty/score_loss"] = WeightedMetric(sum: terms.score.item, weight: 1)
    metrics["difficulty/distill_loss"] = WeightedMetric(sum: terms.distillation.item, weight: 1)
    metrics["difficulty/rank_loss"] = WeightedMetric(
      sum: terms.ranking.item * Double(terms.pairs), weight: Double(terms.pairs))
    return metrics
  }
}

extension DifficultyEstimator {
  private static let weightsName = "difficulty.safetensors"
  private static let optimizerName = "difficulty-optimizer.safetensors"

  /// Writes weights and moments beside a checkpoint's model.
  ///
  /// - Throws: errors that name the file.
  func save(in folder: URL) throws {
    try SafetensorsFile.write(
      parameters.map { ($0.name, $0.tensor.detached()) },
      to: folder.appending(path: Self.weightsName))
    try SafetensorsFile.write(
      optimizer.state, to: folder.appending(path: Self.optimizerName))
  }

  /// Reads what `save` wrote.
  ///
  /// - Throws: errors that name the file and the entry.
  func restore(from folder: URL) throws {
    let weights = try SafetensorsFile(folder.appending(path: Self.weightsName))
    for (name, tensor) in parameters {
      let saved = try weights.tensor(name)
      guard saved.shape == tensor.shape else {
        throw FileError(
          "\(folder.path)/\(Self.weightsName): \(name) has shape \(saved.shape), expected "
            + "\(tensor.shape)")
      }
      withoutGradients { tensor.copy(from: saved) }
    }
    let moments = try SafetensorsFile(folder.appending(path: Self.optimizerName))
    try optimizer.restore { name in
      moments.shape(of: name) == nil ? nil : try moments.tensor(name)
    }
  }
}
