import JSON

/// Reads comma-separated values with a header (RFC 4180): fields in quotes may hold separators, doubled
/// quotes and line ends. Every value is a string.
struct CSVReader: RecordReader {
  private let name: String
  private let bytes: [UInt8]
  private let separator: UInt8
  private var header: [String] = []
  private var index: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")

  /// Reads the header of a file with these bytes.
  ///
  /// - Throws: `DataError` for a header that is missing or names a column twice.
  init(name: String, bytes: [UInt8], separator: UInt8) throws(DataError) {
    self.name = name
    self.bytes = bytes
    self.separator = separator
    index = bytes.starts(with: JSONLinesReader.byteOrderMark) ? 3 : 0
    guard let names = try row() else { throw DataError.noRows(in: name) }
    var seen: Set<String> = []
    for (position, column) in names.fields.enumerated() {
      guard !column.isEmpty else {
        throw DataError(
          .malformedCSV, file: name, line: names.line,
          found: "no name for column \(position + 1) in the header", expected: "a name")
      }
      guard seen.insert(column).inserted else {
        throw DataError(
          .malformedCSV, file: name, line: names.line, found: "column \"\(column)\" again",
          expected: "every name once")
      }
    }
    header = names.fields
  }

  mutating func next() throws(DataError) -> JSONRecord? {
    while let row = try row() {
      // A blank line is no row.
      if row.fields == [""], header.count > 1 { continue }
      guard row.fields.count == header.count else {
        throw DataError(
          .malformedCSV, file: name, line: row.line, found: "\(row.fields.count) fields",
          expected: "\(header.count), as in the header")
      }
      let columns = zip(header, row.fields).map { ($0, JSONValue.string($1)) }
      return JSONRecord(
        file: name, line: row.line, columns: Dictionary(columns, uniquingKeysWith: { $1 }))
    }
    return nil
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// The fields up to the end of the row, and the line on which it begins.
  private mutating func row() throws(DataError) -> (fields: [String], line: Int)? {
    guard index < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try peek == Self.quote ? quotedField() : plainField())
      switch peek {
      case separator: index += 1
      case nil: return (fields, start)
      default:
        endLine()
        return (fields, start)
      }
    }
  }

  private mutating func endLine() {
    if peek == UInt8(ascii: "\r") { index += 1 }
    if peek == UInt8(ascii: "\n") { index += 1 }
    line += 1
  }

  private func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private mutating func plainField() throws(DataError) -> String {
    let start = index
    while let byte = peek, byte != separator, !isLineEnd(byte) { index += 1 }
    return try text(Array(bytes[start..<index]), line: line)
  }

  private mutating func quotedField() throws(DataError) -> String {
    let startLine = line
    var field: [UInt8] = []
    index += 1
    while let byte = peek {
      index += 1
      if byte == Self.quote {
        guard peek == Self.quote else {
          if let next = peek, next != separator, !isLineEnd(next) {
            throw DataError(
              .malformedCSV, file: name, line: line, found: "text after a closing quote",
              expected: "a separator or the line's end; quotes inside of a field are doubled")
          }
          return try text(field, line: startLine)
        }
        index += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      field.append(byte)
    }
    throw DataError(
      .malformedCSV, file: name, line: startLine, found: "a quote that is not closed",
      expected: "the closing quote")
  }

  private func text(_ field: [UInt8], line: Int) throws(DataError) -> String {
    if let offset = field.firstInvalidUTF8Offset {
      throw DataError(
        .invalidUTF8, file: name, line: line,
        found: "byte 0x\(String(field[offset], radix: 16))", expected: "UTF-8 text")
    }
    return String(decoding: field, as: UTF8.self)
  }
}
