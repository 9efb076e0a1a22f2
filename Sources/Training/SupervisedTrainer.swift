import Foundation
import PolicyOptimization
import Rollouts
import Settings
import Tokenizers
import Torch

/// The section `sft`: supervised warm-up on prompt and completion pairs.
public struct SupervisedSettings: SettingGroup {
  /// Optimizer steps.
  public var steps = 1000
  /// Pairs per step.
  public var batchSize = 64
  /// The peak learning rate.
  public var learningRate = 1e-3
  /// Steps over which the learning rate rises.
  public var warmupSteps = 50
  /// What follows.
  public var schedule = TrainingSettings.Schedule.cosine
  /// AdamW's decay of the second moment.
  public var beta2 = 0.95
  /// AdamW's decay of weights.
  public var weightDecay = 0.01
  /// The gradient's norm is scaled down to this.
  public var maxGradientNorm: Double? = 1.0
  /// The end token is put after every completion.
  public var appendsEndToken = true
  /// Made examples, for a task that makes its own.
  public var examples = 50_000

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<SupervisedSettings>] = [
    SettingKey("steps", \.steps, in: 1..., "optimizer steps"),
    SettingKey("batch-size", \.batchSize, in: 1..., "pairs per step"),
    SettingKey("learning-rate", \.learningRate, in: 0..., "peak learning rate of AdamW"),
    SettingKey("warmup-steps", \.warmupSteps, in: 0..., "steps of linear warm-up"),
    SettingKey("schedule", \.schedule, "the learning rate after warm-up"),
    SettingKey("beta2", \.beta2, in: 0.0...1.0, "AdamW"),
    SettingKey("weight-decay", \.weightDecay, in: 0..., "AdamW, matrices only"),
    SettingKey("max-gradient-norm", \.maxGradientNorm, in: 0..., "clip the gradient's norm"),
    SettingKey("append-end-token", \.appendsEndToken, "teach the model to end"),
    SettingKey("examples", \.examples, in: 1..., "pairs to make, for a task that makes its own"),
  ]
}

/// A prompt with the completion to learn.
public struct SupervisedExample: Sendable, Equatable {
  /// What the model sees.
  public let prompt: String
  /// What it should write.
  public let completion: String
  /// Whether the tokenizer adds its special tokens to the prompt; not where a chat template has
  /// written them.
  public let addsSpecialTokens: Bool

  /// A pair.
  public init(prompt: String, completion: String, addsSpecialTokens: Bool = true) {
    self.addsSpecialTokens = addsSpecialTokens
    self.prompt = prompt
    self.completion = completion
  }
}

/// Trains a model to write given completions: the mean of -log p over the batch's completion tokens.
public final class SupervisedTrainer {
  private let settings: SupervisedSettings
  private let run: RunSettings
  private let packing: SequencePacking
  private let model: LoadedModel
  private let sequences: [Trajectory]
  private let order: ProblemOrder

  /// - Throws: `TrainingError` when an example has no completion tokens.
  public init(
    _ examples: [SupervisedExample], model: LoadedModel, settings: SupervisedSettings,
    run: RunSettings, packing: SequencePacking
  ) throws {
    self.settings = settings
    self.run = run
    self.model = model
    self.packing = packing
    let end = settings.appendsEndToken ? model.primaryEndToken : nil
    sequences = try examples.enumerated().map { index, example in
      let prompt = model.tokenizer.promptIDs(
        of: example.prompt, addSpecialTokens: example.addsSpecialTokens)
      let completion = model.tokenizer.encode(example.completion, addSpecialTokens: false)
      let ids = completion + (end.map { [$0] } ?? [])
      guard !ids.isEmpty, !prompt.isEmpty else {
        throw TrainingError("example \(index + 1): the prompt or the completion has no tokens")
      }
      return Trajectory(
        promptIDs: prompt, completionIDs: ids, logProbabilities: [], finish: .endToken)
    }
    order = ProblemOrder(count: sequences.count, seed: UInt64(run.seed))
  }

  /// Trains, telling `observe` the metrics and times of every step.
  ///
  /// - Throws: `TrainingError` when the loss is not finite, and what `observe` throws.
  public func run(observe: (Metrics, StepTimes) throws -> Bool) throws {
    model.model.trainable = true
    defer { model.model.trainable = false }
    let optimizer = makeOptimizer(
      model.model, betas: (0.9, settings.beta2), epsilon: 1e-8, weightDecay: settings.weightDecay)
    let dropout = try model.model.dropoutGenerator(
      seed: RandomStream(seed: UInt64(run.seed)).bits(PolicyTrainer.dropoutPlace))
    var rates = TrainingSettings()
    rates.steps = settings.steps
    rates.learningRate = settings.learningRate
    rates.warmupSteps = settings.warmupSteps
    rates.schedule = settings.schedule
    for step in 0..<settings.steps {
      var times = StepTimes()
      let metrics = try times.measure("update") {
        try update(
          optimizer, step: step, rate: rates.learningRate(at: step), dropout: dropout)
      }
      if try !observe(metrics, times) { return }
    }
  }

  private func update(
    _ optimizer: AdamW, step: Int, rate: Double, dropout: RandomGenerator?
  ) throws -> Metrics {
    let batch = order.indices(from: step * settings.batchSize, count: settings.batchSize)
      .map { sequences[$0] }
    let tokens = batch.map(\.completionIDs.count).reduce(0, +)
    var loss = 0.0
    for part in MicroBatches(batch, packing: packing).rows {
      let rows = TrajectoryBatch(part.map { batch[$0] }, device: model.model.device)
      let (logProbabilities, _) = model.model.withAdapterDropout(from: dropout) {
        rows.logProbabilities(under: model.model, temperature: 1)
      }
      let share = -logProbabilities.sum() / Double(tokens)
      share.backward()
      loss += share.item
    }
    guard loss.isFinite else {
      throw TrainingError("step \(step + 1): the loss is \(loss); lower sft.learning-rate")
    }
    let norm = optimizer.clipGradientNorm(to: settings.maxGradientNorm)
    optimizer.step(learningRate: rate)
    optimizer.clearGradients()
    return Metrics(
      step: step + 1,
      values: [
        "loss": loss, "grad_norm": norm, "learning_rate": rate, "num_tokens": Double(tokens),
      ])
  }
}
