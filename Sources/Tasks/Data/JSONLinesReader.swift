import Foundation
import JSON

/// Reads the objects of a JSON Lines file one after the other, in memory for one line at a time.
///
/// A byte order mark at the start, CRLF line ends and blank lines are accepted.
public struct JSONLinesReader: RecordReader {
  /// A longer line is refused: it is hardly a row of a data set, and would be held in memory whole.
  public static let maximumLineBytes = 64 << 20

  private static let chunkBytes = 1 << 18
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let name: String
  private let handle: FileHandle?
  private var buffer: [UInt8] = []
  private var position = 0
  private var reachedEnd = false
  private var line = 0

  /// Opens `file`.
  ///
  /// - Throws: `DataError` when it cannot be opened.
  public init(file: URL) throws(DataError) {
    name = file.relativePath
    do {
      handle = try FileHandle(forReadingFrom: file)
    } catch {
      throw DataError(
        .unreadable, file: name, found: Self.explain(error), expected: "a readable JSON Lines file")
    }
  }

  /// Reads rows from bytes that are there already.
  init(name: String, bytes: [UInt8]) {
    self.name = name
    handle = nil
    buffer = bytes
    reachedEnd = true
  }

  /// The next row, or nil at the end.
  ///
  /// - Throws: `DataError` for what cannot be read, is not UTF-8, not JSON, or not an object.
  public mutating func next() throws(DataError) -> JSONRecord? {
    while var bytes = try nextLine() {
      line += 1
      if line == 1, bytes.starts(with: Self.byteOrderMark) { bytes.removeFirst(3) }
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      return try record(bytes)
    }
    return nil
  }

  /// All rows of `file`.
  ///
  /// - Throws: `DataError`, also when there is no row.
  public static func records(of file: URL) throws(DataError) -> [JSONRecord] {
    var reader = try JSONLinesReader(file: file)
    var records: [JSONRecord] = []
    while let record = try reader.next() { records.append(record) }
    guard !records.isEmpty else { throw DataError.noRows(in: reader.name) }
    return records
  }

  private func record(_ bytes: [UInt8]) throws(DataError) -> JSONRecord {
    if let offset = bytes.firstInvalidUTF8Offset {
      throw DataError(
        .invalidUTF8, file: name, line: line,
        found: "byte 0x\(String(bytes[offset], radix: 16)) in column \(offset + 1)",
        expected: "UTF-8 text")
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw DataError(
        .malformedJSON, file: name, line: line,
        found: "\(error.found) in column \(error.column)", expected: error.expected)
    }
    guard case .object(let columns) = value else {
      throw DataError(
        .notAnObject, file: name, line: line, found: value.kind,
        expected: "an object such as {\"question\": \"...\", \"answer\": \"...\"}")
    }
    return JSONRecord(file: name, line: line, columns: columns.dictionary)
  }

  /// The bytes up to the next line feed, without it; nil at the end of the file.
  private mutating func nextLine() throws(DataError) -> [UInt8]? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        return Array(buffer[position..<end])
      }
      if reachedEnd {
        defer { position = buffer.count }
        return position < buffer.count ? Array(buffer[position...]) : nil
      }
      buffer.removeFirst(position)
      position = 0
      searched = buffer.count
      guard searched <= Self.maximumLineBytes else {
        throw DataError(
          .lineTooLong, file: name, line: line + 1, found: "a line of over \(searched) bytes",
          expected: "lines of at most \(Self.maximumLineBytes) bytes")
      }
      let chunk: Data?
      do {
        chunk = try handle?.read(upToCount: Self.chunkBytes)
      } catch {
        throw DataError(
          .unreadable, file: name, line: line + 1, found: Self.explain(error),
          expected: "a readable JSON Lines file")
      }
      if let chunk, !chunk.isEmpty { buffer.append(contentsOf: chunk) } else { reachedEnd = true }
    }
  }

  static func explain(_ error: any Error) -> String {
    let cocoa = error as NSError
    let posix = (cocoa.userInfo[NSUnderlyingErrorKey] as? NSError)?.code ?? cocoa.code
    return cocoa.code == NSFileReadNoSuchFileError || cocoa.code == NSFileNoSuchFileError
      ? "no such file" : String(cString: strerror(Int32(truncatingIfNeeded: posix)))
  }
}

extension DataError {
  static func noRows(in file: String) -> DataError {
    DataError(.empty, file: file, found: "no row", expected: "at least one JSON object a line")
  }
}
