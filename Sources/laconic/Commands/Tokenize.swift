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

    let newline = UInt8(ascii: "\n")
    var pending = Data()
    var number = 0
    while true {
      let chunk = FileHandle.standardInput.availableData
      pending.append(chunk)
      var output = Data()
      // What is answered before a faulty line is written all the same.
      defer { FileHandle.standardOutput.write(output) }
      var start = pending.startIndex
      while let end = pending[start...].firstIndex(of: newline) {
        number += 1
        output.append(try answer(pending[start..<end], line: number, tokenizer))
        start = end + 1
      }
      pending = Data(pending[start...])
      guard chunk.isEmpty else { continue }
      if !pending.isEmpty { output.append(try answer(pending, line: number + 1, tokenizer)) }
      return
    }
  }

  private struct Input: Decodable {
    var text: String?
    var ids: [Int]?
  }

  private struct Output: Encodable {
    var ids: [Int]
    var text: String
  }

  /// A line of input that cannot be used.
  private struct LineError: Error, CustomStringConvertible {
    var line: Int
    var problem: String
    var description: String { "standard input, line \(line): \(problem)" }
  }

  /// The output line, its end included, of an input line.
  private func answer(_ line: Data, line number: Int, _ tokenizer: Tokenizer) throws -> Data {
    let expected = "expected {\"text\": \"...\"} or {\"ids\": [0, 1, ...]}"
    let input: Input
    do {
      input = try JSONDecoder().decode(Input.self, from: Data(line))
    } catch let error as DecodingError {
      throw LineError(line: number, problem: "\(Self.reason(error)); \(expected)")
    }
    let ids: [Int]
    switch (input.text, input.ids) {
    case (let text?, nil): ids = tokenizer.encode(text, addSpecialTokens: !noSpecialTokens)
    case (nil, let given?):
      if let stranger = given.first(where: { tokenizer.token(of: $0) == nil }) {
        let range = "ids lie in 0..<\(tokenizer.vocabularySize)"
        throw LineError(line: number, problem: "the id \(stranger) has no token; \(range)")
      }
      ids = given
    case (nil, nil): throw LineError(line: number, problem: "neither text nor ids; \(expected)")
    case (.some, .some): throw LineError(line: number, problem: "both text and ids; \(expected)")
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
