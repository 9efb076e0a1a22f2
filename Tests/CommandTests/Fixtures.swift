import Foundation
import Models
import Tasks
import Testing

/// A folder of its own that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "laconic-command-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// What the tests give the command: a model of random weights, problems, and labelled solutions.
struct Materials {
  let folder: URL

  /// Writes `base/`, `problems.jsonl` and `solutions.jsonl` into `folder`.
  init(in folder: URL) throws {
    self.folder = folder
    try writeModel("base", seed: 4)
    let task = EmbeddedTask()
    let problems = task.problems(count: 12, split: .train, seed: 1)
    try write(
      problems.map { ["question": $0.prompt, "answer": $0.answer, "id": $0.id] }, "problems.jsonl")
    try write(
      problems.flatMap { problem in
        let right = try task.shortestSolution(for: problem)
        let wrong = right.replacingOccurrences(of: problem.answer, with: "0") + " So far 0."
        return [(right, true), (wrong, false)].map { text, correct in
          ["question": problem.prompt, "completion": text, "correct": correct]
        }
      }, "solutions.jsonl")
  }

  /// Writes a model folder of random weights.
  func writeModel(_ name: String, seed: UInt64) throws {
    let model = folder.appending(path: name)
    let configuration = try ModelConfiguration(
      family: .qwen3, vocabularySize: EmbeddedTask.vocabulary.count, hiddenSize: 16,
      intermediateSize: 32, layerCount: 2, headCount: 2, tiesEmbeddings: true,
      maximumPositions: 256, initializerRange: 0.1, bosTokenID: 1, eosTokenIDs: [2], padTokenID: 0)
    try CausalLanguageModel(configuration: configuration, seed: seed).save(to: model)
    try Data(EmbeddedTask.tokenizerJSON.utf8).write(to: model.appending(path: "tokenizer.json"))
    try Data(EmbeddedTask.tokenizerConfigJSON.utf8)
      .write(to: model.appending(path: "tokenizer_config.json"))
  }

  private func write(_ rows: [[String: Any]], _ name: String) throws {
    var data = Data()
    for row in rows {
      data += try JSONSerialization.data(withJSONObject: row, options: .sortedKeys)
      data += Data("\n".utf8)
    }
    try data.write(to: folder.appending(path: name))
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: path).path)
  }

  func lines(_ path: String) throws -> [String] {
    String(decoding: try Data(contentsOf: folder.appending(path: path)), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  /// Runs the command here, with the small model and problems and settings that keep it short.
  func run(_ arguments: [String], _ more: [String] = []) throws -> Program.Result {
    try Program.run(arguments + small + more, in: folder)
  }

  func start(_ arguments: [String], _ more: [String] = []) throws -> Program.Started {
    try Program.start(arguments + small + more, in: folder)
  }

  private let small = [
    "--model", "base", "--data", "problems.jsonl", "run.device=cpu", "run.threads=1",
    "rollouts.max-completion=6", "training.prompts-per-step=2", "training.group-size=2",
    "training.steps=1", "evaluation.problems=3", "evaluation.samples=2",
  ]
}

/// That the command refused: not with 0, with a message that says `named`, and as an error of its
/// user rather than its own.
func expectRefusal(
  _ result: Program.Result, _ named: [String], location: SourceLocation = #_sourceLocation
) {
  #expect((1...127).contains(result.status), "\(result.status)", sourceLocation: location)
  for text in named {
    #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: location)
  }
  for sign in ["Fatal error", "Stack dump", "Backtrace", "Thread 0", "Optional("] {
    #expect(!result.errors.contains(sign), "\(result.errors)", sourceLocation: location)
  }
}

/// A JSON object from the command's output.
func object(_ text: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}
