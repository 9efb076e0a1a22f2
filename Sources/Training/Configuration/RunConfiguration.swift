import Foundation
import PolicyOptimization
import PrefixPreference
import Rollouts
import Settings
import Tasks

/// Everything a command can be told, resolved: defaults, then files, then the command line.
public struct RunConfiguration: Sendable {
  /// Where results go and what fixes the numbers.
  public var run = RunSettings()
  /// The model.
  public var model = ModelSettings()
  /// LoRA.
  public var adapter = AdapterSettings()
  /// The task and its data.
  public var task = TaskSettings()
  /// What completions earn.
  public var rewards = RewardSettings()
  /// Sampling.
  public var rollouts = SamplingSettings()
  /// The policy-optimization loop.
  public var training = TrainingSettings()
  /// Supervised warm-up.
  public var sft = SupervisedSettings()
  /// Phase I.
  public var preference = PreferenceSettings()
  /// Where the preference model is.
  public var preferenceModel = PreferenceModelSettings()
  /// Steps of solutions.
  public var steps = StepSettings()
  /// Evaluation.
  public var evaluation = EvaluationSettings()
  /// The method with its settings.
  public var method: Method

  /// Resolves what was written.
  ///
  /// - Throws: `SettingError` for an unknown key (naming the nearest) or a value that does not fit.
  public init(_ document: SettingDocument) throws {
    var name = "grpo"
    if let entry = document.entry("method.name") {
      guard let text = String(setting: entry.value) else {
        throw SettingError(
          "\(entry.origin): method.name is \(entry.value), expected a method's name")
      }
      name = text
    }
    method = try Methods.named(name, settings: document)
    try run.take(document, section: "run")
    try model.take(document, section: "model")
    try adapter.take(document, section: "adapter")
    try task.take(document, section: "task")
    rewards = try RewardSettings(document)
    try rollouts.take(document, section: "rollouts")
    try training.take(document, section: "training")
    try sft.take(document, section: "sft")
    try takePreference(document)
    try steps.take(document, section: "steps")
    try evaluation.take(document, section: "evaluation")
    try document.requireKnown(Self.paths(method: method) + rewards.paths)
    try checkGeometry()
  }

  /// Phase I: its preset first, then explicit keys.
  private mutating func takePreference(_ document: SettingDocument) throws {
    var chosen = PreferenceSettings(preset: try Self.preferencePreset(document))
    try chosen.take(document, section: "preference")
    let preset = chosen.preset
    preference = PreferenceSettings(preset: preset)
    preferenceModel = PreferenceModelSettings(preset: preset)
    try preference.take(document, section: "preference")
    try preferenceModel.take(document, section: "preference")
    preference.nameDepartures()
  }

  /// The paper's where a reading of the paper is asked for, unless the section `preference` says otherwise.
  private static func preferencePreset(_ document: SettingDocument) throws -> PreferencePreset {
    guard let entry = document.entry("\(Methods.section).preset"),
      let name = String(setting: entry.value), let preset = WSGRPOPreset(rawValue: name)
    else { return .laconic }
    return preset.isPublished ? .paper : .laconic
  }

  /// The sections that settings stand in.
  static let sectionNames: Set<String> = [
    "run", "model", "adapter", "task", RewardSettings.section, "rollouts", "training", "sft",
    "preference", "steps", "evaluation",
    Methods.section,
  ]

  /// The full names of all settings that a run with `method` takes, rewards aside.
  static func paths(method: Method) -> [String] {
    RunSettings.paths(section: "run") + ModelSettings.paths(section: "model")
      + AdapterSettings.paths(section: "adapter")
      + TaskSettings.paths(section: "task") + SamplingSettings.paths(section: "rollouts")
      + TrainingSettings.paths(section: "training") + SupervisedSettings.paths(section: "sft")
      + PreferenceSettings.paths(section: "preference")
      + PreferenceModelSettings.paths(section: "preference")
      + StepSettings.paths(section: "steps") + EvaluationSettings.paths(section: "evaluation")
      + ["method.name"] + method.settings.map { "method.\($0.name)" }
  }

  private func checkGeometry() throws {
    let prompts = training.promptsPerStep
    let parts = training.minibatches
    if prompts % parts != 0 {
      let down = prompts / parts * parts
      let nearest = (down > 0 ? "\(down) or " : "") + "\(down + parts)"
      let divisors = (1...prompts).filter { prompts % $0 == 0 }
      throw SettingError(
        "training.prompts-per-step is \(prompts), which training.minibatches = \(parts) does not "
          + "divide; take \(nearest) prompts, or one of \(divisors) minibatches")
    }
  }

  /// Refuses what is in order for sampling but not for policy optimization.
  ///
  /// - Throws: `SettingError` naming the keys.
  func checkTraining() throws {
    if rollouts.temperature == 0 && training.groupSize > 1 {
      throw SettingError(
        "rollouts.temperature is 0, which makes all completions of a group equal; "
          + "expected a number above 0 for training")
    }
    try method.validate(maxCompletion: rollouts.maximumCompletion)
    guard method.takesAddedRewards || rewards.isPlain else {
      throw SettingError(
        "\(method.name) tells right completions from wrong ones by rewards of exactly 1 and 0, so no "
          + "other reward can be added: expected no section \(RewardSettings.section), or another method "
          + "such as grpo")
    }
    if method.onlineStopping != nil, let encoder = preferenceModel.encoder {
      throw OnlineStopper.refusal(encoder: encoder)
    }
  }

  /// How solutions are split into steps.
  public var segmenter: SolutionSegmenter { steps.segmenter }

  /// All settings as they stand, section by section.
  public var sections: [(name: String, settings: [(name: String, value: SettingValue)])] {
    [
      ("run", run.settings), ("model", model.settings), ("adapter", adapter.settings),
      ("task", task.settings), (RewardSettings.section, rewards.settings),
      ("rollouts", rollouts.settings), ("training", training.settings), ("sft", sft.settings),
      ("preference", preferenceModel.settings + preference.settings),
      ("steps", steps.settings), ("evaluation", evaluation.settings),
      // Nulls too: a null can stand against a default or preset that is not.
      ("method", [("name", .string(method.name))] + method.settings),
    ]
  }

  /// The resolved configuration as YAML that gives itself again.
  public var yaml: String {
    sections.map { section in
      "\(section.name):\n"
        + section.settings.map { "  \($0.name): \($0.value)\n" }.joined()
    }.joined()
  }
}

/// Where the preference model of phase II comes from, in the section `preference`.
public struct PreferenceModelSettings: SettingGroup {
  /// A folder that `laconic preference train` wrote.
  public var path: String?
  /// Rollouts per problem when they are sampled (the paper's K).
  public var rollouts = 4
  /// Problems to sample rollouts of.
  public var problems = 512
  /// A Hugging Face folder of a text encoder; nil: the frozen initial policy is the encoder.
  public var encoder: String?
  /// The type that a text encoder computes in [R].
  public var encoderPrecision = ModelSettings.Precision.float32
  /// Whether a text encoder reads one solution or two at once.
  public var arrangement = FeatureArrangement.separate
  /// What becomes of a text encoder's states.
  public var pooling = TextPrefixEncoder.Pooling.mean
  /// The most tokens of a text encoder's text.
  public var encoderMaximumTokens = TextPrefixEncoder.defaultMaximumTokens
  /// A folder for a text encoder's features.
  public var featureCache: String?

  /// The defaults: the preset `laconic`.
  public init() {}

  /// The values of a preset of phase I.
  init(preset: PreferencePreset) {
    guard preset == .paper else { return }
    arrangement = .joint
    pooling = .first
  }

  /// The keys.
  public static let keys: [SettingKey<PreferenceModelSettings>] = [
    SettingKey("path", \.path, "folder of a trained preference model, for ws-grpo"),
    SettingKey("phase1-rollouts", \.rollouts, in: 2..., "rollouts per problem, when sampled (K)"),
    SettingKey("phase1-problems", \.problems, in: 1..., "problems, when rollouts are sampled"),
    SettingKey(
      "encoder", \.encoder,
      "folder of a frozen text encoder (BERT, DistilBERT, T5); null: the initial policy"),
    SettingKey("encoder-precision", \.encoderPrecision, "type that a text encoder computes in"),
    SettingKey(
      "encoder-arrangement", \.arrangement,
      "whether a text encoder reads two solutions at once or each by itself"),
    SettingKey("pooling", \.pooling, "what becomes of a text encoder's states"),
    SettingKey(
      "encoder-max-tokens", \.encoderMaximumTokens, in: 1...,
      "most tokens of a text encoder's text; the middle of solutions is left out beyond"),
    SettingKey(
      "feature-cache", \.featureCache,
      "folder that keeps a text encoder's features of labelled rollouts for further runs; null: none"
    ),
  ]
}
