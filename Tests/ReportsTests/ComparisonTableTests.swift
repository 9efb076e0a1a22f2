import Testing
import Training

@testable import Reports

@Suite struct ComparisonTableTests {
  private let expected = [
    ["base", "0.250 [0.200, 0.300]", "0.350", "64.0", "32.0", "8.00", "-", "12.5 %", "-"],
    ["grpo", "0.500 [0.450, 0.550]", "0.600", "40.0", "20.0", "5.00", "80.0", "12.5 %", "12345"],
    [
      "ws<&\"grpo\">", "0.625 [0.575, 0.675]", "0.725", "40.0", "20.0", "5.00", "80.0", "12.5 %",
      "12345",
    ],
  ]

  @Test func everyFigureHasItsCell() {
    #expect(ComparisonTable(comparison()).rows == expected)
    #expect(ComparisonTable.columns.count == expected[0].count)
  }

  @Test func seedsAreNamedWhereThereAreSeveral() {
    let names = ComparisonTable(comparison(seeds: [0, 7])).rows.map { $0[0] }
    #expect(
      names == [
        "base", "grpo (seed 0)", "ws<&\"grpo\"> (seed 0)", "grpo (seed 7)",
        "ws<&\"grpo\"> (seed 7)",
      ])
  }

  @Test func columnsOfTheTextLineUp() {
    let lines = ComparisonTable(comparison()).text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(lines[2].hasPrefix("grpo "))
    #expect(lines[2].hasSuffix(" 12345"))
  }

  @Test func markdownHasTheSameCells() {
    let lines = ComparisonTable(comparison()).markdown.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1] == "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    #expect(lines[3] == "| " + expected[1].joined(separator: " | ") + " |")
  }
}
