import JSON

/// Reads the objects of a file that holds one JSON array, an element at a time, so that an error names the
/// line on which its element stands.
struct JSONArrayReader: RecordReader {
  private let name: String
  private let bytes: [UInt8]
  private var index: Int
  private var line = 1
  private var isStarted = false
  private var isEnded = false

  init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    index = bytes.starts(with: JSONLinesReader.byteOrderMark) ? 3 : 0
  }

  mutating func next() throws(DataError) -> JSONRecord? {
    guard !isEnded else { return nil }
    skipSpace()
    if !isStarted {
      guard peek == UInt8(ascii: "[") else { throw malformed(expected: "\"[\"") }
      index += 1
      isStarted = true
      skipSpace()
      if peek == UInt8(ascii: "]") { return try end() }
    } else if peek == UInt8(ascii: ",") {
      index += 1
      skipSpace()
    } else {
      guard peek == UInt8(ascii: "]") else { throw malformed(expected: "\",\" or \"]\"") }
      return try end()
    }
    let start = index
    let startLine = line
    try skipElement()
    let element = Array(bytes[start..<index])
    if let offset = element.firstInvalidUTF8Offset {
      throw DataError(
        .invalidUTF8, file: name, line: Self.line(of: offset, in: element, from: startLine),
        found: "byte 0x\(String(element[offset], radix: 16))", expected: "UTF-8 text")
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: element)
    } catch {
      throw DataError(
        .malformedJSON, file: name,
        line: startLine + error.line - 1,
        found: error.found, expected: error.expected)
    }
    guard case .object(let columns) = value else {
      throw DataError(
        .notAnObject, file: name, line: startLine, found: value.kind,
        expected: "an object such as {\"question\": \"...\", \"answer\": \"...\"}")
    }
    return JSONRecord(file: name, line: startLine, columns: columns.dictionary)
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = peek, " \t\r\n".utf8.contains(byte) {
      if byte == UInt8(ascii: "\n") { line += 1 }
      index += 1
    }
  }

  private mutating func end() throws(DataError) -> JSONRecord? {
    index += 1
    isEnded = true
    skipSpace()
    guard peek == nil else { throw malformed(expected: "nothing after the array") }
    return nil
  }

  /// Goes to the end of the element at `index`, whatever is in it.
  private mutating func skipElement() throws(DataError) {
    var depth = 0
    var inString = false
    while let byte = peek {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if inString {
        if byte == UInt8(ascii: "\\") {
          index += 1
          if peek == UInt8(ascii: "\n") { line += 1 }
        }
        if byte == UInt8(ascii: "\"") { inString = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""): inString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          if depth == 0 { return }
          depth -= 1
        case UInt8(ascii: ",") where depth == 0: return
        default: break
        }
      }
      index += 1
    }
    index = min(index, bytes.count)
    throw malformed(expected: "\"]\" at the end of the array")
  }

  private static func line(of offset: Int, in element: [UInt8], from start: Int) -> Int {
    element.prefix(max(0, offset)).reduce(start) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  private func malformed(expected: String) -> DataError {
    let found = peek.map { byte in
      (0x21..<0x7F).contains(byte)
        ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte 0x\(String(byte, radix: 16))"
    }
    return DataError(
      .malformedJSON, file: name, line: line, found: found ?? "the end of the file",
      expected: expected)
  }
}
