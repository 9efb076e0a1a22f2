import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

/// The files that `Scripts/golden/tokenizer_families.py` makes.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Fixtures")

  static let families = [
    "gpt2", "roberta", "qwen", "llama3", "llama2", "llama2-metaspace", "characters", "word-level",
    "word-piece", "metaspace", "gpt-oss", "modernbert", "deepseek-v3", "deepseek-coder", "falcon",
    "bloom", "clip", "gemma", "t5", "t5-converted", "albert", "xlm-roberta", "unigram-bytes",
  ]

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
  }

  static func texts() throws -> [String] {
    try JSONDecoder().decode([String].self, from: data("texts"))
  }

  /// A family's `tokenizer.json`.
  static func tokenizerJSON(_ name: String) throws -> Data {
    let file = try JSONSerialization.jsonObject(with: data(name))
    let fields = try #require(file as? [String: Any])
    return try JSONSerialization.data(withJSONObject: try #require(fields["tokenizer"]))
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(json: tokenizerJSON(name), name: "\(name).json")
  }
}

/// What a fixture expects.
struct GoldenFamily: Decodable {
  struct Case: Decodable {
    var ids: [Int]
    var plain: [Int]?
    var decoded: String
    var skipped: String?
  }

  struct Decoding: Decodable {
    var ids: [Int]
    var decoded: String
  }

  var cases: [Case]
  var decoding: [Decoding]
}

/// Real tokenizers and expected ids, which are not part of the project.
enum RealData {
  /// `LACONIC_DATA`, or `../shared/data` from the project's root.
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment["LACONIC_DATA"]
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      environment.map { URL(fileURLWithPath: $0) }
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/data")
    let marker = folder.appendingPathComponent("tokenizer_vectors")
    return FileManager.default.fileExists(atPath: marker.path) ? folder : nil
  }()

  static func url(_ path: String) throws -> URL {
    try #require(folder).appendingPathComponent(path)
  }
}

extension SplitMix64 {
  /// Any text: ASCII, white space, marks, ideographs, emoji, unassigned code points.
  mutating func text(maximumLength: Int) -> String {
    var view = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...maximumLength, using: &self) { view.append(scalar()) }
    return String(view)
  }

  private mutating func scalar() -> Unicode.Scalar {
    let spaces: [Unicode.Scalar] = [
      " ", " ", "\n", "\r", "\t", "\u{A0}", "\u{85}", "\u{3000}", "\u{200D}", "'", "\0",
    ]
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0x80...0x24F, 0x300...0x36F, 0x1100...0x11FF, 0xAC00...0xD7A3,
      0x4E00...0x9FFF, 0x1F300...0x1FAFF, 0xE000...0x10FFFF,
    ]
    let choice = Int.random(in: 0..<ranges.count + 2, using: &self)
    guard choice < ranges.count else { return spaces.randomElement(using: &self) ?? " " }
    return Unicode.Scalar(UInt32.random(in: ranges[choice], using: &self)) ?? " "
  }
}
