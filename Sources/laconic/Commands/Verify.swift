import ArgumentParser
import Foundation
import JSON
import Tasks
import Verification

/// `laconic verify`: JSON lines in, JSON lines out.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether answers are right.",
    discussion: """
      Reads JSON lines from standard input, {"gold": ..., "answer": ..., "task": ...}, and writes for
      each {"correct": true|false, "extracted": ..., "gold": ..., "reason": ...}. The answer is a model's
      whole text or an answer alone. Without a task, answers are compared as mathematics.
      """)

  @Option(name: .long, help: "The task of lines that name none (see laconic tasks).")
  var task: String?

  @Option(
    name: .customLong("decimal-places"),
    help: "Without a task: places to which a number with a decimal point is compared.")
  var decimalPlaces = VerifierOptions().decimalPlaces

  @Flag(
    name: .customLong("strict-sets"),
    help: "Without a task: refuse an inequality where the gold answer is a set.")
  var strictSets = false

  func validate() throws {
    guard (0...50).contains(decimalPlaces) else {
      throw ValidationError(
        "--decimal-places is \(decimalPlaces), expected 0 to 50; the nearest is "
          + "\(decimalPlaces < 0 ? 0 : 50)")
    }
  }

  func run() throws {
    var verifier = Verifier()
    verifier.options.decimalPlaces = decimalPlaces
    verifier.options.acceptsRelationsForSets = !strictSets
    let standard = try task.map { try TaskRegistry.task(named: $0) }
    try InputLines.answerEach { line, number in
      try verdict(line, line: number, verifier, standard)
    }
  }

  /// The output line, its end included, of an input line; nothing for a blank one.
  private func verdict(
    _ line: Data, line number: Int, _ verifier: Verifier, _ standard: (any ReasoningTask)?
  ) throws -> Data {
    guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return Data() }
    let place = "standard input"
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Data(line))
    } catch {
      throw DataError(
        .malformedJSON, file: place, line: number,
        found: "\(error.found) in column \(error.column)", expected: error.expected)
    }
    guard case .object(let columns) = value else {
      throw DataError(
        .notAnObject, file: place, line: number, found: value.kind,
        expected: "{\"gold\": \"...\", \"answer\": \"...\"}")
    }
    let record = JSONRecord(file: place, line: number, columns: columns.dictionary)
    let gold = try record.scalarText("gold")
    let answer = try record.scalarText("answer")
    var task = standard
    if let name = columns["task"], name != .null {
      guard case .string(let name) = name else {
        throw DataError(
          .wrongType, file: place, line: number, found: "\(name.kind) in column \"task\"",
          expected: "the name of a task")
      }
      do {
        task = try TaskRegistry.task(named: name)
      } catch let error as UnknownTaskError {
        throw DataError(
          .invalidValue, file: place, line: number, found: "the unknown task \"\(name)\"",
          expected: "one of \(error.known.joined(separator: ", "))")
      }
    }
    let verdict: Verdict
    if let task {
      var rest = columns
      for used in ["gold", "answer", "task", "question"] { rest[used] = nil }
      verdict = task.verify(
        completion: answer,
        problem: Problem(
          id: "\(number)", prompt: columns["question"]?.string ?? "", answer: gold,
          metadata: rest.dictionary))
    } else {
      verdict = Verdict(verifier.verify(gold: gold, answer: answer), gold: gold)
    }
    let output: JSONValue = [
      "correct": .bool(verdict.correct),
      "extracted": verdict.extracted.map(JSONValue.string) ?? .null,
      "gold": .string(verdict.gold), "reason": .string(verdict.reason),
    ]
    return Data(output.serialized() + [UInt8(ascii: "\n")])
  }
}
