import Settings
import Tasks

/// How phase I trains the preference model (WS-GRPO). Marks: [S] stated by the paper, [R] this
/// project's reconstruction or extension.
public struct PreferenceSettings: SettingGroup, Equatable {
  /// The settings that the others start from.
  public var preset = PreferencePreset.laconic
  /// How two prefixes are compared. The paper's classifier is `pairwise`.
  public var prefixHead = PreferenceHead.Kind.bradleyTerry
  /// The hidden layer's width [S].
  public var mlpWidth = 512
  /// The hidden layer's dropout while training [R].
  public var mlpDropout = 0.1
  /// Whether features are standardised by the training features' mean and deviation [R].
  public var standardizeFeatures = true
  /// The layer whose states are a causal encoder's features [R].
  public var encoderLayer = CausalPrefixEncoder.Layer.beforeFinalNorm
  /// Whether a causal encoder's features also say how likely it finds the tokens of a prefix [R].
  public var encoderLikelihoods = true
  /// The most tokens with padding that the encoder reads at once.
  public var encoderBatchTokens = CausalPrefixEncoder.defaultBatchTokens
  /// Pairs in an optimisation step [S].
  public var classifierBatch = 32
  /// The learning rate of AdamW; the paper's is 5e-5.
  public var classifierLearningRate = 1e-3
  /// AdamW's weight decay of weights; biases have none [R].
  public var classifierWeightDecay = 0.01
  /// The most passes over the training pairs [R].
  public var classifierEpochs = 20
  /// Passes without a better validation accuracy after which training ends [R]; nil: never.
  public var earlyStopPatience: Int? = 4
  /// The share of questions that are kept for validation: .1 [S] of pairs, by question [R].
  public var validationShare = 0.1
  /// What questions without a right rollout give [R].
  public var allWrong = AllWrongRule.skip
  /// Partners from other questions for every rollout that needs one [R].
  public var offtopicPerTrajectory = 4
  /// The most pairs of one question [R]; nil: all. The default is what a question whose 4 solutions
  /// are all right has with 4 partners each.
  public var pairsPerQuestion: Int? = 16
  /// Extension [R]: for every pair of one question, this many pairs of its prefixes with the same
  /// number of steps, labelled by the outcomes of the whole rollouts: what phase II asks about.
  public var prefixPairs = 2
  /// Fixes the split, the pairs, the first weights, their order and dropout.
  public var seed = 0

  /// The defaults: the preset `laconic`.
  public init() {}

  /// The values of a preset; `custom` starts from the defaults.
  public init(preset: PreferencePreset) {
    self.preset = preset
    guard preset == .paper else { return }
    prefixHead = .pairwise
    encoderLikelihoods = false
    prefixPairs = 0
    classifierLearningRate = 5e-5
    classifierEpochs = 3
    earlyStopPatience = 3
  }

  /// Calls the preset `custom` where head, likelihoods or pairs of prefixes are not the preset's.
  public mutating func nameDepartures() {
    let own = PreferenceSettings(preset: preset)
    let isOwn =
      prefixHead == own.prefixHead && encoderLikelihoods == own.encoderLikelihoods
      && prefixPairs == own.prefixPairs
    if !isOwn { preset = .custom }
  }

  /// The keys.
  public static let keys: [SettingKey<PreferenceSettings>] = [
    SettingKey(
      "preset", \.preset,
      "laconic: this project's phase I; paper: the published one; follows method.preset where absent"
    ),
    SettingKey("prefix-head", \.prefixHead, "how two prefixes are compared"),
    SettingKey("mlp-width", \.mlpWidth, in: 1..., "width of the head's hidden layer"),
    SettingKey("mlp-dropout", \.mlpDropout, in: 0..<1, "dropout of the head's hidden layer"),
    SettingKey(
      "standardize-features", \.standardizeFeatures,
      "whether features are standardised by the training features' mean and deviation"),
    SettingKey(
      "encoder-layer", \.encoderLayer, "layer of a causal encoder whose states are the features"),
    SettingKey(
      "encoder-likelihoods", \.encoderLikelihoods,
      "whether a causal encoder also says how likely it finds the tokens of a prefix"),
    SettingKey(
      "encoder-batch-tokens", \.encoderBatchTokens, in: 1...,
      "most tokens that the encoder reads at once, those of its padding among them"),
    SettingKey("classifier-batch", \.classifierBatch, in: 1..., "pairs per optimisation step"),
    SettingKey(
      "classifier-learning-rate", \.classifierLearningRate, in: 0..., "learning rate of AdamW"),
    SettingKey(
      "classifier-weight-decay", \.classifierWeightDecay, in: 0..., "weight decay of AdamW"),
    SettingKey(
      "classifier-epochs", \.classifierEpochs, in: 1..., "most passes over the training pairs"),
    SettingKey(
      "early-stop-patience", \.earlyStopPatience, in: 1...,
      "passes without a better validation accuracy after which training ends; null: never"),
    SettingKey(
      "validation-share", \.validationShare, in: 0..<1,
      "share of questions kept for validation"),
    SettingKey("all-wrong", \.allWrong, "what questions without a right rollout give"),
    SettingKey(
      "offtopic-per-trajectory", \.offtopicPerTrajectory, in: 0...,
      "partners from other questions for every rollout that needs one"),
    SettingKey(
      "pairs-per-question", \.pairsPerQuestion, in: 1..., "most pairs of one question; null: all"),
    SettingKey(
      "prefix-pairs", \.prefixPairs, in: 0...,
      "pairs of prefixes with equally many steps for every pair of one question; 0: none"),
    SettingKey(
      "preference-seed", \.seed, in: 0...,
      "fixes the split, the pairs, the first weights, their order and dropout"),
  ]
}

/// This project's phase I, or the paper's.
public enum PreferencePreset: String, SettingChoice {
  /// A Bradley-Terry value of prefixes, trained on pairs of prefixes too, with a causal encoder's
  /// likelihoods; a text encoder reads every solution by itself and its states are averaged [R].
  case laconic
  /// A pairwise classifier of whole solutions; a text encoder reads two of them at once, and its first
  /// token's state counts (arXiv 2602.17025).
  case paper
  /// Whatever the keys say.
  case custom
}
