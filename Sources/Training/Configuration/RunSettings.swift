import Foundation
import PolicyOptimization
import Settings

/// The section `run`: where results go and what fixes the numbers.
public struct RunSettings: SettingGroup {
  /// The folder of the run.
  public var output = "runs/latest"
  /// The seed of everything random.
  public var seed = 0
  /// Threads for one operation; nil takes the machine's cores.
  public var threads: Int?
  /// Where the model lies: `cpu`, `cuda`, `cuda:1`, `mps`; nil takes the best there is.
  public var device: String?
  /// Whether the figures are also written as TensorBoard reads them.
  public var tensorboard = true

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<RunSettings>] = [
    SettingKey("output", \.output, "folder for records, checkpoints and the trained model"),
    SettingKey("seed", \.seed, in: 0..., "fixes sampling, data order and initial weights"),
    SettingKey("threads", \.threads, in: 1..., "CPU threads; null for all cores"),
    SettingKey("device", \.device, "cpu, cuda, cuda:N or mps; null for the best there is"),
    SettingKey("tensorboard", \.tensorboard, "also write the figures as TensorBoard reads them"),
  ]
}

/// The section `model`.
public struct ModelSettings: SettingGroup {
  /// A number type for weights and activations.
  public enum Precision: String, SettingChoice {
    /// Single precision.
    case float32
    /// Brain floating point.
    case bfloat16
    /// Half precision.
    case float16
  }

  /// A Hugging Face model folder.
  public var path: String?
  /// The type to compute in; nil takes float32 on the CPU and the folder's own elsewhere.
  public var precision: Precision?

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<ModelSettings>] = [
    SettingKey("path", \.path, "Hugging Face model folder; null for the embedded model"),
    SettingKey("precision", \.precision, "type of weights and activations; null: automatic"),
  ]
}

/// The section `task`.
public struct TaskSettings: SettingGroup {
  /// The task's name.
  public var name: String?
  /// The file of training problems; nil for a task that makes its own.
  public var data: String?
  /// Text around the question, with `{question}`; nil for the task's own.
  public var promptTemplate: String?
  /// What turns a problem into a chat model's prompt: `auto` takes the model folder's template where it
  /// has one, `none` none, and anything else is the path of a template or of a model folder.
  public var chatTemplate = "auto"
  /// A system message for conversations that have none; needs a chat template.
  public var systemPrompt: String?
  /// Variables of the chat template, a JSON object.
  public var chatVariables: String?
  /// Only the first so many problems; nil for all.
  public var limit: Int?
  /// A file of expert solutions by problem; nil for those of the problems themselves.
  public var expertSolutions: String?
  /// Where a problem's entities come from, for methods that reward finding them.
  public var entities = EntitySource.column

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<TaskSettings>] = [
    SettingKey("name", \.name, "see `laconic tasks`"),
    SettingKey(
      "data", \.data, "file of problems (JSONL, JSON, CSV); null for a task that makes its own"),
    SettingKey("prompt-template", \.promptTemplate, "with {question}; null for the task's own"),
    SettingKey(
      "chat-template", \.chatTemplate,
      "auto (the model folder's, if it has one), none, or a path"),
    SettingKey("system-prompt", \.systemPrompt, "system message, through the chat template"),
    SettingKey(
      "chat-variables", \.chatVariables,
      "variables of the chat template as JSON, such as {\"enable_thinking\": false}"),
    SettingKey("limit", \.limit, in: 1..., "use only the first so many problems"),
    SettingKey(
      "expert-solutions", \.expertSolutions,
      "file with id and solution, for dagrpo; null for the problems' own solutions"),
    SettingKey("entities", \.entities, "where a problem's entities come from, for e-grpo"),
  ]
}

/// The section `training`: the loop and the optimizer.
public struct TrainingSettings: SettingGroup {
  /// How the learning rate goes after warm-up.
  public enum Schedule: String, SettingChoice {
    /// It stays.
    case constant
    /// It falls linearly to 0.
    case linear
    /// It falls along half a cosine to 0.
    case cosine
  }

  /// Rollout batches.
  public var steps = 100
  /// Prompts of one rollout batch.
  public var promptsPerStep = 16
  /// Completions per prompt.
  public var groupSize = 8
  /// Parts of a rollout batch, each with an optimizer step of its own.
  public var minibatches = 1
  /// Passes over a rollout batch.
  public var epochsPerBatch = 1
  /// Tokens that go through the model at once.
  public var microBatchTokens = 16384
  /// How many waiting prompts are looked at for what fits into a micro-batch.
  public var packWindow = 32
  /// The peak learning rate.
  public var learningRate = 1e-6
  /// Steps over which the learning rate rises to its peak.
  public var warmupSteps = 0
  /// What follows.
  public var schedule = Schedule.constant
  /// AdamW's decay of the first moment.
  public var beta1 = 0.9
  /// AdamW's decay of the second moment.
  public var beta2 = 0.999
  /// AdamW's small number.
  public var epsilon = 1e-8
  /// AdamW's decay of weights (matrices only, not norms and biases).
  public var weightDecay = 0.0
  /// The gradient's norm is scaled down to this; nil for never.
  public var maxGradientNorm: Double? = 1.0
  /// Steps between checkpoints; nil for the end only.
  public var saveEvery: Int? = 50
  /// Checkpoints kept.
  public var keepCheckpoints = 2
  /// Steps between evaluations on held-out problems; nil for none.
  public var evaluateEvery: Int?
  /// Steps between records of all completions; nil for none.
  public var completionsEvery: Int? = 10
  /// Whether every step measures how its update moved the likelihood of right answers.
  public var measuresLikelihoodChange = false
  /// The greatest allowed difference between a token's log-probability when it was sampled and when it
  /// is trained on, in nats.
  public var maxLogProbabilityGap = 0.05

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<TrainingSettings>] = [
    SettingKey("steps", \.steps, in: 1..., "rollout batches"),
    SettingKey("prompts-per-step", \.promptsPerStep, in: 1..., "prompts of a rollout batch"),
    SettingKey("group-size", \.groupSize, in: 1..., "completions per prompt (G)"),
    SettingKey("minibatches", \.minibatches, in: 1..., "optimizer steps per pass over a batch"),
    SettingKey("epochs-per-batch", \.epochsPerBatch, in: 1..., "passes over a rollout batch"),
    SettingKey(
      "micro-batch-tokens", \.microBatchTokens, in: 1...,
      "tokens through the model at once; changes memory and speed, not the gradient"),
    SettingKey(
      "pack-window", \.packWindow, in: 1...,
      "waiting prompts looked at for the one that fits a micro-batch best"),
    SettingKey("learning-rate", \.learningRate, in: 0..., "peak learning rate of AdamW"),
    SettingKey("warmup-steps", \.warmupSteps, in: 0..., "steps of linear warm-up"),
    SettingKey("schedule", \.schedule, "the learning rate after warm-up"),
    SettingKey("beta1", \.beta1, in: 0.0...1.0, "AdamW"),
    SettingKey("beta2", \.beta2, in: 0.0...1.0, "AdamW"),
    SettingKey("epsilon", \.epsilon, in: 0..., "AdamW"),
    SettingKey("weight-decay", \.weightDecay, in: 0..., "AdamW, matrices only"),
    SettingKey("max-gradient-norm", \.maxGradientNorm, in: 0..., "clip the gradient's norm"),
    SettingKey("save-every", \.saveEvery, in: 1..., "steps between checkpoints"),
    SettingKey("keep-checkpoints", \.keepCheckpoints, in: 1..., "checkpoints kept"),
    SettingKey("evaluate-every", \.evaluateEvery, in: 1..., "steps between evaluations"),
    SettingKey(
      "completions-every", \.completionsEvery, in: 1..., "steps between completion records"),
    SettingKey(
      "likelihood-change", \.measuresLikelihoodChange,
      "measure how an update moves right answers beside wrong ones; costs two more passes of them"),
    SettingKey(
      "max-log-probability-gap", \.maxLogProbabilityGap, in: 0...,
      "stop when sampler and trainer differ by more, in nats"),
  ]

  /// How rows are laid into micro-batches.
  var packing: SequencePacking { SequencePacking(capacity: microBatchTokens, window: packWindow) }

  /// The learning rate of step `step` (from 0).
  public func learningRate(at step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let share = Double(step - warmupSteps) / Double(max(1, steps - warmupSteps))
    return switch schedule {
    case .constant: learningRate
    case .linear: learningRate * max(0, 1 - share)
    case .cosine: learningRate * (1 + cos(.pi * min(1, share))) / 2
    }
  }
}

/// The section `evaluation`.
public struct EvaluationSettings: SettingGroup {
  /// A file of held-out problems; nil for the task's own or none.
  public var data: String?
  /// Problems to take; nil for all there are.
  public var problems: Int? = 256
  /// Sampled completions per problem.
  public var samples = 4
  /// The temperature of the samples; a greedy completion is always made too.
  public var temperature = 1.0
  /// The seed of problems and samples, apart from the run's.
  public var seed = 1
  /// Whether solutions are stopped as rollouts are in training.
  public var onlineStop = false

  /// Defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<EvaluationSettings>] = [
    SettingKey("data", \.data, "file of held-out problems (JSONL, JSON, CSV)"),
    SettingKey("problems", \.problems, in: 1..., "problems to take; null for all"),
    SettingKey("samples", \.samples, in: 1..., "sampled completions per problem (k)"),
    SettingKey("temperature", \.temperature, in: 0..., "of the samples"),
    SettingKey("seed", \.seed, in: 0..., "of problems and samples"),
    SettingKey(
      "online-stop", \.onlineStop, "stop solutions as rollouts are stopped with method.online-stop"),
  ]
}
