import Foundation
import JSON
import Tasks

/// The golden cases of a folder: the project's own `Tests/Golden`, or `LACONIC_GOLDEN`.
enum GoldenCases {
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["LACONIC_GOLDEN"] {
      return URL(fileURLWithPath: path, isDirectory: true).resolvingSymlinksInPath()
    }
    return projectRoot.appendingPathComponent("Tests/Golden", isDirectory: true)
      .resolvingSymlinksInPath()
  }()

  static let projectRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every case whose name begins with `prefix`, in all files of the folder.
  static func named(_ prefix: String) throws -> [JSONValue] {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return
      try files
      .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
      .flatMap { try JSONValue(parsing: Data(contentsOf: $0))["cases"]?.array ?? [] }
      .filter { $0["name"]?.string?.hasPrefix(prefix) == true }
  }
}

/// The folder of real data, where there is one: `LACONIC_DATA`, or `../shared/data` from the project.
enum RealData {
  static let folder: URL? = {
    let path =
      ProcessInfo.processInfo.environment["LACONIC_DATA"]
      ?? GoldenCases.projectRoot.appendingPathComponent("../shared/data").path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? URL(fileURLWithPath: path, isDirectory: true) : nil
  }()

  static let missing = "no real data: set LACONIC_DATA"
}

/// Runs `body` with a file that holds `bytes`.
func withFile<Result>(
  _ bytes: some Collection<UInt8>, named name: String = "data.jsonl", _ body: (URL) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("laconic-\(UUID().uuidString)", isDirectory: true)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appendingPathComponent(name)
  try Data(bytes).write(to: file)
  return try body(file)
}

/// Runs `body` with a file that holds `text`.
func withFile<Result>(_ text: String, _ body: (URL) throws -> Result) throws -> Result {
  try withFile(Array(text.utf8), body)
}
