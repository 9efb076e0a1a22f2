import Settings

/// The methods that can be trained with.
public enum Methods {
  /// The section of a configuration that names and sets a method.
  public static let section = "method"

  /// Every method, in the order in which they are listed.
  public static let all: [MethodEntry] = [
    .grpo(GRPO.publication, preset: nil),
    .grpo(GRPO.drGRPOPublication, preset: .drGRPO),
    .grpo(GRPO.dapoPublication, preset: .dapo),
    .grpo(GRPO.gspoPublication, preset: .gspo),
    MethodEntry(WSGRPO.publication, defaults: WSGRPOSettings()) { document in
      try WSGRPO.method(WSGRPOSettings(document))
    },
    MethodEntry(DisCO.publication, defaults: DisCOSettings()) { document in
      try DisCO.method(DisCOSettings(document))
    },
    MethodEntry(DRPO.publication, defaults: DRPOSettings()) { document in
      try DRPO.method(DRPOSettings(document))
    },
    MethodEntry(AMIRGRPO.publication, defaults: AMIRGRPOSettings()) { document in
      AMIRGRPO.method(try AMIRGRPOSettings(document))
    },
    MethodEntry(DaGRPO.publication, defaults: DaGRPOSettings()) { document in
      try DaGRPO.method(DaGRPOSettings(document))
    },
    .length(KimiLength.self),
    .length(L1Exact.self),
    .length(L1Max.self),
    .length(AroraZanette.self),
    .length(ShorterBetter.self),
    .length(GRPOLEAD.self),
    .length(LASER.self),
    MethodEntry(EGRPO.publication, defaults: EGRPOSettings()) { document in
      EGRPO.method(try EGRPOSettings(document))
    },
    MethodEntry(HiPO.publication, defaults: HiPOSettings()) { document in
      try HiPO.method(HiPOSettings(document))
    },
    MethodEntry(DynamicPruning.publication, defaults: DynamicPruningSettings()) { document in
      try DynamicPruning.method(DynamicPruningSettings(document))
    },
    MethodEntry(NTHR.publication, defaults: NTHRSettings()) { document in
      try NTHR.method(NTHRSettings(document))
    },
    MethodEntry(DEPO.publication, defaults: DEPOSettings()) { document in
      try DEPO.method(DEPOSettings(document))
    },
  ]

  /// The entry of a name or alias.
  ///
  /// - Throws: `SettingError` that names the nearest method.
  public static func entry(_ name: String) throws -> MethodEntry {
    if let entry = all.first(where: {
      ([$0.publication.name] + $0.publication.aliases).contains(name)
    }) {
      return entry
    }
    let nearest = nearestName(to: name, in: all.map(\.publication.name))
    throw SettingError(
      "unknown method \(name)" + (nearest.map { "; the nearest is \($0)" } ?? ""))
  }

  /// The method of a name or alias, with the settings of the document's section `method`.
  ///
  /// - Throws: `SettingError` for an unknown name, a value that does not fit its key, or settings that
  ///   contradict each other. Unknown keys are refused by `SettingDocument.requireKnown` with the
  ///   entry's `settingPaths`.
  public static func named(_ name: String, settings document: SettingDocument) throws -> Method {
    try entry(name).make(document)
  }
}

/// A method that can be chosen by name.
public struct MethodEntry: Sendable {
  /// What is published about it.
  public let publication: MethodPublication
  /// What can be set, as `method.clip-low`.
  public let settingPaths: [String]
  /// What each key means, in the order of `settingPaths`.
  public let help: [(key: String, help: String, expected: String, standard: SettingValue)]
  /// The method with the settings of a document.
  public let make: @Sendable (SettingDocument) throws -> Method

  /// An entry whose keys are those of `defaults`.
  init<Group: SettingGroup>(
    _ publication: MethodPublication, defaults: Group,
    make: @escaping @Sendable (SettingDocument) throws -> Method
  ) {
    self.publication = publication
    settingPaths = ["\(Methods.section).name"] + Group.paths(section: Methods.section)
    help = Group.keys.map { ($0.name, $0.help, $0.expected, $0.value(in: defaults)) }
    self.make = make
  }

  /// GRPO under one of its names, starting from a preset.
  static func grpo(_ publication: MethodPublication, preset: GRPOPreset?) -> MethodEntry {
    let defaults = preset.map(GRPOSettings.init(preset:)) ?? GRPOSettings()
    return MethodEntry(publication, defaults: defaults) { document in
      var chosen = defaults
      try chosen.take(document, section: Methods.section)
      if let preset, chosen.preset != preset {
        throw SettingError(
          "\(Methods.section).preset is \(chosen.preset.setting), but the method "
            + "\(publication.name) is the preset \(preset.rawValue) of grpo")
      }
      var settings = chosen.preset.map(GRPOSettings.init(preset:)) ?? GRPOSettings()
      try settings.take(document, section: Methods.section)
      return GRPO.method(settings, publication: publication)
    }
  }
}
