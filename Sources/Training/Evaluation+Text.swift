import Foundation

extension Evaluation {
  /// A table for people.
  public var text: String {
    var lines = [
      "\(problems) problems, \(samples) samples at temperature \(temperature)",
      "             accuracy [95 %]          tokens [95 %]         steps   tokens/right  cut off",
      row("sampled", sampled), row("greedy", greedy),
    ]
    for level in byLevel.keys.sorted() {
      if let figures = byLevel[level] { lines.append(row("  level \(level)", figures)) }
    }
    let chances = passAtK.keys.sorted().filter { $0.nonzeroBitCount == 1 || $0 == samples }
      .map { String(format: "pass@%d %.3f", $0, passAtK[$0] ?? 0) }
    lines.append(chances.joined(separator: "  "))
    return lines.joined(separator: "\n")
  }

  private func row(_ name: String, _ figures: Figures) -> String {
    let perCorrect = figures.tokensPerCorrect.map { String(format: "%.1f", $0) } ?? "-"
    return name.padding(toLength: 11, withPad: " ", startingAt: 0)
      + String(
        format: "  %.3f [%.3f, %.3f]    %6.1f [%.1f, %.1f]   %5.2f   ",
        figures.accuracy.value, figures.accuracy.low, figures.accuracy.high, figures.tokens.value,
        figures.tokens.low, figures.tokens.high, figures.steps.value)
      + perCorrect.padding(toLength: 12, withPad: " ", startingAt: 0)
      + String(format: "  %.1f %%", figures.truncated * 100)
  }
}
