import Foundation
import Testing

@testable import Tasks

@Suite struct JSONLinesReaderTests {
  private func failure(_ bytes: [UInt8]) -> DataError? {
    do {
      _ = try withFile(bytes) { try GSM8KTask().problems(from: $0) }
      return nil
    } catch {
      return error as? DataError
    }
  }

  private func failure(_ text: String) -> DataError? { failure(Array(text.utf8)) }

  @Test func acceptsByteOrderMarkCarriageReturnsAndBlankLines() throws {
    let text = "\u{FEFF}{\"a\":1}\r\n\r\n   \n{\"a\":2}\n{\"a\":3}"
    let records = try withFile(text) { try JSONLinesReader.records(of: $0) }
    #expect(records.map(\.line) == [1, 4, 5])
    #expect(records.compactMap { $0.columns["a"]?.int } == [1, 2, 3])
  }

  @Test func readsLinesLongerThanItsBuffer() throws {
    let long = String(repeating: "é", count: 400_000)
    let text = "{\"a\":\"\(long)\"}\n{\"a\":\"x\"}\n"
    let records = try withFile(text) { try JSONLinesReader.records(of: $0) }
    #expect(records.map { $0.columns["a"]?.string } == [long, "x"])
  }

  @Test func namesTheLineOfMalformedJSON() throws {
    let error = try #require(failure("{\"question\":\"a\",\"answer\":\"1\"}\n{\"question\":\n"))
    #expect(error.reason == .malformedJSON)
    #expect(error.line == 2)
    #expect(error.description.contains("data.jsonl:2: found the end in column 13, expected"))
  }

  @Test func namesTheNearestColumn() throws {
    let error = try #require(failure("{\"questoin\":\"a\",\"answer\":\"1\"}"))
    #expect(error.reason == .missingColumn)
    #expect(
      error.description.contains("expected a column \"question\"; the nearest is \"questoin\""))
    #expect(try #require(failure("{}")).description.contains("found no columns"))
  }

  @Test func namesAWrongType() throws {
    let error = try #require(failure("{\"question\":[1],\"answer\":\"1\"}"))
    #expect(error.reason == .wrongType)
    #expect(error.description.contains("found an array in column \"question\", expected a string"))
    #expect(try #require(failure("{\"question\":\"a\",\"answer\":null}")).reason == .wrongType)
  }

  @Test func refusesWhatIsNoDataSet() throws {
    #expect(failure("")?.reason == .empty)
    #expect(failure("\n \r\n")?.reason == .empty)
    #expect(failure("[1]\n")?.reason == .notAnObject)
    #expect(failure([0x7B, 0x22, 0xFF, 0x22, 0x7D])?.reason == .invalidUTF8)
    let utf16 = try #require(failure([0xFF, 0xFE, 0x7B, 0x00]))
    #expect(utf16.line == 1)
    #expect(utf16.description.contains("byte 0xff in column 1"))
  }

  @Test func refusesFilesThatCannotBeRead() throws {
    let folder = FileManager.default.temporaryDirectory
    for (file, found) in [
      (folder.appendingPathComponent("there-is-no-such-file.jsonl"), "no such file"),
      (folder, "Is a directory"),
    ] {
      do {
        _ = try GSM8KTask().problems(from: file)
        Issue.record("no error")
      } catch {
        #expect(error.reason == .unreadable)
        #expect(error.description.contains(found), "\(error)")
      }
    }
  }

  @Test func rowsGetIdsAndRefuseRepeatedOnes() throws {
    let rows = """
      {"question":"a","answer":"1"}
      {"question":"b","answer":"2","id":7,"level":3,"extra":[true]}
      """
    let problems = try withFile(rows) { try GSM8KTask().problems(from: $0) }
    #expect(problems.map(\.id) == ["data-1", "7"])
    #expect(problems.map(\.line) == [1, 2])
    #expect(problems.map(\.level) == [nil, 3])
    #expect(problems.map(\.metadata) == [[:], ["extra": [true]]])
    let first = try withFile(rows) { try GSM8KTask().problems(from: $0, limit: 1) }
    #expect(first == [problems[0]])

    let line = "{\"question\":\"b\",\"answer\":\"2\",\"id\":\"x\"}\n"
    let error = try #require(failure(line + line))
    #expect(error.reason == .duplicateID)
    #expect(error.description.contains("data.jsonl:2: found the id \"x\" of line 1"))
  }

  @Test func columnsCanBeRenamed() throws {
    let row = "{\"problem\":\"a\",\"final\":3,\"uid\":\"u\",\"hard\":2}"
    let columns = DataColumns(question: "problem", answer: "final", id: "uid", level: "hard")
    for task: any ReasoningTask in [GSM8KTask(), JSONLinesTask()] {
      let problem = try withFile(row) { try task.problems(from: $0, columns: columns) }[0]
      #expect(problem == Problem(id: "u", prompt: "a", answer: "3", level: 2, line: 1))
    }
  }
}
