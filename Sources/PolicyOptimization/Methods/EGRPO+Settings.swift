import Settings

/// What can be set in E-GRPO, section `method`: its own keys and GRPO's.
public struct EGRPOSettings: SettingGroup, Equatable {
  /// alpha, what a wrong answer earns that found as many entities as the best of its group; the best of
  /// 0, 0.1, 0.3 and 0.5 in the paper.
  public var entityAlpha = 0.3
  /// When an entity counts as found.
  public var matchMode = EntityMatchMode.exact
  /// Steps over which alpha falls to 0; nil for never.
  public var alphaDecay: Int?
  /// Whether rows out of the loss count in its denominator.
  public var overlongDenominator = OverlongDenominator.all
  /// GRPO's settings.
  public var grpo: GRPOSettings = {
    var settings = GRPOSettings()
    settings.clipHigh = 0.28  // DAPO's (arXiv 2503.14476); E-GRPO's paper says only clip-higher
    return settings
  }()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<EGRPOSettings>] =
    [
      SettingKey(
        "entity-alpha", \.entityAlpha, in: 0...1, "reward of a wrong answer that found the most"),
      SettingKey("match-mode", \.matchMode, "when an entity counts as found"),
      SettingKey(
        "alpha-decay", \.alphaDecay, in: 1..., "steps over which entity-alpha falls to 0"),
      SettingKey(
        "overlong-denominator", \.overlongDenominator,
        "whether completions cut off by the limit, which leave the loss, count in its denominator"),
    ] + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    try take(document, section: Methods.section)
  }
}

/// When a completion has found an entity.
public enum EntityMatchMode: String, SettingChoice {
  /// Its first form stands somewhere in a thought, letter by letter.
  case exact
  /// Any of its forms does.
  case surfaceForms = "surface-forms"
  /// Its first form does, and neither a letter nor a digit touches it: for numbers, where 1 is no part
  /// of 12.
  case wholeWords = "whole-words"
}

/// Which rows the loss is divided by when some have left it.
public enum OverlongDenominator: String, SettingChoice {
  /// All rows.
  case all
  /// The rows that are left.
  case kept
}
