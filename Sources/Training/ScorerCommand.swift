import Foundation
import Tasks

/// A user's program that scores the completions of a step: JSON Lines in, JSON Lines out.
///
/// Its standard input has one object a completion, group after group:
///
///     {"completion": TEXT, "correct": BOOL, "group": NUMBER, "problem": ID, "question": TEXT, "reward": NUMBER}
///
/// and its standard output must have one object for each, in this order: `{"score": S}` with S in [0, 1],
/// or null where it has nothing to say.
struct ScorerCommand {
  /// What the shell is to run.
  let command: String

  private struct Input: Encodable {
    let group: Int
    let problem: String
    let question: String
    let completion: String
    let correct: Bool
    let reward: Double
  }

  // Enough of what a program complained about to see why.
  private static let shownErrorBytes = 2000

  /// The scores of all completions, row by row.
  ///
  /// - Throws: `TrainingError` when the program fails, `DataError` naming the line for an answer that
  ///   cannot be used, and errors of temporary files.
  func scores(_ groups: [RolloutGroup]) throws -> [Double?] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "laconic-scorer-\(UUID().uuidString)")
    try AtomicFile.createFolder(folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appending(path: "completions.jsonl")
    let output = folder.appending(path: "scores.jsonl")
    try lines(groups).write(to: input)
    try run(from: input, to: output, errors: folder.appending(path: "errors.txt"))
    do {
      return try read(output, count: groups.flatMap(\.completions).count)
    } catch let error as DataError {
      // The file is gone when the message is read.
      throw DataError(
        error.reason, file: "output of method.scorer-command", line: error.line,
        found: error.found, expected: error.expected)
    }
  }

  private func lines(_ groups: [RolloutGroup]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var data = Data()
    for (index, group) in groups.enumerated() {
      for completion in group.completions {
        data += try encoder.encode(
          Input(
            group: index, problem: group.problem.id, question: group.problem.prompt,
            completion: completion.text, correct: completion.verdict.correct,
            reward: completion.verdict.score))
        data.append(UInt8(ascii: "\n"))
      }
    }
    return data
  }

  /// Files rather than pipes: whoever writes first cannot wait for the other.
  private func run(from input: URL, to output: URL, errors: URL) throws {
    for file in [output, errors] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let complaint = String(
        decoding: try Data(contentsOf: errors).suffix(Self.shownErrorBytes), as: UTF8.self)
      throw TrainingError(
        "method.scorer-command \"\(command)\" ended with status \(process.terminationStatus): "
          + (complaint.isEmpty ? "it wrote no error" : complaint))
    }
  }

  private func read(_ file: URL, count: Int) throws -> [Double?] {
    var reader = try JSONLinesReader(file: file)
    var scores: [Double?] = []
    while let record = try reader.next() {
      let value = try record.value("score")
      let score = value.double
      guard value == .null || score.map((0...1).contains) == true else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found: "the score \(value)", expected: "a number in [0, 1], or null")
      }
      scores.append(score)
    }
    guard scores.count == count else {
      throw TrainingError(
        "method.scorer-command \"\(command)\" wrote \(scores.count) scores, expected \(count): one "
          + "line for each completion")
    }
    return scores
  }
}
