import Settings

/// What can be set in NTHR, section `method`: its own keys and GRPO's.
public struct NTHRSettings: SettingGroup, Equatable {
  /// beta: the threshold as a multiple of the smallest anchor; 0 for the distilled 1.5B model.
  public var anchorBeta = 1.0
  /// Whether a right row's anchor counts its own part of the likelihood's gradient.
  public var anchorIncludesSelf = true
  /// How much of the penalty is left on selected tokens.
  public var etaMode = EtaMode.twoAbsHalfMinusP
  /// eta of the mode constant.
  public var etaValue: Double?
  /// Whether all tokens of wrong rows are selected.
  public var selectsAll = false
  /// GRPO's settings.
  public var grpo: GRPOSettings = {
    var settings = GRPOSettings()
    settings.aggregation = .tokenMean
    settings.klCoefficient = 1e-4
    settings.dynamicSampling = true
    return settings
  }()

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<NTHRSettings>] =
    [
      SettingKey("anchor-beta", \.anchorBeta, "threshold, in smallest anchors of right rows"),
      SettingKey(
        "anchor-include-self", \.anchorIncludesSelf, "whether a right row is its own anchor too"),
      SettingKey("eta-mode", \.etaMode, "what is left of the penalty on selected tokens"),
      SettingKey("eta-value", \.etaValue, in: 0...1, "eta of the mode constant"),
      SettingKey("select-all", \.selectsAll, "select all tokens of wrong rows"),
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
    if (etaMode == .constant) != (etaValue != nil) {
      let section = Methods.section
      throw SettingError(
        "\(section).eta-value is \(etaValue.setting) with \(section).eta-mode \(etaMode.rawValue), "
          + "expected a number with eta-mode constant and null otherwise")
    }
  }
}

/// eta, what is left of the penalty on selected tokens, by p, the group's share of right answers.
public enum EtaMode: String, SettingChoice {
  /// 2 |1/2 - p|.
  case twoAbsHalfMinusP = "two-abs-half-minus-p"
  /// p.
  case p
  /// 1 - p.
  case oneMinusP = "one-minus-p"
  /// `eta-value`.
  case constant
}
