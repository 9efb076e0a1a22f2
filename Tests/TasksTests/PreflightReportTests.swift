import Testing

@testable import Tasks

@Suite struct PreflightReportTests {
  private let problems = (1...30).map { row in
    Problem(
      id: "p\(row)", prompt: String(repeating: "x", count: row), answer: row % 2 == 0 ? "1" : "one",
      line: row)
  }

  @Test func countsAndListsUnparseableGolds() throws {
    let report = try #require(PreflightReport(problems: problems, task: GSM8KTask()))
    #expect(report.rows == 30)
    #expect(report.unparseableGolds == 15)
    #expect(report.unparseableExamples.count == 10)
    #expect(report.unparseableExamples.first == "line 1: \"one\"")
    #expect(report.unparseableExamples.last == "line 19: \"one\"")
    #expect(report.description.contains("15 gold answers cannot be parsed"))
  }

  @Test func describesPromptLengths() throws {
    let report = try #require(
      PreflightReport(
        problems: problems, task: JSONLinesTask(), render: { "<s>\($0.prompt)" },
        tokenCount: { $0.count / 2 }))
    #expect(report.firstPrompt == "<s>x")
    let characters = report.promptCharacters
    #expect(characters.minimum == 4 && characters.maximum == 33)
    #expect(characters.median == 18 && characters.percentile95 == 32)
    #expect(characters.histogram.map(\.count).reduce(0, +) == 30)
    #expect(characters.histogram.first?.range == 4..<8)
    #expect(characters.histogram.count == 8)
    #expect(report.promptTokens?.maximum == 16)
    #expect(report.unparseableGolds == 0)
    #expect(!report.description.contains("cannot be parsed"))
  }

  @Test func equalLengthsHaveOneBar() throws {
    let report = try #require(PreflightReport(problems: [problems[4]], task: JSONLinesTask()))
    #expect(report.promptCharacters.histogram == [.init(range: 5..<6, count: 1)])
    #expect(report.promptTokens == nil)
    #expect(PreflightReport(problems: [], task: JSONLinesTask()) == nil)
  }
}
