import Foundation
import Training

/// The table of a comparison: one row for the base model and one per run.
public struct ComparisonTable {
  /// The columns' titles.
  public static let columns = [
    "method", "accuracy [95 %]", "greedy", "tokens", "greedy tokens", "steps", "tokens/right",
    "cut off", "rollout tokens",
  ]

  /// The cells, row by row.
  public let rows: [[String]]

  /// The table of a result.
  public init(_ result: MethodComparison) {
    let severalSeeds = Set(result.runs.map(\.seed)).count > 1
    rows =
      [Self.row("base", result.base, rolloutTokens: nil)]
      + result.runs.map {
        Self.row(
          severalSeeds ? "\($0.name) (seed \($0.seed))" : $0.name, $0.evaluation,
          rolloutTokens: $0.rolloutTokens)
      }
  }

  private static func row(_ name: String, _ evaluation: Evaluation, rolloutTokens: Int?)
    -> [String]
  {
    let sampled = evaluation.sampled
    let greedy = evaluation.greedy
    return [
      name,
      String(
        format: "%.3f [%.3f, %.3f]", sampled.accuracy.value, sampled.accuracy.low,
        sampled.accuracy.high),
      String(format: "%.3f", greedy.accuracy.value),
      String(format: "%.1f", sampled.tokens.value),
      String(format: "%.1f", greedy.tokens.value),
      String(format: "%.2f", sampled.steps.value),
      sampled.tokensPerCorrect.map { String(format: "%.1f", $0) } ?? "-",
      String(format: "%.1f %%", sampled.truncated * 100),
      rolloutTokens.map { "\($0)" } ?? "-",
    ]
  }

  /// The table for a terminal.
  public var text: String {
    let all = [Self.columns] + rows
    let widths = Self.columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The table for a Markdown page.
  public var markdown: String {
    let rule = Self.columns.indices.map { $0 == 0 ? "---" : "---:" }
    return ([Self.columns, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  var html: String {
    let head = Self.columns.map { "<th>\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    return
      "<table><thead><tr>\(head)</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table>"
  }
}
