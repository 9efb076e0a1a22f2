import Foundation
import Models
import PolicyOptimization
import PrefixPreference
import Rollouts
import Settings
import Tasks
import Torch

/// Policy optimization: problems are sampled, graded, shaped into advantages, and trained on.
///
/// One step reads as the algorithm: `rollOut`, `assess`, `update`.
public final class PolicyTrainer {
  /// What the run was told.
  public let configuration: RunConfiguration
  let model: LoadedModel
  let reference: CausalLanguageModel?
  let optimizer: AdamW
  let task: any ReasoningTask
  let problems: [Problem]
  let preference: PreferenceModel?
  let entities: EntityTable?
  let experts: ExpertSolutions?
  let sampler: Sampler
  let stopper: OnlineStopper?
  let grader: Grader
  let rewards: RewardSum
  let distinctnessScorer: RewardScorer?
  let stream: RandomStream
  let order: ProblemOrder

  /// Finished steps.
  public private(set) var step = 0
  /// Tokens generated so far.
  public internal(set) var rolloutTokens = 0
  /// Problems taken so far.
  public internal(set) var problemCursor = 0
  /// What is minimised; an adaptive loss changes from update to update.
  private(set) var loss: any PolicyLoss
  /// What the method remembers of prompts.
  var screening: (any PromptScreening)?
  /// Problems that passed the screening and wait for a step.
  var queue = PromptQueue()
  /// Draws what a step's passes drop of the inputs of an adapter; nil without dropout.
  private(set) var dropout: RandomGenerator?
  /// The place of its seed in a step's random stream, apart from those of shuffles, which count up from 0.
  static let dropoutPlace = -1
  /// What estimates the difficulty of prompts, where the method asks for it.
  let difficulty: DifficultyEstimator?

  /// - Parameters:
  ///   - reference: the frozen policy that the KL term pulls to, without its adapter; needed when the
  ///     method has one.
  ///   - preference: the model of phase I; needed when the method asks for prefix preferences.
  ///   - rewards: rewards beside those of the configuration.
  /// - Throws: `TrainingError` when something the method needs is missing, or there are no problems.
  public init(
    _ configuration: RunConfiguration, model: LoadedModel, reference: CausalLanguageModel?,
    task: any ReasoningTask, problems: [Problem], preference: PreferenceModel?,
    segmenter: SolutionSegmenter, rewards: [Reward] = []
  ) throws {
    guard !problems.isEmpty else { throw TrainingError("there are no problems to train on") }
    let method = configuration.method
    guard !method.loss.needsReference || reference != nil else {
      throw TrainingError("\(method.name) with a KL term needs a reference policy")
    }
    guard !method.needsPreferenceModel || preference != nil else {
      throw TrainingError(
        "\(method.name) needs a preference model: train one with `laconic preference train` and "
          + "name its folder in preference.path")
    }
    try configuration.checkTraining()
    if method.columns.contains(.prefixValues), let preference, preference.head.kind != .bradleyTerry
    {
      throw SettingError(
        "method.step-advantage is prefix-value, which needs a preference model with the head "
          + "bradley-terry; the one in preference.path has \(preference.head.kind.rawValue)")
    }
    self.configuration = configuration
    self.model = model
    self.reference = method.loss.needsReference ? reference : nil
    self.task = task
    self.problems = problems
    self.preference = method.needsPreferenceModel ? preference : nil
    entities = try method.entityMatchMode.map { mode in
      try EntityTable(of: problems, task: task, settings: configuration.task, mode: mode)
    }
    experts =
      (method.distinctness?.anchorMode ?? .off) == .off
      ? nil
      : try ExpertSolutions(
        of: problems, task: task, file: configuration.task.expertSolutions)
    let training = configuration.training
    optimizer = makeOptimizer(
      model.model, betas: (training.beta1, training.beta2), epsilon: training.epsilon,
      weightDecay: training.weightDecay)
    sampler = Sampler(
      model: model.model, settings: configuration.rollouts, endTokens: model.endTokens,
      tokenizer: model.tokenizer)
    stopper = try preference.flatMap { preference in
      try method.onlineStopping.map {
        try OnlineStopper(
          $0, preference: preference, task: task, tokenizer: model.tokenizer,
          segmenter: segmenter, limit: configuration.rollouts.maximumCompletion)
      }
    }
    grader = Grader(tokenizer: model.tokenizer, task: task, segmenter: segmenter)
    self.rewards = try RewardSum(configuration.rewards, with: rewards)
    distinctnessScorer = method.distinctness.flatMap(RewardScorer.distinctness)
    let seed = UInt64(configuration.run.seed)
    stream = RandomStream(seed: seed)
    order = ProblemOrder(count: problems.count, seed: seed)
    loss = method.loss
    screening = method.screening
    difficulty = try (method.screening as? DifficultyFilter).map { filter in
      try DifficultyEstimator(filter.settings, policy: model, seed: seed)
    }
  }

  /// Goes on where a checkpoint was made, whose weights the model already has.
  ///
  /// - Throws: errors of the optimizer's state.
  public func resume(from checkpoint: Checkpoint) throws {
    try checkpoint.restore(optimizer)
    step = checkpoint.state.step
    rolloutTokens = checkpoint.state.rolloutTokens
    problemCursor = checkpoint.state.problemCursor
    adaptLoss(checkpoint.state.lossMemory)
    queue = PromptQueue(checkpoint.state.waitingProblems ?? [])
    try difficulty?.restore(from: checkpoint.folder)
    if let saved = checkpoint.state.screening { try restoreScreening(saved, from: checkpoint) }
  }

  /// Gives an adaptive loss what it is to remember.
  func adaptLoss(_ memory: Double?) {
    guard let memory, var adaptive = loss as? any AdaptivePolicyLoss else { return }
    adaptive.memory = memory
    loss = adaptive
  }

  /// What an adaptive loss remembers; nil for any other.
  var lossMemory: Double? { (loss as? any AdaptivePolicyLoss)?.memory }

  /// Trains until the configured number of steps.
  ///
  /// - Parameter observe: told every finished step; false ends the run early.
  /// - Throws: `TrainingError` when a loss or gradient is not finite, and what `observe` throws.
  public func run(observe: (StepReport) throws -> Bool) throws {
    model.model.trainable = true
    defer { model.model.trainable = false }
    try prepareRewards()
    defer { finishRewards() }
    while step < configuration.training.steps {
      let report = try advance()
      if try !observe(report) { return }
    }
  }

  /// One step.
  private func advance() throws -> StepReport {
    let method = configuration.method
    var times = StepTimes()
    dropout = try model.model.dropoutGenerator(
      seed: stream.substream(UInt64(step)).bits(Self.dropoutPlace))
    let (sampled, spent) = try rollOut(&times)
    let (groups, anchors) =
      experts == nil ? (sampled, [:]) : try times.measure("anchor") { try anchored(sampled) }
    let influence =
      method.columns.contains(.influence)
      ? times.measure("influence") { self.influence(of: groups) } : nil
    let earned =
      rewards.isPlain ? try earn(groups) : try times.measure("reward") { try earn(groups) }
    let assessed = try times.measure("assess") {
      try assess(groups, earned: earned, influence: influence)
    }
    observe(assessed)
    var metrics = Metrics(step: step + 1, values: assessed.metrics)
    metrics.merge(spent)
    metrics.merge(anchors)
    metrics.merge(try times.measure("update") { try update(assessed) })
    if difficulty != nil {
      metrics.merge(
        try times.measure("estimate") { try trainDifficulty(assessed) }.mapValues(\.mean))
    }
    if let avoided = metrics["screening/rollouts_avoided"] {
      metrics["screening/tokens_avoided"] = avoided * (metrics["completions/mean_length"] ?? 0)
    }
    metrics["num_tokens"] = Double(rolloutTokens)
    step += 1
    return StepReport(metrics: metrics, times: times, rollouts: assessed)
  }
}

/// A finished step.
public struct StepReport {
  /// Its figures, warnings not included.
  public let metrics: Metrics
  /// Where its time went.
  public let times: StepTimes
  /// Its completions with rewards and advantages.
  public let rollouts: AssessedRollouts

  /// What is wrong although nothing failed.
  public var warnings: [String] {
    LearningCheck.warnings(metrics, unparseableGolds: rollouts.unparseableGolds) + lateWarnings
  }

  /// Of those, what is worth saying of a step that is not the first.
  var lateWarnings: [String] { LearningCheck.lateWarnings(metrics) + rollouts.notices }
}
