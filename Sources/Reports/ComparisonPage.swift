import Foundation
import PrefixPreference
import Training

/// The page of a comparison: tables, curves over training, and phase I.
struct ComparisonPage {
  let result: MethodComparison
  let tables: ComparisonTables
  let frontier: ScatterPlot
  let title: String
  let command: String

  private var names: [String] { tables.methods.map(\.name) }

  private func style(_ name: String) -> LineStyle { LineStyle(names.firstIndex(of: name) ?? 0) }

  /// The page as HTML.
  var html: String {
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
    .plots svg { width: 100%; border: 1px solid #eee } .frontier svg { max-width: 60rem; width: 100%; border: 1px solid #eee }
    .legend span { display: inline-block; margin-right: 1.2rem }
    .legend i { display: inline-block; width: 1.8rem; vertical-align: middle; margin-right: .4rem }
    code { background: #f2f2f2; padding: .1rem .3rem }
    </style></head><body>
    <h1>\(escaped(title))</h1>
    <p>Held-out problems: \(result.base.problems), \(result.base.samples) samples each at temperature \
    \(result.base.temperature). Made by <code>\(escaped(command))</code>. Intervals are over problems; \
    differences are taken problem by problem and seed by seed\(overSeeds).</p>
    <div class="scroll">\(tables.overall.html)</div>
    <h2>Accuracy and length</h2>
    <div class="frontier">\(frontier.svg)</div>
    <h2>Over training</h2>
    <p class="legend">\(legend)</p>
    <div class="plots">
    \(plots.map(\.svg).joined(separator: "\n"))
    </div>
    \(levels)
    \(phaseOne)
    </body></html>

    """
  }

  private var overSeeds: String {
    tables.hasSeeds
      ? "; their intervals over seeds are Student's, with each seed's difference as one observation"
      : ""
  }

  private var legend: String {
    names.map { name in
      let style = style(name)
      return "<span><i style=\"border-top:.25rem \(style.border) \(style.color)\"></i>"
        + "\(escaped(name))</span>"
    }.joined()
  }

  private var plots: [LinePlot] {
    func series(_ points: (MethodComparison.Run) -> [(x: Double, y: Double)]) -> [LinePlot.Series] {
      result.runs.map {
        LinePlot.Series(name: $0.name, style: style($0.name), points: points($0))
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

  private var phaseOne: String {
    result.phaseOne.map { phase in
      "<h2>Phase I: the preference model of \(escaped(phase.names.joined(separator: ", ")))</h2>"
        + "<pre>\(escaped(phase.report.text))</pre>"
    }.joined(separator: "\n")
  }

  private var levels: String {
    tables.byLevel.map {
      "<h2>By difficulty: accuracy / tokens</h2>\n<div class=\"scroll\">\($0.html)</div>"
    } ?? ""
  }
}
