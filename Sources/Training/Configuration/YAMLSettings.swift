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
    try append(root, path: "", name: name)
  }

  private mutating func append(_ node: Node, path: String, name: String) throws {
    let origin = "\(name):\(node.mark?.line ?? 1)"
    if case .mapping(let mapping) = node {
      var seen = Set<String>()
      for (key, value) in mapping {
        guard let part = key.string else {
          throw SettingError("\(origin): a key that is not text")
        }
        guard seen.insert(part).inserted else {
          throw SettingError("\(name):\(key.mark?.line ?? 1): the key \(part) stands twice")
        }
        try append(value, path: path.isEmpty ? part : "\(path).\(part)", name: name)
      }
      return
    }
    guard !path.isEmpty else {
      throw SettingError("\(origin): expected a mapping of sections, found \(text(of: node))")
    }
    append(Entry(path: path, value: try value(of: node, origin: origin), origin: origin))
  }

  private func value(of node: Node, origin: String) throws -> SettingValue {
    switch node {
    case .scalar(let scalar):
      scalar.style == .plain ? SettingValue(scalar: scalar.string) : .string(scalar.string)
    case .sequence(let sequence):
      .list(try sequence.map { try value(of: $0, origin: origin) })
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
