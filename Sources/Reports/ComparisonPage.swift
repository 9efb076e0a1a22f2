import Foundation
import PrefixPreference
import Training

/// The page of a comparison: the table, curves over training, and what was generated. It stands alone,
/// without scripts or anything from elsewhere.
public struct ComparisonPage {
  private let result: MethodComparison
  private let title: String
  private let command: String

  /// - Parameter command: what was run, to be shown on the page.
  public init(_ result: MethodComparison, title: String, command: String) {
    self.result = result
    self.title = title
    self.command = command
  }

  // Distinguishable by most colour-blind readers (Okabe and Ito 2008).
  private static let colors = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]

  private var names: [String] {
    result.runs.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func color(_ name: String) -> String {
    Self.colors[(names.firstIndex(of: name) ?? 0) % Self.colors.count]
  }

  /// The page as HTML.
  public var html: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222 }
    h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums }
    th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap }
    th:first-child, td:first-child { text-align: left } thead th { border-bottom: 2px solid #888 }
    .scroll { overflow-x: auto }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 36rem)); gap: 1rem }
    svg { width: 100%; background: #fafafa; border: 1px solid #eee }
    svg text { font-size: 11px; fill: #444 } svg .title { font-size: 13px; font-weight: 600 }
    svg .grid { stroke: #e4e4e4 }
    .legend span { display: inline-block; margin-right: 1.2rem }
    .legend i { display: inline-block; width: 1.4rem; height: .25rem; vertical-align: middle; margin-right: .4rem }
    code { background: #f2f2f2; padding: .1rem .3rem }
    </style></head><body>
    <h1>\(escaped(title))</h1>
    <p>Held-out problems: \(result.base.problems), \(result.base.samples) samples each at temperature \
    \(result.base.temperature). Made by <code>\(escaped(command))</code>. Intervals are over problems; \
    differences are taken problem by problem and seed by seed.</p>
    <div class="scroll">\(ComparisonTable(result).html)</div>
    \(phaseOne)
    <h2>Accuracy and length</h2>
    <div class="plots">\(frontier.svg)</div>
    <h2>Over training</h2>
    <p class="legend">\(legend)</p>
    <div class="plots">
    \(plots.map(\.svg).joined(separator: "\n"))
    </div>
    \(levels)
    </body></html>

    """
  }

  private var legend: String {
    names.map { "<span><i style=\"background:\(color($0))\"></i>\(escaped($0))</span>" }.joined()
  }

  private var plots: [LinePlot] {
    func series(_ points: (MethodComparison.Run) -> [(x: Double, y: Double)]) -> [LinePlot.Series] {
      result.runs.map {
        LinePlot.Series(name: $0.name, color: color($0.name), points: points($0))
      }
    }
    func heldOut(_ base: Double, _ value: @escaping (Evaluation.Point) -> Double)
      -> [LinePlot.Series]
    {
      series { run in [(0, base)] + run.curve.map { (Double($0.step), value($0)) } }
    }
    let base = result.base.sampled
    return [
      LinePlot(
        title: "Held-out accuracy, sampled", xLabel: "step", yLabel: "accuracy",
        series: heldOut(base.accuracy.value, \.accuracy)),
      LinePlot(
        title: "Held-out length, sampled", xLabel: "step", yLabel: "tokens",
        series: heldOut(base.tokens.value, \.tokens), startsAtZero: true),
      LinePlot(
        title: "Rollout accuracy", xLabel: "step", yLabel: "accuracy",
        series: series { $0.rollouts.map { (Double($0.step), $0.accuracy) } }),
      LinePlot(
        title: "Rollout length", xLabel: "step", yLabel: "tokens",
        series: series { $0.rollouts.map { (Double($0.step), $0.length) } }, startsAtZero: true),
    ]
  }

  /// Every run as a point: up and to the left is better.
  private var frontier: LinePlot {
    let base = result.base.sampled
    let runs = result.runs.map { run in
      let figures = run.evaluation.sampled
      return LinePlot.Series(
        name: run.name, color: color(run.name),
        points: [(figures.tokens.value, figures.accuracy.value)])
    }
    return LinePlot(
      title: "Held-out accuracy by length, sampled", xLabel: "tokens", yLabel: "accuracy",
      series: [
        LinePlot.Series(
          name: "base", color: "#888888", points: [(base.tokens.value, base.accuracy.value)])
      ] + runs)
  }

  private var phaseOne: String {
    result.phaseOne.map { phase in
      "<h2>Phase I: the preference model of \(escaped(phase.names.joined(separator: ", ")))</h2>"
        + "<pre>\(escaped(phase.report.text))</pre>"
    }.joined(separator: "\n")
  }

  private var levels: String {
    let levels = result.base.byLevel.keys.sorted()
    guard levels.count > 1 else { return "" }
    let head = levels.map { "<th>level \($0)</th>" }.joined()
    let rows =
      [("base", [result.base])]
      + MethodSummary.all(result).map { ($0.name, $0.runs.map(\.evaluation)) }
    let body = rows.map { name, evaluations in
      let cells = levels.map { level in
        let figures = evaluations.compactMap { $0.byLevel[level] }
        guard !figures.isEmpty else { return "<td>-</td>" }
        return String(
          format: "<td>%.3f / %.1f</td>", figures.map(\.accuracy.value).mean,
          figures.map(\.tokens.value).mean)
      }
      return "<tr><td>\(escaped(name))</td>\(cells.joined())</tr>"
    }
    return """
      <h2>By difficulty: accuracy / tokens</h2>
      <div class="scroll"><table><thead><tr><th>method</th>\(head)</tr></thead>
      <tbody>\(body.joined(separator: "\n"))</tbody></table></div>
      """
  }
}
