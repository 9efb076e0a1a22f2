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

  private func table(_ result: MethodComparison) -> Table {
    ComparisonReport(result, title: "", command: "").table
  }

  @Test func everyFigureHasItsCell() {
    let table = self.table(comparison())
    #expect(table.rows == expected)
    #expect(table.columns.count == expected[0].count)
    #expect(table.columns[3] == "minus grpo [95 %]")
  }

  @Test func seedsAreTakenTogether() {
    let rows = table(comparison(seeds: [0, 7])).rows
    #expect(rows.map { $0[0] } == ["base", "grpo", "ws<&\"grpo\">"])
    #expect(rows[1][1] == "0.500 [0.343, 0.657]")
    #expect(rows[1][2] == "0.500-0.500")
    #expect(rows[2][3] == "+0.125 [+0.021, +0.229]")
  }

  @Test func theSpreadOfSeedsHasItsInterval() {
    // Accuracies .5 and .75 against .5 and .5: differences 0 and .25, mean .125; with one degree of freedom
    // the half width is 12.7062 times their deviation .17678 over the root of 2.
    var all = comparison(seeds: [0, 7], second: [0.5, 0.75])
    let table = self.table(all)
    #expect(table.columns[4] == "over seeds [95 %]")
    #expect(table.rows.map { $0[4] } == ["-", "-", "[-1.463, +1.713]"])
    all = comparison()
    #expect(!self.table(all).columns.contains("over seeds [95 %]"))
  }

  @Test func anyMethodCanBeTheReference() {
    let table = ComparisonReport(
      comparison(), title: "", command: "", reference: "ws<&\"grpo\">"
    ).table
    #expect(table.columns[3] == "minus ws<&\"grpo\"> [95 %]")
    #expect(table.rows.map { $0[3] } == ["-", "-0.125 [-0.229, -0.021]", "-"])
  }

  @Test func theFirstMethodIsTheReferenceWhereThereIsNoGRPO() {
    let all = comparison()
    let alone = MethodComparison(
      base: all.base, phaseOne: [], runs: all.runs.filter { $0.name != "grpo" })
    #expect(table(alone).rows.map { $0[3] } == ["-", "-"])
    #expect(MethodSummary.reference(alone) == "ws<&\"grpo\">")
    let nothing = MethodComparison(base: all.base, phaseOne: [], runs: [])
    #expect(table(nothing).rows.count == 1)
  }

  @Test func columnsOfTheTextLineUp() {
    let lines = table(comparison()).text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(lines[2].hasPrefix("grpo "))
    #expect(lines[2].hasSuffix(" 31"))
  }

  @Test func markdownHasTheSameCells() {
    let lines = table(comparison()).markdown.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1] == "| --- |" + String(repeating: " ---: |", count: 12))
    #expect(lines[3] == "| " + expected[1].joined(separator: " | ") + " |")
  }
}
