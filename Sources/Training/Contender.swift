import Settings

/// One contender of a comparison.
public struct Contender: Sendable {
  /// The name in tables, and of its folder.
  public let name: String
  /// What it adds to the common settings.
  public let settings: [SettingDocument.Entry]

  /// A contender with settings as they are written on a command line.
  ///
  /// - Throws: `SettingError` for an override without `=`.
  public init(name: String, overrides: [String]) throws {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    self.init(name: name, settings: document.entries)
  }

  private init(name: String, settings: [SettingDocument.Entry]) {
    self.name = name
    self.settings = settings
  }

  /// The section of a configuration that lists contenders.
  public static let section = "contenders"

  /// Takes the contenders out of a document: `contenders.NAME.section.key` is the setting
  /// `section.key` of the contender NAME. They keep the order in which they are written.
  ///
  /// - Returns: the contenders, and the document without them.
  /// - Throws: `SettingError` for an entry that names no setting.
  public static func take(
    from document: SettingDocument
  ) throws -> (contenders: [Contender], rest: SettingDocument) {
    var rest = SettingDocument()
    var order: [String] = []
    var settings: [String: [SettingDocument.Entry]] = [:]
    for entry in document.entries {
      let parts = entry.path.split(separator: ".").map(String.init)
      guard parts.first == section else {
        rest.append(entry)
        continue
      }
      // A name may have dots, as kimi-k1.5 has.
      guard
        let start = parts.indices.dropFirst(2).first(where: {
          RunConfiguration.sectionNames.contains(parts[$0])
        }), start + 1 < parts.count
      else {
        throw SettingError(
          "\(entry.origin): \(entry.path) is no setting; expected "
            + "\(section).NAME.section.key, such as \(section).grpo.method.name")
      }
      let name = parts[1..<start].joined(separator: ".")
      if settings[name] == nil { order.append(name) }
      settings[name, default: []].append(
        .init(
          path: parts[start...].joined(separator: "."), value: entry.value, origin: entry.origin))
    }
    return (order.map { Contender(name: $0, settings: settings[$0] ?? []) }, rest)
  }
}
