import Foundation
import Settings
import Testing

@testable import PolicyOptimization

/// One case of a golden file.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  let config: [String: JSONValue]
  let inputs: [String: JSONValue]
  let expected: [String: JSONValue]
  var method = ""

  private enum CodingKeys: CodingKey { case name, kind, config, inputs, expected }

  var testDescription: String { "\(method)/\(name)" }

  /// An input that must be there.
  func input(_ key: String) throws -> JSONValue {
    guard let value = inputs[key] else { throw GoldenError("\(testDescription) has no \(key)") }
    return value
  }

  /// The configuration as the user would write it, with keys that belong to other sections of a run.
  func document() throws -> SettingDocument {
    SettingDocument(
      try config.filter { $0.key != Self.nameKey }.map { key, value in
        .init(path: "method.\(key)", value: try value.setting(), origin: "\(method).json: \(name)")
      })
  }

  // Here every length baseline is a method of its own; the file names them by a setting.
  private static let nameKey = "length-reward"

  /// The name of the method in this project.
  var methodName: String {
    if case .string(let name) = config[Self.nameKey] { name } else { method }
  }

  /// The whole-number setting that another section of a run owns.
  func integer(_ key: String) throws -> Int? {
    guard let value = config[key], value != .null else { return nil }
    return Int(try value.number())
  }
}

extension JSONValue {
  fileprivate func setting() throws -> SettingValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let value): Int(exactly: value).map(SettingValue.int) ?? .double(value)
    case .string(let value): .string(value)
    case .array, .object: throw GoldenError("\(self) is not a setting")
    }
  }
}

/// The golden files: the project's own copies, or those in `LACONIC_GOLDEN`.
enum Golden {
  static let folder: URL = {
    if let folder = ProcessInfo.processInfo.environment["LACONIC_GOLDEN"], !folder.isEmpty {
      return URL(fileURLWithPath: folder)
    }
    return URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden")
  }()

  private struct File: Decodable {
    let schema_version: Int
    let method: String
    let cases: [GoldenCase]
  }

  /// The methods whose files are read here.
  static let methods = [
    "grpo", "ws-grpo", "e-grpo", "hipo", "dppo", "nthr", "depo", "disco", "drpo", "amir-grpo",
    "dagrpo", "length-baselines",
  ]

  /// Kinds that are tested where they are computed: texts in `Tasks`, the preference model's heads and
  /// loss in `PrefixPreference`, DEPO's head in `Training`.
  private static let kindsElsewhere = ["text", "score", "aux-loss"]

  /// All cases but those of `kindsElsewhere`, and of preference pairs, which the tests of `Tasks` read.
  static func cases() throws -> [GoldenCase] {
    try methods.flatMap { name in
      let url = folder.appending(path: "\(name).json")
      let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
      guard file.schema_version == 1, file.method == name else {
        throw GoldenError("\(url.path): expected schema 1 of \(name)")
      }
      return file.cases.map { golden in
        var golden = golden
        golden.method = name
        return golden
      }
    }.filter { golden in
      let isDifficulty = golden.method == "depo" && golden.inputs["parameters"] == nil
      return (isDifficulty || !kindsElsewhere.contains(golden.kind))
        && golden.inputs["outcomes"] == nil
    }
  }

  /// The cases with a loss of a policy.
  static func losses() throws -> [GoldenCase] { try cases().filter { $0.kind == "loss" } }

  /// Those whose rows contribute by themselves.
  static func separableLosses() throws -> [GoldenCase] {
    try losses().filter { try $0.resolvedMethod().loss.isSeparable }
  }
}
