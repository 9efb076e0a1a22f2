import Foundation

/// Files beside the tests, and the folder of real data where there is one.
enum Cases {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .resolvingSymlinksInPath()

  /// A pair with the verdict it is to have.
  struct Pair: Decodable {
    let gold: String
    let answer: String
    let correct: Bool
    let mathVerify: Bool
    let reason: String?

    enum CodingKeys: String, CodingKey {
      case gold, answer, correct, reason
      case mathVerify = "math_verify"
    }
  }

  static func pairs() throws -> [Pair] {
    let text = try String(
      contentsOf: folder.appendingPathComponent("Golden/pairs.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Pair.self, from: Data($0.utf8))
    }
  }

  /// `LACONIC_DATA`, or `../shared/data` from the project's root.
  static let data: URL? = {
    let root = folder.deletingLastPathComponent().deletingLastPathComponent()
    let path =
      ProcessInfo.processInfo.environment["LACONIC_DATA"]
      ?? root.appendingPathComponent("../shared/data").standardizedFileURL.path
    let exists = FileManager.default.fileExists(atPath: path + "/oracles/math_verify_cases.json")
    return exists ? URL(fileURLWithPath: path, isDirectory: true) : nil
  }()

  static let missing = "no real data: set LACONIC_DATA to the folder that holds oracles/"

  static func oracle<Case: Decodable>(_ name: String, of type: Case.Type) throws -> [Case] {
    guard let data else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: data.appendingPathComponent("oracles/\(name)")))
  }
}
