import Foundation
import Training

/// The table of a comparison: one row for the base model and one per method, the mean over its seeds.
public struct ComparisonTable {
  /// The columns' titles.
  public let columns: [String]
  /// The cells, row by row.
  public let rows: [[String]]

  /// The table of a result.
  public init(_ result: MethodComparison) {
    let reference = MethodSummary.reference(result) ?? "-"
    columns = [
      "method", "accuracy [95 %]", "by seed", "minus \(reference) [95 %]", "greedy", "tokens",
      "greedy tokens", "steps", "tokens/right", "cut off", "rollout tokens",
      "to \(reference)'s accuracy", "seconds",
    ]
    rows = [Self.base(result.base)] + MethodSummary.all(result).map(Self.row)
  }

  private static func base(_ evaluation: Evaluation) -> [String] {
    ["base", share(evaluation.sampled.accuracy), "-", "-"] + figures([evaluation])
      + ["-", "-", "-"]
  }

  private static func row(_ method: MethodSummary) -> [String] {
    let accuracies = method.runs.map(\.evaluation.sampled.accuracy.value)
    let range =
      accuracies.count == 1
      ? "-" : String(format: "%.3f-%.3f", accuracies.min() ?? 0, accuracies.max() ?? 0)
    let difference = method.difference.map {
      String(format: "%+.3f [%+.3f, %+.3f]", $0.value, $0.low, $0.high)
    }
    return [method.name, share(method.accuracy), range, difference ?? "-"]
      + figures(method.runs.map(\.evaluation)) + [
        String(format: "%.0f", method.mean { Double($0.rolloutTokens) }),
        method.tokensToReference.map { String(format: "%.0f", $0) } ?? "-",
        String(format: "%.0f", method.mean(\.seconds)),
      ]
  }

  private static func share(_ interval: Interval) -> String {
    String(format: "%.3f [%.3f, %.3f]", interval.value, interval.low, interval.high)
  }

  /// The cells from the greedy accuracy to the share of cut-off completions, each the mean of all
  /// evaluations that have the figure.
  private static func figures(_ evaluations: [Evaluation]) -> [String] {
    func cell(_ format: String, _ figure: (Evaluation) -> Double?) -> String {
      let values = evaluations.compactMap(figure)
      return values.isEmpty ? "-" : String(format: format, values.mean)
    }
    return [
      cell("%.3f") { $0.greedy.accuracy.value }, cell("%.1f") { $0.sampled.tokens.value },
      cell("%.1f") { $0.greedy.tokens.value }, cell("%.2f") { $0.sampled.steps.value },
      cell("%.1f") { $0.sampled.tokensPerCorrect },
      cell("%.1f %%") { $0.sampled.truncated * 100 },
    ]
  }

  /// The table for a terminal.
  public var text: String {
    let all = [columns] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The table for a Markdown page.
  public var markdown: String {
    let rule = columns.indices.map { $0 == 0 ? "---" : "---:" }
    return ([columns, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  var html: String {
    let head = columns.map { "<th>\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    return
      "<table><thead><tr>\(head)</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table>"
  }
}
