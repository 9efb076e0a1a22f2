import Foundation
import JSON
import Tasks

/// A user's program that scores completions: JSON lines in, JSON lines out.
///
/// It runs from the first batch to the end of the training. Its standard input gets one object a
/// completion, group after group:
///
///     {"answer": GOLD, "columns": {...}, "completion": TEXT, "correct": BOOL, "extracted": TEXT,
///      "finish": "stop", "group": NUMBER, "problem": ID, "prompt": TEXT, "question": TEXT,
///      "reward": NUMBER, "row": NUMBER, "rows": NUMBER, "tokens": NUMBER}
///
/// where `columns` has the other columns of the problem's row, and `row` counts from 0 to `rows` - 1 in a
/// batch. Its standard output must have one object for each, in this order: `{"score": NUMBER}`, or
/// `{"score": null}` where it has nothing to say. A program that ends, hangs or writes something else
/// loses the values that it still owes for the batch and is started again.
public final class CommandReward: RewardFunction {
  /// Seconds for a batch: enough to load a scoring library in the first.
  public static let defaultTimeout = 60.0

  private let command: String
  private let timeout: Double
  private var program: LineProgram?

  /// - Parameters:
  ///   - command: what the shell is to run.
  ///   - timeout: seconds for all completions of a batch.
  public init(_ command: String, timeout: Double = CommandReward.defaultTimeout) {
    self.command = command
    self.timeout = timeout
  }

  /// Starts the program, so that it loads what it needs beside the first rollouts.
  ///
  /// - Throws: `TrainingError` when there is no shell to run it.
  public func prepare() throws {
    guard program == nil else { return }
    do {
      program = try LineProgram(command)
    } catch {
      throw TrainingError("the command \"\(command)\" cannot be started: \(error)")
    }
  }

  /// Ends the program.
  public func finish() {
    program?.stop()
    program = nil
  }

  /// The scores of a batch.
  ///
  /// - Throws: `TrainingError` when the program cannot be started.
  public func values(of completions: [RewardInput]) throws -> RewardValues {
    try prepare()
    guard let program else { return RewardValues([]) }
    let (answers, failure) = program.exchange(
      Self.lines(completions), count: completions.count, seconds: timeout)
    var result = RewardValues([])
    for answer in answers {
      do {
        result.values.append(try Self.score(answer, row: result.values.count + 1))
      } catch {
        return lost(result.values, of: completions.count, "\(error)")
      }
    }
    guard let failure else { return result }
    if case .superfluous = failure { result.values = [] }
    return lost(result.values, of: completions.count, described(failure, after: answers.count))
  }

  /// The values so far, none for the rest; the program, which is out of step, is started again for the
  /// next batch.
  private func lost(_ values: [Double?], of count: Int, _ complaint: String) -> RewardValues {
    program?.stop(patient: false)
    // Now, beside the training, rather than in the next batch's time; what hinders it is told then.
    program = try? LineProgram(command)
    let missing = count - values.count
    return RewardValues(
      values + Array(repeating: nil, count: missing), failed: missing,
      complaints: ["the command \"\(command)\": \(complaint); it is started again"])
  }

  private func described(_ failure: LineProgram.Failure, after count: Int) -> String {
    switch failure {
    case .timeout:
      "no further answer within \(timeout) s after \(count) scores; expected one line for each "
        + "completion as soon as it is scored, flushed (in Python: print(..., flush=True)), or a longer "
        + "timeout"
    case .ended(let status, let complaint):
      "it ended with \(status) after \(count) scores: "
        + (complaint.isEmpty ? "it wrote no error" : complaint)
    case .superfluous(let text):
      "it wrote \"\(text.trimmingCharacters(in: .whitespacesAndNewlines))\" without being asked, expected "
        + "one line for each completion and anything else on standard error"
    case .endless(let bytes):
      "it wrote \(bytes) bytes without a line feed, expected one line for each completion"
    }
  }

  private static func lines(_ completions: [RewardInput]) -> [UInt8] {
    var lines: [UInt8] = []
    for (row, input) in completions.enumerated() {
      lines += input.json(row: row, of: completions.count).serialized()
      lines.append(UInt8(ascii: "\n"))
    }
    return lines
  }

  private static func score(_ line: [UInt8], row: Int) throws -> Double? {
    let text = String(decoding: line, as: UTF8.self)
    guard let value = (try? JSONValue(parsing: text))?["score"],
      value == .null || value.double != nil
    else {
      throw TrainingError(
        "its line \(row) is \"\(text.prefix(80))\", expected {\"score\": NUMBER} or {\"score\": null}, and "
          + "anything else on standard error")
    }
    return value.double
  }
}

extension RewardInput {
  /// The completion as programs read it.
  fileprivate func json(row: Int, of rows: Int) -> JSONValue {
    let verdict = completion.verdict
    return [
      "answer": .string(problem.answer), "columns": .object(problem.metadata),
      "completion": .string(completion.text), "correct": .bool(verdict.correct),
      "extracted": verdict.extracted.map(JSONValue.string) ?? .null,
      "finish": .string(completion.trajectory.finish.rawValue), "group": .int(group),
      "problem": .string(problem.id), "prompt": .string(prompt),
      "question": .string(problem.prompt), "reward": .double(verdict.score), "row": .int(row),
      "rows": .int(rows), "tokens": .int(completion.trajectory.completionIDs.count),
    ]
  }
}
