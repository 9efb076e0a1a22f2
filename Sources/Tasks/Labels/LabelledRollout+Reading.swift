import Foundation
import JSON

extension LabelledRollout {
  /// Reads labelled rollouts in Laconic's own form (`completion`, `correct`, `question` or `prompt`, and
  /// optionally `problem_id` and the rest), or in the form of GSM8K's `example_model_solutions.jsonl`:
  /// a `question`, its `ground_truth`, and one object with `solution` and `is_correct` for each model.
  ///
  /// The file is JSON lines, a JSON array, CSV or TSV, perhaps compressed with gzip (`DataFile`). In a
  /// table every value is text: labels, numbers and lists of token ids are read from it, and nothing
  /// stands for a value that is missing.
  ///
  /// Rollouts without a `problem_id` belong together when their question is the same.
  ///
  /// - Throws: `DataError` for the first line that cannot be used, or no line.
  public static func read(from file: URL) throws(DataError) -> [LabelledRollout] {
    var reader = try DataFile.reader(of: file)
    var rollouts: [LabelledRollout] = []
    var counts: [String: Int] = [:]
    while let record = try reader.next() {
      if record.columns["ground_truth"] != nil, record.columns["completion"] == nil {
        rollouts += try exampleSolutions(of: record)
      } else {
        let rollout = try LabelledRollout(record, counts: &counts)
        rollouts.append(rollout)
      }
    }
    guard !rollouts.isEmpty else { throw DataError.noRows(in: file.relativePath) }
    return rollouts
  }

  private init(_ record: JSONRecord, counts: inout [String: Int]) throws(DataError) {
    let question = try record.string("question", "prompt")
    let id = record.columns["problem_id"] == nil ? question : try record.scalarText("problem_id")
    let sample = try record.optional("sample", \.int, expected: "a whole number")
    let place = counts[id, default: 0]
    counts[id] = place + 1
    let ids = try record.optional("completion_ids", \.ids, expected: "an array of whole numbers")
    let score = try record.optional("score", \.double, expected: "a number")
    try self.init(
      problemID: id, sample: sample ?? place, question: question,
      prompt: record.optional("prompt", \.string, expected: "a string") ?? question,
      completion: record.string("completion"), completionIDs: ids,
      correct: record.label("correct", "is_correct"), score: score,
      extracted: record.optional("extracted", \.string, expected: "a string"),
      gold: record.optional("gold", \.string, expected: "a string"),
      truncated: record.optional("truncated", \.bool, expected: "a truth value"))
  }

  /// The solutions of one line of GSM8K's `example_model_solutions.jsonl`, in the order of the models'
  /// names.
  private static func exampleSolutions(
    of record: JSONRecord
  ) throws(DataError) -> [LabelledRollout] {
    let question = try record.string("question")
    let gold = try record.string("ground_truth").suffix(afterLast: "A:")?.trimmingWhitespace()
    let models = record.columns.keys.sorted().filter { record.columns[$0]?.object != nil }
    guard !models.isEmpty else {
      throw DataError(
        .missingColumn, file: record.file, line: record.line,
        found: "no solution beside \"question\" and \"ground_truth\"",
        expected: "objects with \"solution\" and \"is_correct\"")
    }
    var rollouts: [LabelledRollout] = []
    for (sample, model) in models.enumerated() {
      let solution = JSONRecord(
        file: record.file, line: record.line,
        columns: record.columns[model]?.object?.dictionary ?? [:])
      rollouts.append(
        LabelledRollout(
          problemID: question, sample: sample, question: question, prompt: question,
          completion: try solution.string("solution"), correct: try solution.label("is_correct"),
          gold: gold))
    }
    return rollouts
  }
}

extension JSONRecord {
  /// A column that may be missing or null, but not of another type.
  fileprivate func optional<Value>(
    _ name: String, _ value: (JSONValue) -> Value?, expected: String
  ) throws(DataError) -> Value? {
    guard let column = columns[name], column != .null else { return nil }
    if let value = value(column) { return value }
    guard let text = column.string else { throw wrongType(name, expected: expected) }
    if text.isEmpty { return nil }
    guard let value = JSONValue(inTable: text).flatMap(value) else {
      throw wrongType(name, expected: expected)
    }
    return value
  }

  /// A truth value, also written as 0 or 1.
  fileprivate func label(_ names: String...) throws(DataError) -> Bool {
    let name = try column(names)
    let column = columns[name]
    switch column?.string.flatMap(JSONValue.init(inTable:)) ?? column {
    case .bool(let value)?: return value
    case .number(let number)? where number.int == 0 || number.int == 1: return number.int == 1
    default: throw wrongType(name, expected: "true or false")
    }
  }
}

extension JSONValue {
  /// The value that a field of a table stands for: JSON, or Python's `True` and `False`.
  fileprivate init?(inTable text: String) {
    let text = text.trimmingWhitespace()
    guard let value = try? JSONValue(parsing: ["True": "true", "False": "false"][text] ?? text)
    else { return nil }
    self = value
  }

  fileprivate var ids: [Int]? {
    guard let elements = array else { return nil }
    let ids = elements.compactMap(\.int)
    return ids.count == elements.count ? ids : nil
  }
}
