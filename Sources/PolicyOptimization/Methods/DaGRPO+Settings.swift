import Settings

/// What can be set in DaGRPO, section `method`: its own keys and GRPO's.
public struct DaGRPOSettings: SettingGroup, Equatable {
  /// What a mask takes away.
  public var maskMode = PairMaskMode.pair
  /// tau, the least distance of scores; must be set.
  public var threshold: Double?
  /// What a completion is scored by.
  public var scorer = DistinctnessScorer.editSimilarity
  /// What the shell runs to score completions, for that scorer.
  public var scorerCommand: String?
  /// Seconds that it has for the completions of a step.
  public var scorerTimeout = 60.0
  /// p_hard: a group with at most this share of right answers is hard.
  public var hardRate = 0.0
  /// What becomes of an expert's solution in a hard group.
  public var anchorMode = AnchorMode.off
  /// gamma; LUFFY's value.
  public var anchorGamma = 0.1
  /// GRPO's settings.
  public var grpo = GRPOSettings()

  /// The defaults, without a threshold.
  public init() {}

  // At 0 the shape would be flat and anchors would teach nothing.
  private static let leastGamma = 1e-6

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<DaGRPOSettings>] =
    [
      SettingKey("mask-mode", \.maskMode, "what a mask takes away: pairs or whole rows"),
      SettingKey(
        "distinct-threshold", \.threshold,
        "pairs whose scores differ by less are ignored; must be set"),
      SettingKey("scorer", \.scorer, "what completions are scored by"),
      SettingKey(
        "scorer-command", \.scorerCommand,
        "program for the scorer command: completions as JSONL in, scores as JSONL out"),
      SettingKey(
        "scorer-timeout", \.scorerTimeout, in: 0.1...,
        "seconds that it has for a step's completions"),
      SettingKey("hard-rate", \.hardRate, in: 0...1, "share of right answers of a hard prompt"),
      SettingKey("anchor-mode", \.anchorMode, "what an expert's solution does in a hard group"),
      SettingKey("anchor-gamma", \.anchorGamma, in: leastGamma..., "shape of the anchors' loss"),
    ] + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    try take(document, section: Methods.section)
  }

  /// Refuses settings that contradict each other.
  ///
  /// - Throws: `SettingError` naming the keys.
  public func validate() throws {
    let section = Methods.section
    if scorer == .command, scorerCommand == nil {
      throw SettingError(
        "\(section).scorer is command, which needs \(section).scorer-command: the program to run")
    }
    if scorer != .command, let scorerCommand {
      throw SettingError(
        "\(section).scorer-command is \(scorerCommand), but \(section).scorer is "
          + "\(scorer.rawValue); expected command")
    }
    if anchorMode != .off, grpo.dynamicSampling {
      throw SettingError(
        "\(section).dynamic-sampling is true, which drops the hard prompts that "
          + "\(section).anchor-mode \(anchorMode.rawValue) is for; expected false")
    }
  }
}

/// What the mask of indistinct pairs takes away.
public enum PairMaskMode: String, SettingChoice {
  /// The pair's part of both advantages.
  case pair
  /// Rows without any distinct partner, from the loss.
  case sequence
}

/// What a completion is scored by, in [0, 1]; "the best" is the row of its group with the highest reward,
/// the first of equals.
public enum DistinctnessScorer: String, SettingChoice {
  /// 1 - edit distance to the best by the longer one's tokens. Takes time quadratic in the length.
  case editSimilarity = "edit-similarity"
  /// The share of tokens, with their multiplicities, in common with the best (Dice).
  case tokenOverlap = "token-overlap"
  /// The geometric mean of the tokens' probabilities under the policy that sampled.
  case logProbability = "log-probability"
  /// The preference model's value of the whole solution; without such a head, the mean preference for
  /// each step over none.
  case prefixPreference = "prefix-preference"
  /// A program of the user's.
  case command
}

/// What becomes of an expert's solution in a hard group.
public enum AnchorMode: String, SettingChoice {
  /// Nothing: there are none.
  case off
  /// It takes the place of the group's last row.
  case replace
  /// It comes after the group's last row.
  case append
}

extension Method {
  /// DaGRPO's settings; nil for other methods.
  public var distinctness: DaGRPOSettings? { (advantage as? DistinctAdvantage)?.settings }
}
