extension HiddenRewardAdvantage {
  /// How much of the penalty is taken away, and from where.
  func metrics(_ batch: GroupBatch, selected: [[Bool]], advantages: Advantages) -> Metrics {
    let influence = batch.required(batch.influence, .influence, by: NTHR.publication)
    let groups = mixedGroups(of: batch)
    let wrong = groups.flatMap(\.rows).filter { !batch.correct[$0] }
    let thresholds = groups.compactMap { threshold($0, in: batch) }
    let before = wrong.reduce(0) { $0 + abs(advantages.rows[$1]) * Double(batch.lengths[$1]) }
    let after = wrong.reduce(0) { sum, row in
      sum + (advantages.tokens?[row] ?? []).reduce(0) { $0 + abs($1) }
    }
    var metrics: Metrics = [
      "nthr/selected_share": WeightedMetric(share: wrong.flatMap { selected[$0] }),
      "nthr/eta_mean": WeightedMetric(
        mean: groups.map { eta(correctShare: correctShare($0, batch)) }),
      "nthr/threshold_mean": WeightedMetric(mean: thresholds),
      "nthr/threshold_not_positive": WeightedMetric(share: thresholds.map { $0 <= 0 }),
      "nthr/advantage_removed": WeightedMetric(sum: before - after, weight: before),
    ]
    metrics.addQuantiles("nthr/influence", of: wrong.flatMap { influence.tokens[$0] })
    return metrics
  }
}
