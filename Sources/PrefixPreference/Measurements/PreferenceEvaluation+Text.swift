extension PreferenceEvaluation {
  /// The measurements as a plain table.
  public var text: String {
    var lines = ["\(solutions) solutions of \(questions) questions"]
    lines += pairs.lines
    lines += [
      "  equally many steps           \(byLength.sameSteps.described("pairs"))",
      "  different numbers of steps   \(byLength.differentSteps.described("pairs"))",
      "  the longer one right         \(byLength.longerRight.described("pairs"))",
      "  the shorter one right        \(byLength.shorterRight.described("pairs"))",
      "AUC of single solutions        \(auc.map { fixed($0) } ?? "-")",
      "calibration error              \(fixed(calibration.error))",
      "",
      "by steps of the longer one     accuracy",
    ]
    lines += bySteps.map {
      "\(padded("\($0.steps)", to: 5))                          \($0.accuracy.described("pairs"))"
    }
    lines += ["", "prefixes of t steps  P(+,-)-P(-,+)     |...|  accuracy"]
    lines += prefixRanking.map {
      padded("\($0.steps)", to: 5) + padded(fixed($0.gap), to: 28)
        + padded(fixed($0.absoluteGap), to: 10)
        + "  \($0.accuracy.described("pairs"))"
    }
    lines += ["", "prefix mean p           literal  progress"]
    lines += signalRows.map { name, value in
      name.padding(to: 23) + padded(value(literal).map(Self.precise) ?? "-", to: 8)
        + padded(value(progress).map(Self.precise) ?? "-", to: 10)
    }
    if let values { lines += [""] + values.lines }
    return lines.joined(separator: "\n")
  }

  private var signalRows: [(String, (PrefixSignal) -> Double?)] {
    [
      ("mean", \.mean), ("variance", \.variance),
      ("  within questions", \.varianceWithinQuestions),
      ("correlation: steps", \.correlationWithSteps),
      ("  tokens", \.correlationWithTokens), ("  outcome", \.correlationWithOutcome),
    ]
  }

  /// Variances are small: more digits.
  private static func precise(_ value: Double) -> String { fixed(value, decimals: 4) }
}

extension PrefixValueMeasures {
  /// The measures as lines of a plain table.
  var lines: [String] {
    let along = alongSolution.map {
      "\(fixed($0.place, decimals: 2)): \($0.auc.map { fixed($0) } ?? "-")"
    }
    return [
      "prefix value, AUC by place     \(along.joined(separator: "  "))",
      "steps toward the outcome       \(monotonicity.described("steps"))",
      "  rising in right solutions    \(risingWhenRight.described("steps"))",
      "  rising in wrong solutions    \(risingWhenWrong.described("steps"))",
      "v_n - v_1, right and wrong     \(fixed(gainWhenRight))  \(fixed(gainWhenWrong))",
    ]
  }
}

extension String {
  /// The text filled up with spaces to `width` places.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
