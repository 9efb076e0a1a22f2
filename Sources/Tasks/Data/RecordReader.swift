import Foundation

/// Reads the rows of a data file one after the other.
public protocol RecordReader {
  /// The next row, or nil at the end.
  ///
  /// - Throws: `DataError` that names the line of what cannot be used.
  mutating func next() throws(DataError) -> JSONRecord?
}

/// The kinds of data files.
public enum DataFormat: String, Sendable, CaseIterable {
  /// One JSON object a line.
  case jsonLines = "JSON lines"
  /// One array of JSON objects.
  case jsonArray = "a JSON array"
  /// Comma-separated values with a header.
  case csv = "CSV"
  /// Tab-separated values with a header.
  case tsv = "TSV"
}

/// A data file, opened by its name and its first bytes.
public enum DataFile {
  /// Opens `file`: `.csv` and `.tsv` by their names, also under `.gz`; any other file as JSON, an array
  /// where it begins with `[` and JSON lines otherwise. Whether it is compressed with gzip its first bytes
  /// tell.
  ///
  /// - Throws: `DataError` for what cannot be opened or decompressed.
  public static func reader(of file: URL) throws(DataError) -> any RecordReader {
    let name = file.relativePath
    let handle: FileHandle
    var first: [UInt8]
    do {
      handle = try FileHandle(forReadingFrom: file)
      first = Array(try handle.read(upToCount: peeked) ?? Data())
    } catch {
      throw DataError(
        .unreadable, file: name, found: JSONLinesReader.explain(error),
        expected: "a readable data file")
    }
    let isCompressed = Gzip.isCompressed(first)
    if isCompressed {
      first = try decompressed(first + rest(of: handle, name: name), name: name)
    }
    let format = format(of: name, beginning: first)
    if format == .jsonLines, !isCompressed { return try JSONLinesReader(file: file) }
    let bytes = isCompressed ? first : first + (try rest(of: handle, name: name))
    switch format {
    case .jsonLines: return JSONLinesReader(name: name, bytes: bytes)
    case .jsonArray: return JSONArrayReader(name: name, bytes: bytes)
    case .csv: return try CSVReader(name: name, bytes: bytes, separator: UInt8(ascii: ","))
    case .tsv: return try CSVReader(name: name, bytes: bytes, separator: UInt8(ascii: "\t"))
    }
  }

  /// All rows of `file`.
  ///
  /// - Throws: `DataError`, also when there is no row.
  public static func records(of file: URL) throws(DataError) -> [JSONRecord] {
    var reader = try reader(of: file)
    var records: [JSONRecord] = []
    while let record = try reader.next() { records.append(record) }
    guard !records.isEmpty else { throw DataError.noRows(in: file.relativePath) }
    return records
  }

  /// Enough to see past a byte order mark and white space.
  private static let peeked = 512

  private static func rest(of handle: FileHandle, name: String) throws(DataError) -> [UInt8] {
    do {
      return Array(try handle.readToEnd() ?? Data())
    } catch {
      throw DataError(
        .unreadable, file: name, found: JSONLinesReader.explain(error),
        expected: "a readable data file")
    }
  }

  private static func decompressed(_ bytes: [UInt8], name: String) throws(DataError) -> [UInt8] {
    do {
      return try Gzip.decompress(bytes)
    } catch {
      throw DataError(
        .malformedGzip, file: name, found: error.found, expected: error.expected)
    }
  }

  static func format(of name: String, beginning bytes: [UInt8]) -> DataFormat {
    var name = name.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if name.hasSuffix(".csv") { return .csv }
    if name.hasSuffix(".tsv") { return .tsv }
    let text = bytes.starts(with: JSONLinesReader.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
    let begins = text.first { !" \t\r\n".utf8.contains($0) }
    return begins == UInt8(ascii: "[") ? .jsonArray : .jsonLines
  }
}
