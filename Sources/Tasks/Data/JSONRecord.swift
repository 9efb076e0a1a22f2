import JSON
import Settings

/// One row of a JSON Lines file, with where it stands.
public struct JSONRecord: Sendable, Equatable {
  /// The file as it was named.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The row's columns.
  public let columns: [String: JSONValue]

  /// A row of `file`.
  public init(file: String, line: Int, columns: [String: JSONValue]) {
    self.file = file
    self.line = line
    self.columns = columns
  }

  /// The value of the first of `names` that the row has.
  ///
  /// - Throws: `DataError` that names the nearest column when none is there.
  public func value(_ names: String...) throws(DataError) -> JSONValue { try value(names) }

  func value(_ names: [String]) throws(DataError) -> JSONValue {
    try columns[column(names)] ?? .null
  }

  /// The first of `names` that the row has as a column.
  func column(_ names: [String]) throws(DataError) -> String {
    if let name = names.first(where: { columns[$0] != nil }) { return name }
    let present = columns.keys.sorted()
    let wanted = names.map { "\"\($0)\"" }.joined(separator: " or ")
    let hint = names.first.flatMap { nearestName(to: $0, in: present) }
    throw DataError(
      .missingColumn, file: file, line: line,
      found: present.isEmpty
        ? "no columns" : "columns \(present.map { "\"\($0)\"" }.joined(separator: ", "))",
      expected: "a column \(wanted)\(hint.map { "; the nearest is \"\($0)\"" } ?? "")")
  }

  /// The text of a column that holds a string.
  ///
  /// - Throws: `DataError` when no such column is there or it holds something else.
  public func string(_ names: String...) throws(DataError) -> String { try string(names) }

  func string(_ names: [String]) throws(DataError) -> String {
    let name = try column(names)
    guard case .string(let text)? = columns[name] else {
      throw wrongType(name, expected: "a string")
    }
    return text
  }

  /// The text of a column that holds a string, a number or a truth value: answers are often written as
  /// bare numbers.
  ///
  /// - Throws: `DataError` when no such column is there or it holds something else.
  public func scalarText(_ names: String...) throws(DataError) -> String { try scalarText(names) }

  func scalarText(_ names: [String]) throws(DataError) -> String {
    let name = try column(names)
    switch columns[name] {
    case .string(let text)?: return text
    case .number(let number)?: return number.literal
    case .bool(let value)?: return "\(value)"
    default: throw wrongType(name, expected: "a string or a number")
    }
  }

  /// An error about the type of the column `name`.
  func wrongType(_ name: String, expected: String) -> DataError {
    DataError(
      .wrongType, file: file, line: line,
      found: "\(columns[name]?.kind ?? "nothing") in column \"\(name)\"", expected: expected)
  }
}
