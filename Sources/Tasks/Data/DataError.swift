/// A data file that cannot be used or written: which file and line, what was found, what was expected.
public struct DataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Sendable, Equatable {
    /// The file cannot be opened or read.
    case unreadable
    /// The file cannot be written.
    case unwritable
    /// The file or the selection of its rows is empty.
    case empty
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// A line that is longer than `JSONLinesReader.maximumLineBytes`.
    case lineTooLong
    /// A line that is not JSON.
    case malformedJSON
    /// A table that is not CSV.
    case malformedCSV
    /// A compressed file that is damaged.
    case malformedGzip
    /// A line that is JSON but no object.
    case notAnObject
    /// A column that is not there.
    case missingColumn
    /// A column of another type.
    case wrongType
    /// A column of the right type with a value that cannot be used.
    case invalidValue
    /// An `id` that an earlier row has.
    case duplicateID
  }

  /// What is wrong.
  public let reason: Reason
  /// The file as it was named.
  public let file: String
  /// The line, from 1, or nil when the whole file is meant.
  public let line: Int?
  /// What was found.
  public let found: String
  /// What was expected.
  public let expected: String

  /// An error in `file`.
  public init(_ reason: Reason, file: String, line: Int? = nil, found: String, expected: String) {
    self.reason = reason
    self.file = file
    self.line = line
    self.found = found
    self.expected = expected
  }

  /// `FILE:LINE: found ..., expected ...`.
  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): found \(found), expected \(expected)"
  }
}
