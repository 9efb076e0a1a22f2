import Foundation
import Settings
import Yams

extension SettingDocument {
  /// Reads a YAML file of nested mappings; `training: {seed: 1}` becomes `training.seed`.
  ///
  /// - Throws: `SettingError` naming file and line for what is not YAML, not a mapping, or a key that
  ///   stands twice.
  public init(yaml file: URL) throws {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw SettingError(
        "\(file.path): the configuration file cannot be read: \(error.localizedDescription)")
    }
    try self.init(yaml: text, name: file.lastPathComponent)
  }

  /// Reads YAML text; `name` stands for the file in messages.
  public init(yaml text: String, name: String) throws {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw SettingError("\(name): not YAML: \(error)")
    }
    self.init()
    guard let root else { return }
    var reading = YAMLReading(name: name)
    try append(root, path: "", &reading)
  }

  private mutating func append(_ node: Node, path: String, _ reading: inout YAMLReading) throws {
    let name = reading.name
    let origin = try reading.origin(of: node)
    if case .mapping(let mapping) = node {
      var seen = Set<String>()
      for (key, value) in mapping {
        guard let part = key.string else {
          throw SettingError("\(origin): a key that is not text")
        }
        guard seen.insert(part).inserted else {
          throw SettingError("\(name):\(key.mark?.line ?? 1): the key \(part) stands twice")
        }
        try append(value, path: path.isEmpty ? part : "\(path).\(part)", &reading)
      }
      return
    }
    guard !path.isEmpty else {
      throw SettingError("\(origin): expected a mapping of sections, found \(text(of: node))")
    }
    append(Entry(path: path, value: try value(of: node, &reading), origin: origin))
  }

  private func value(of node: Node, _ reading: inout YAMLReading) throws -> SettingValue {
    let origin = try reading.origin(of: node)
    switch node {
    case .scalar(let scalar):
      return scalar.style == .plain
        ? SettingValue(scalar: scalar.string) : .string(scalar.string)
    case .sequence(let sequence):
      return .list(try sequence.map { try value(of: $0, &reading) })
    case .mapping, .alias:
      throw SettingError("\(origin): a mapping or alias inside a list")
    }
  }

  private func text(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): "\"\(scalar.string)\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

/// A YAML file that is being read, and how much of it there was.
private struct YAMLReading {
  // A hundred times the settings that there are. Aliases of aliases can stand for more than memory holds.
  private static let mostValues = 20_000

  let name: String
  private var count = 0

  init(name: String) { self.name = name }

  /// Where a value stands.
  ///
  /// - Throws: `SettingError` for one value too many.
  mutating func origin(of node: Node) throws -> String {
    count += 1
    let origin = "\(name):\(node.mark?.line ?? 1)"
    guard count <= Self.mostValues else {
      throw SettingError(
        "\(origin): more than \(Self.mostValues) values, aliases included; expected fewer")
    }
    return origin
  }
}
