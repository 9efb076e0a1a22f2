import Foundation

/// The figures of one step under TRL's names. Only what a seed fixes: times are recorded apart, so
/// that two equal runs have equal metrics.
public struct Metrics: Sendable, Equatable {
  /// The step, from 1.
  public let step: Int
  /// The figures by name.
  public private(set) var values: [String: Double]

  /// Figures of a step.
  public init(step: Int, values: [String: Double] = [:]) {
    self.step = step
    self.values = values
  }

  /// One figure; nil when it was not measured.
  public subscript(name: String) -> Double? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// Adds figures, replacing those of the same names.
  public mutating func merge(_ other: [String: Double]) {
    values.merge(other) { $1 }
  }

  /// One JSON object: the step, then names in alphabetical order; what is not finite is null.
  public var json: String {
    let fields = values.sorted { $0.key < $1.key }.map { name, value in
      "\(quoted(name)):\(value.isFinite ? "\(value)" : "null")"
    }
    return "{" + (["\"step\":\(step)"] + fields).joined(separator: ",") + "}"
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Reads what `json` writes.
  ///
  /// - Throws: `FileError` naming file and line for anything else.
  public init(json line: String, name: String, line number: Int) throws {
    guard
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let step = object["step"] as? Int
    else { throw FileError("\(name):\(number): expected a JSON object with a step") }
    var values: [String: Double] = [:]
    for (key, value) in object where key != "step" {
      if let number = value as? Double { values[key] = number }
    }
    self.init(step: step, values: values)
  }

  /// All records of a `metrics.jsonl`; a last line that a kill cut short is left out.
  ///
  /// - Throws: `FileError`.
  public static func read(_ url: URL) throws -> [Metrics] {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError("\(url.path): the records cannot be read")
    }
    let text = String(decoding: data, as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // What follows the last newline is either nothing or a line that was never finished.
    lines.removeLast()
    return try lines.enumerated().map {
      try Metrics(json: $1, name: url.lastPathComponent, line: $0 + 1)
    }
  }
}
