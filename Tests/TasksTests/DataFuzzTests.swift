import Testing

@testable import Tasks

/// Damaged data files, bounded and seeded: whatever the bytes are, there are rows or a `DataError` that
/// names a line of the file.
@Suite struct DataFuzzTests {
  private static let whole: [DataFormat: String] = [
    .jsonLines: #"{"question":"é?","answer":"x\n#### 7","id":[1,{"a":null}]}"#
      + "\n{\"a\":-1.5e3}\n",
    .jsonArray:
      "[{\"question\":\"é?\",\"n\":[1,{\"a\":null}]},\n {\"question\":\"\\ud83d\\ude00\"}]\n",
    .csv: "question,answer,\"n, m\"\r\n\"two\nlines, \"\"quoted\"\"\",4,\r\n\nplain,5,é\n",
    .tsv: "question\tanswer\n1,2\t3\n\"a\tb\"\t\"\"\n",
  ]
  private static let pieces = [
    "\"", "\"\"", ",", "\t", "\n", "\r\n", "\r", "{", "}", "[", "]", ":", "\\", "\\u", "\\ud800",
    "\u{FEFF}", "\0", "1e999", "-", "0x", "true", "nul", "é", "\u{1F600}", "{\"a\":", "[[[[",
  ]

  private func reader(_ format: DataFormat, _ bytes: [UInt8]) throws(DataError) -> any RecordReader
  {
    switch format {
    case .jsonLines: JSONLinesReader(name: "f", bytes: bytes)
    case .jsonArray: JSONArrayReader(name: "f", bytes: bytes)
    case .csv: try CSVReader(name: "f", bytes: bytes, separator: UInt8(ascii: ","))
    case .tsv: try CSVReader(name: "f", bytes: bytes, separator: UInt8(ascii: "\t"))
    }
  }

  /// All rows, or the error.
  private func read(_ format: DataFormat, _ bytes: [UInt8]) -> Result<[JSONRecord], DataError> {
    do throws(DataError) {
      var reader = try reader(format, bytes)
      var records: [JSONRecord] = []
      while let record = try reader.next() { records.append(record) }
      return .success(records)
    } catch {
      return .failure(error)
    }
  }

  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.integer(in: 1...3) where !bytes.isEmpty {
      let place = random.integer(below: bytes.count)
      let end = min(bytes.count, place + random.integer(below: 12))
      switch random.integer(below: 5) {
      case 0: bytes[place] = UInt8(random.integer(below: 256))
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.removeSubrange(place...)
      default: bytes.insert(contentsOf: Array(random.element(of: Self.pieces).utf8), at: place)
      }
    }
    return bytes
  }

  @Test(arguments: DataFormat.allCases)
  func damagedFilesGiveRowsOrATypedError(_ format: DataFormat) throws {
    let whole = Array(try #require(Self.whole[format]).utf8)
    #expect(try read(format, whole).get().count == 2)
    var random = SplitMix64(seed: 3)
    var (rows, errors) = (0, 0)
    for _ in 0..<1_500 * fuzzRounds {
      let bytes = damaged(whole, &random)
      let lines = 1 + bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
      switch read(format, bytes) {
      case .success(let records):
        rows += 1
        var line = 0
        for record in records {
          #expect(record.line > line && record.line <= lines)
          line = record.line
        }
      case .failure(let error):
        errors += 1
        #expect((error.line ?? 1) <= lines && !error.description.isEmpty)
      }
    }
    #expect(rows > 50 && errors > 50)
  }

  /// Any table, written as RFC 4180 says, comes back.
  @Test func tablesComeBack() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 * fuzzRounds {
      let width = random.integer(in: 2...4)
      let rows = (0..<random.integer(in: 1...6)).map { _ in
        (0..<width).map { _ in
          (0..<random.integer(below: 5)).map { _ in random.element(of: Self.pieces) }.joined()
        }
      }
      let header = (0..<width).map { "c\($0)" }
      let text = ([header] + rows).map { row in
        row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") + "\n"
      }.joined()
      let records = try read(.csv, Array(text.utf8)).get()
      // A row of which nothing is left, quotes aside, is no blank line, for it has separators.
      #expect(records.count == rows.count)
      for (record, row) in zip(records, rows) {
        #expect(header.map { record.columns[$0] } == row.map { .string($0) })
      }
    }
  }

  @Test func deepRowsAreRefused() {
    for piece in ["[", "{\"a\":", "[{\"a\":"] {
      let bytes = Array(String(repeating: piece, count: 200_000).utf8)
      for format in [DataFormat.jsonLines, .jsonArray] {
        #expect(throws: DataError.self) { try read(format, bytes).get() }
      }
    }
  }

  /// Whatever the damage, there is an error or the data itself, and no more than was allowed.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func anyDamageToGzipEnds(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let wholes = [GzipTests.fixed, GzipTests.stored, GzipTests.dynamic]
    let texts = [GzipTests.row, GzipTests.row, GzipTests.dynamicText].map { Array($0.utf8) }
    var refused = 0
    let count = 300 * fuzzRounds
    for _ in 0..<count {
      let index = random.integer(below: wholes.count)
      let bytes = damaged(wholes[index], &random)
      guard let data = try? Gzip.decompress(bytes, limit: 1 << 20) else {
        refused += 1
        continue
      }
      // What passes its checksum is the data, once or, where a copy came to stand behind it, more.
      #expect(data.starts(with: texts[index]) && data.count % texts[index].count == 0)
    }
    #expect(refused > count / 2)
  }
}
