import Foundation
import Testing

@testable import Tasks

@Suite struct DataFileTests {
  private func records(_ text: String, _ name: String) throws -> [JSONRecord] {
    try withFile(Array(text.utf8), named: name) { try DataFile.records(of: $0) }
  }

  /// The error of a file, its line and what it says.
  private func error(_ text: String, _ name: String) -> DataError? {
    do {
      _ = try records(text, name)
      return nil
    } catch {
      return error as? DataError
    }
  }

  // MARK: JSON arrays

  @Test func arraysGiveTheirObjectsWithTheirLines() throws {
    let text = "\u{FEFF}[\n  {\"a\": \"x\\\"]\"},\n\n  {\n    \"a\": [1, {\"b\": 2}]\n  }\n]\n"
    let records = try records(text, "data.json")
    #expect(records.map(\.line) == [2, 4])
    #expect(records[0].columns["a"] == "x\"]")
    #expect(records[1].columns["a"] == [1, ["b": 2]])
    #expect(try self.records("[{\"a\":1}]", "data.jsonl").count == 1)
    #expect(try self.records("{\"a\":1}\n{\"a\":2}", "data.json").count == 2)
  }

  @Test(arguments: [
    ("[\n{\"a\":1},\n{\"a\":}\n]", 3), ("[\n{\"a\":1}\n{\"a\":2}]", 3), ("[\n{\"a\":1},\n7]", 3),
    ("[{\"a\":1}", 1), ("[{\"a\":1},\n]", 2), ("[{\"a\":1}]\nx", 2), ("[{\"a\":1\n,\"b\n\":2}]", 2),
    ("[{\"a\":1},\n\"", 2),
  ])
  func faultyArraysNameTheLine(text: String, line: Int) throws {
    let found = try #require(error(text, "data.json"))
    #expect(found.line == line, "\(found)")
  }

  @Test func emptyArraysHaveNoRow() {
    #expect(error("[]", "data.json")?.reason == .empty)
    #expect(error(" [ ] ", "data.json")?.reason == .empty)
  }

  // MARK: CSV

  @Test func quotedFieldsHoldAnything() throws {
    let text =
      "\u{FEFF}question,answer,\"note, more\"\r\n\"two\nlines, \"\"quoted\"\"\",4,\r\n\nplain,5,é\n"
    let records = try records(text, "data.csv")
    #expect(records.map(\.line) == [2, 5])
    #expect(records[0].columns["question"] == "two\nlines, \"quoted\"")
    #expect(records[0].columns["note, more"] == "")
    #expect(records[1].columns == ["question": "plain", "answer": "5", "note, more": "é"])
    let tabs = try self.records("a\tb\n1,2\t3", "data.TSV")
    #expect(tabs[0].columns == ["a": "1,2", "b": "3"])
    #expect(try self.records("a\n\nx", "one.csv").map { $0.columns["a"] } == ["", "x"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n1,2,3\n", 3, "3 fields"), ("a,b\n1\n", 2, "1 fields"),
    ("a,b\n\"1,2\n3,4\n", 2, "not closed"), ("a,b\n\"x\"y,2\n", 2, "after a closing quote"),
    ("a,a\n1,2\n", 1, "\"a\" again"), ("a,,b\n1,2,3\n", 1, "column 2"),
  ])
  func faultyTablesNameTheLine(text: String, line: Int, words: String) throws {
    let found = try #require(error(text, "data.csv"))
    #expect(found.reason == .malformedCSV)
    #expect(found.line == line)
    #expect(found.found.contains(words), "\(found)")
  }

  @Test func bytesThatAreNoTextNameTheLine() throws {
    let bytes = Array("a,b\n1,".utf8) + [0xFF, 0x0A]
    let error = #expect(throws: DataError.self) {
      try withFile(bytes, named: "data.csv") { try DataFile.records(of: $0) }
    }
    #expect(error?.reason == .invalidUTF8)
    #expect(error?.line == 2)
  }

  @Test func emptyTablesHaveNoRow() {
    #expect(error("", "data.csv")?.reason == .empty)
    #expect(error("a,b\n", "data.csv")?.reason == .empty)
  }

  // MARK: gzip

  @Test func compressedFilesAreReadByTheirFirstBytes() throws {
    for name in ["data.jsonl.gz", "data.jsonl"] {
      let records = try withFile(GzipTests.fixed, named: name) { try DataFile.records(of: $0) }
      #expect(records.map { $0.columns["answer"] } == ["2"])
    }
    let problems = try withFile(GzipTests.stored, named: "data.json.gz") {
      try JSONLinesTask().problems(from: $0)
    }
    #expect(problems.map(\.id) == ["data-1"])
    let damaged = Array(GzipTests.fixed.dropLast(3))
    let error = #expect(throws: DataError.self) {
      try withFile(damaged, named: "data.jsonl.gz") { try DataFile.records(of: $0) }
    }
    #expect(error?.reason == .malformedGzip)
  }

  @Test func filesThatAreNotThereSaySo() {
    let error = #expect(throws: DataError.self) {
      try DataFile.reader(of: URL(fileURLWithPath: "/nowhere/data.csv"))
    }
    #expect(error?.found == "no such file")
  }

  // MARK: Anything

  /// Whatever stands in a file, there are rows or an error with a line of the file.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func anyTextEnds(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces = [
      "\"", "\"\"", ",", "\n", "\r\n", "\r", "a", "{", "}", "[", "]", ":", "1", "\\", " ", "é",
      "\t",
      "{\"a\":1}", "null", "\u{FEFF}",
    ]
    for round in 0..<400 {
      let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      let name = ["data.csv", "data.tsv", "data.json"][round % 3]
      let lines =
        text.utf8.filter { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.count + 1
      if let line = error(text, name)?.line {
        #expect((1...lines + 1).contains(line), "\(text.debugDescription)")
      }
    }
  }
}
