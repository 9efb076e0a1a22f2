import Settings

/// What can be set in HiPO, section `method`: its own keys and GRPO's.
public struct HiPOSettings: SettingGroup, Equatable {
  /// What a well-formed completion earns beside its answer.
  public var formatWeight = 0.2
  /// omega: the bonus for not thinking, as a share of the mean reward of thinking.
  public var offBonus = 0.01
  /// gamma: the weight of a completion's own reward in the advantage of its decision.
  public var judgeGamma = 0.3
  /// What ends the decision to think.
  public var onTag = "<think_on>"
  /// What ends the decision to answer at once.
  public var offTag = "<think_off>"
  /// GRPO's settings.
  public var grpo = GRPOSettings()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<HiPOSettings>] =
    [
      SettingKey(
        "format-weight", \.formatWeight, in: 0..., "reward of a well-formed completion"),
      SettingKey(
        "off-bonus", \.offBonus, in: 0..., "bonus for not thinking, share of thinking's mean"),
      SettingKey(
        "judge-gamma", \.judgeGamma, in: 0..., "weight of its own reward in a decision's advantage"),
      SettingKey("think-on-tag", \.onTag, "text that ends the decision to think"),
      SettingKey("think-off-tag", \.offTag, "text that ends the decision to answer at once"),
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
    if grpo.advantageScale != .groupStd {
      throw SettingError(
        "\(section).advantage-scale is \(grpo.advantageScale.rawValue), expected group-std: hipo "
          + "divides by the deviations of groups and modes")
    }
    for (key, tag, other) in [("think-on-tag", onTag, offTag), ("think-off-tag", offTag, onTag)]
    where tag.isEmpty || other.contains(tag) {
      throw SettingError(
        "\(section).\(key) is \"\(tag)\", expected a text that is not empty and no part of the "
          + "other mode's tag, \"\(other)\"")
    }
  }
}
