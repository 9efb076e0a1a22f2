import Foundation
import Training

/// The tables of a comparison: a row for the base model and one per method, the mean over its seeds.
struct ComparisonTables {
  let base: Evaluation
  let methods: [MethodSummary]
  /// The method that others are compared with.
  let reference: String

  /// Whether the spread of training shows.
  var hasSeeds: Bool { methods.contains { $0.runs.count > 1 } }

  /// Every figure of all problems.
  var overall: Table {
    let columns: [(title: String, base: String, cell: (MethodSummary) -> String)] =
      [
        ("method", "base", \.name),
        ("accuracy [95 %]", share(base.sampled.accuracy), { share($0.accuracy) }),
        ("by seed", "-", \.accuracyRange),
        ("minus \(reference) [95 %]", "-", { $0.difference.map(signed) ?? "-" }),
      ]
      + (hasSeeds
        ? [("over seeds [95 %]", "-", { $0.differenceOverSeeds.map(bounds) ?? "-" })] : [])
      + [
        figure("greedy", "%.3f") { $0.greedy.accuracy.value },
        figure("tokens", "%.1f") { $0.sampled.tokens.value },
        figure("greedy tokens", "%.1f") { $0.greedy.tokens.value },
        figure("steps", "%.2f") { $0.sampled.steps.value },
        figure("tokens/right", "%.1f") { $0.sampled.tokensPerCorrect },
        figure("cut off", "%.1f %%") { $0.sampled.truncated * 100 },
        ("rollout tokens", "-", { String(format: "%.0f", $0.mean { Double($0.rolloutTokens) }) }),
        (
          "to \(reference)'s accuracy", "-",
          { $0.tokensToReference.map { String(format: "%.0f", $0) } ?? "-" }
        ),
        ("seconds", "-", { String(format: "%.0f", $0.mean(\.seconds)) }),
      ]
    return Table(
      columns: columns.map(\.title),
      rows: [columns.map(\.base)] + methods.map { method in columns.map { $0.cell(method) } })
  }

  /// Accuracy and tokens by difficulty; nil where the problems have one level.
  var byLevel: Table? {
    let levels = base.byLevel.keys.sorted()
    guard levels.count > 1 else { return nil }
    func row(_ name: String, _ evaluations: [Evaluation]) -> [String] {
      [name]
        + levels.map { level in
          let figures = evaluations.compactMap { $0.byLevel[level] }
          guard !figures.isEmpty else { return "-" }
          return String(
            format: "%.3f / %.1f", figures.map(\.accuracy.value).mean,
            figures.map(\.tokens.value).mean)
        }
    }
    return Table(
      columns: ["method"] + levels.map { "level \($0)" },
      rows: [row("base", [base])] + methods.map { row($0.name, $0.runs.map(\.evaluation)) })
  }

  /// A column of the mean of all evaluations that have the figure.
  private func figure(
    _ title: String, _ format: String, _ value: @escaping (Evaluation) -> Double?
  ) -> (title: String, base: String, cell: (MethodSummary) -> String) {
    func cell(_ evaluations: [Evaluation]) -> String {
      let values = evaluations.compactMap(value)
      return values.isEmpty ? "-" : String(format: format, values.mean)
    }
    return (title, cell([base]), { cell($0.runs.map(\.evaluation)) })
  }
}

extension MethodSummary {
  fileprivate var accuracyRange: String {
    let accuracies = runs.map(\.evaluation.sampled.accuracy.value)
    return accuracies.count == 1
      ? "-" : String(format: "%.3f-%.3f", accuracies.min() ?? 0, accuracies.max() ?? 0)
  }
}

private func share(_ interval: Interval) -> String {
  String(format: "%.3f [%.3f, %.3f]", interval.value, interval.low, interval.high)
}

private func signed(_ interval: Interval) -> String {
  String(format: "%+.3f ", interval.value) + bounds(interval)
}

private func bounds(_ interval: Interval) -> String {
  String(format: "[%+.3f, %+.3f]", interval.low, interval.high)
}
