import ArgumentParser
import Foundation
import Tokenizers

/// `laconic tokenize`: JSON lines in, JSON lines out.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn texts into token ids and back.",
    discussion: """
      Reads JSON lines from standard input, {"text": ...} or {"ids": [...]}, and writes for each
      {"ids": [...], "text": ...}: the ids, and their text without special tokens.
      """)

  @Option(
    name: .long, help: "A tokenizer.json, or a model folder that has one.",
    completion: .file())
  var tokenizer: String

  @Flag(
    name: .customLong("no-special-tokens"),
    help: "Leave out the tokens that the tokenizer's post-processor adds to a text.")
  var noSpecialTokens = false

  func run() throws {
    let path = URL(fileURLWithPath: tokenizer)
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder)
    let tokenizer = try isFolder.boolValue ? Tokenizer(folder: path) : Tokenizer(file: path)
    try InputLines.answerEach { try answer($0, line: $1, tokenizer) }
  }

  private struct Input: Decodable {
    var text: String?
    var ids: [Int]?
  }

  private struct Output: Encodable {
    var ids: [Int]
    var text: String
  }

  /// The output line, its end included, of an input line.
  private func answer(_ line: Data, line number: Int, _ tokenizer: Tokenizer) throws -> Data {
    let expected = "expected {\"text\": \"...\"} or {\"ids\": [0, 1, ...]}"
    let input: Input
    do {
      input = try JSONDecoder().decode(Input.self, from: Data(line))
    } catch let error as DecodingError {
      throw InputLineError(line: number, problem: "\(Self.reason(error)); \(expected)")
    }
    let ids: [Int]
    switch (input.text, input.ids) {
    case (let text?, nil): ids = tokenizer.encode(text, addSpecialTokens: !noSpecialTokens)
    case (nil, let given?):
      if let stranger = given.first(where: { tokenizer.token(of: $0) == nil }) {
        let range = "ids lie in 0..<\(tokenizer.vocabularySize)"
        throw InputLineError(line: number, problem: "the id \(stranger) has no token; \(range)")
      }
      ids = given
    case (nil, nil):
      throw InputLineError(line: number, problem: "neither text nor ids; \(expected)")
    case (.some, .some):
      throw InputLineError(line: number, problem: "both text and ids; \(expected)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var output = try encoder.encode(Output(ids: ids, text: tokenizer.decode(ids)))
    output.append(UInt8(ascii: "\n"))
    return output
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return path.isEmpty
        ? "not a JSON object" : "\(path.joined()): \(context.debugDescription)"
    case .dataCorrupted: return "not valid JSON"
    @unknown default: return "not valid JSON"
    }
  }
}
