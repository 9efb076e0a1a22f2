import Testing
import Training

@testable import Reports

@Suite struct ComparisonTableTests {
  // With 40 problems and a share p of ones the interval's half width is 1.96 sqrt(p (1 - p) / 39).
  private let expected = [
    [
      "base", "0.250 [0.200, 0.300]", "-", "-", "0.350", "64.0", "32.0", "8.00", "-", "12.5 %", "-",
      "-", "-",
    ],
    [
      "grpo", "0.500 [0.450, 0.550]", "-", "-", "0.600", "40.0", "20.0", "5.00", "80.0", "12.5 %",
      "12345", "12345", "31",
    ],
    [
      "ws<&\"grpo\">", "0.625 [0.575, 0.675]", "-", "+0.125 [+0.021, +0.229]", "0.725", "40.0",
      "20.0", "5.00", "80.0", "12.5 %", "12345", "6000", "31",
    ],
  ]

  @Test func everyFigureHasItsCell() {
    let table = ComparisonTable(comparison())
    #expect(table.rows == expected)
    #expect(table.columns.count == expected[0].count)
    #expect(table.columns[3] == "minus grpo [95 %]")
  }

  @Test func seedsAreTakenTogether() {
    let rows = ComparisonTable(comparison(seeds: [0, 7])).rows
    #expect(rows.map { $0[0] } == ["base", "grpo", "ws<&\"grpo\">"])
    #expect(rows[1][1] == "0.500 [0.343, 0.657]")
    #expect(rows[1][2] == "0.500-0.500")
    #expect(rows[2][3] == "+0.125 [+0.021, +0.229]")
  }

  @Test func theFirstMethodIsTheReferenceWhereThereIsNoGRPO() {
    let all = comparison()
    let alone = MethodComparison(
      base: all.base, phaseOne: [], runs: all.runs.filter { $0.name != "grpo" })
    #expect(ComparisonTable(alone).rows.map { $0[3] } == ["-", "-"])
    #expect(MethodSummary.reference(alone) == "ws<&\"grpo\">")
    let nothing = MethodComparison(base: all.base, phaseOne: [], runs: [])
    #expect(ComparisonTable(nothing).rows.count == 1)
  }

  @Test func columnsOfTheTextLineUp() {
    let lines = ComparisonTable(comparison()).text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(lines[2].hasPrefix("grpo "))
    #expect(lines[2].hasSuffix(" 31"))
  }

  @Test func markdownHasTheSameCells() {
    let lines = ComparisonTable(comparison()).markdown.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1] == "| --- |" + String(repeating: " ---: |", count: 12))
    #expect(lines[3] == "| " + expected[1].joined(separator: " | ") + " |")
  }
}
