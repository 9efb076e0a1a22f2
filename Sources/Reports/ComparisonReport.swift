import Foundation
import Training

/// A comparison's result in the forms that are read: tables, a plot, a page.
public struct ComparisonReport {
  private let result: MethodComparison
  private let title: String
  private let command: String
  private let tables: ComparisonTables

  /// - Parameters:
  ///   - command: what was run, to be shown on the page.
  ///   - reference: the contender that others are compared with; nil: `grpo`, or the first where there
  ///     is no such.
  public init(
    _ result: MethodComparison, title: String, command: String, reference: String? = nil
  ) {
    self.result = result
    self.title = title
    self.command = command
    let reference = reference ?? MethodSummary.reference(result)
    tables = ComparisonTables(
      base: result.base, methods: MethodSummary.all(result, reference: reference),
      reference: reference ?? "-")
  }

  /// A row for the base model and one per method.
  public var table: Table { tables.overall }

  /// The tables as a Markdown page has them.
  public var markdown: String {
    [tables.overall, tables.byLevel].compactMap { $0?.markdown }.joined(separator: "\n\n") + "\n"
  }

  /// The page as HTML. It stands alone, without scripts or anything from elsewhere.
  public var html: String {
    ComparisonPage(
      result: result, tables: tables, frontier: frontier, title: title, command: command
    ).html
  }

  /// Held-out accuracy by length as one drawing, a dot per method: up and to the left is better.
  public var plot: String { frontier.svg }

  /// Writes `report.html`, `table.md` and `frontier.svg`.
  ///
  /// - Returns: the page's file.
  /// - Throws: file errors.
  public func write(to folder: URL) throws -> URL {
    let page = folder.appending(path: "report.html")
    for (name, text) in [
      ("report.html", html), ("table.md", markdown), ("frontier.svg", plot),
    ] {
      try AtomicFile.write(Data(text.utf8), to: folder.appending(path: name))
    }
    return page
  }

  private var frontier: ScatterPlot {
    let base = result.base.sampled
    let methods = tables.methods.enumerated().map { index, method in
      ScatterPlot.Item(
        name: method.name, color: LineStyle(index).color,
        center: (method.mean(\.evaluation.sampled.tokens.value), method.accuracy.value),
        interval: (method.accuracy.low, method.accuracy.high),
        points: method.runs.map {
          ($0.evaluation.sampled.tokens.value, $0.evaluation.sampled.accuracy.value)
        })
    }
    return ScatterPlot(
      title: "Held-out accuracy by length, sampled", xLabel: "tokens", yLabel: "accuracy",
      items: [
        ScatterPlot.Item(
          name: "base", color: "#888888", center: (base.tokens.value, base.accuracy.value),
          interval: (base.accuracy.low, base.accuracy.high), points: [])
      ] + methods)
  }
}
