/// Settings as they were written, with where each was written: files first, then the command line,
/// later ones winning.
public struct SettingDocument: Sendable {
  /// One setting as it was written.
  public struct Entry: Sendable, Equatable {
    /// The full name, as `training.learning-rate`.
    public let path: String
    /// What was written.
    public let value: SettingValue
    /// Where: `run.yaml:12`, `command line`.
    public let origin: String

    /// A setting from `origin`.
    public init(path: String, value: SettingValue, origin: String) {
      self.path = path
      self.value = value
      self.origin = origin
    }
  }

  /// All entries in the order they were written.
  public private(set) var entries: [Entry] = []

  /// An empty document.
  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// Adds an entry that wins over earlier ones of its name.
  public mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Adds `path=value` as given on the command line.
  ///
  /// - Throws: `SettingError` when there is no `=`.
  public mutating func append(override text: String) throws {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw SettingError("command line: \"\(text)\" is not of the form section.key=value")
    }
    let path = String(text[..<equals])
    append(
      Entry(
        path: path, value: Self.inlineValue(String(text[text.index(after: equals)...])),
        origin: "command line"))
  }

  /// The entry that counts for `path`.
  public func entry(_ path: String) -> Entry? { entries.last { $0.path == path } }

  private static func inlineValue(_ text: String) -> SettingValue {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return SettingValue(scalar: text) }
    let items = text.dropFirst().dropLast().split(separator: ",").map { item in
      SettingValue(scalar: item.trimmingPrefix(while: \.isWhitespace).trimmingSuffixWhitespace())
    }
    return .list(items)
  }
}

extension Substring {
  fileprivate func trimmingSuffixWhitespace() -> String {
    var rest = self
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

/// A setting that cannot be used: where it was written, what was found, what was expected.
public struct SettingError: Error, CustomStringConvertible, Equatable {
  /// The whole message.
  public let description: String

  /// An error with a message.
  public init(_ description: String) { self.description = description }
}

extension SettingGroup {
  /// Takes the entries of `document` whose path is `section.KEY` for a key of this group.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public mutating func take(_ document: SettingDocument, section: String) throws {
    for entry in document.entries where entry.path.hasPrefix(section + ".") {
      let name = entry.path.dropFirst(section.count + 1)
      guard let key = Self.keys.first(where: { $0.name == name }) else { continue }
      guard key.set(entry.value, in: &self) else {
        throw SettingError(
          "\(entry.origin): \(entry.path) is \(entry.value), expected \(key.expected)")
      }
    }
  }

  /// The full names of all keys in `section`.
  public static func paths(section: String) -> [String] { keys.map { "\(section).\($0.name)" } }
}

extension SettingDocument {
  /// Refuses entries that nobody takes.
  ///
  /// - Throws: `SettingError` that names the nearest known path.
  public func requireKnown(_ known: [String]) throws {
    let names = Set(known)
    for entry in entries where !names.contains(entry.path) {
      let hint = nearestName(to: entry.path, in: known).map { "; the nearest key is \($0)" } ?? ""
      throw SettingError("\(entry.origin): unknown key \(entry.path)\(hint)")
    }
  }
}
