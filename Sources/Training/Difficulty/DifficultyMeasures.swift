import PolicyOptimization

/// How well expected accuracies foretell observed ones.
enum DifficultyMeasures {
  /// Measures of some prompts, from what was expected before their rollouts were learned from.
  ///
  /// - Parameter gap: accuracies that differ by no more are not ranked.
  static func metrics(
    expected: [Double], accuracies: [Double], gap: Double
  ) -> PolicyOptimization.Metrics {
    let pairs = accuracies.indices.flatMap { i in
      accuracies.indices.filter { accuracies[i] > accuracies[$0] + gap }.map { (i, $0) }
    }
    // A group that is all right or all wrong should look near 0 or 1.
    let isDegenerate = accuracies.map { $0 <= 0 || $0 >= 1 }
    let extremity = expected.map { abs($0 - 0.5) }
    var metrics: PolicyOptimization.Metrics = [
      "difficulty/expected_accuracy": WeightedMetric(mean: expected),
      "difficulty/calibration_error": WeightedMetric(
        mean: zip(expected, accuracies).map { abs($0 - $1) }),
      "difficulty/degenerate_share": WeightedMetric(share: isDegenerate),
    ]
    if !pairs.isEmpty {
      metrics["difficulty/rank_accuracy"] = WeightedMetric(
        mean: pairs.map { won(expected[$0], over: expected[$1]) })
    }
    let positives = extremity.indices.filter { isDegenerate[$0] }
    let negatives = extremity.indices.filter { !isDegenerate[$0] }
    if !positives.isEmpty, !negatives.isEmpty {
      metrics["difficulty/degenerate_auc"] = WeightedMetric(
        mean: positives.flatMap { positive in
          negatives.map { won(extremity[positive], over: extremity[$0]) }
        })
    }
    return metrics
  }

  /// 1 where the left is larger, 1/2 for a tie.
  private static func won(_ left: Double, over right: Double) -> Double {
    left > right ? 1 : left == right ? 0.5 : 0
  }
}
