extension EntityReward {
  /// What shows whether the match rate says something about right answers.
  func metrics(
    _ batch: GroupBatch, rates: [Double], rewards: [Double], alpha: Double
  ) -> Metrics {
    let faults = batch.required(batch.faults, .faults, by: EGRPO.publication)
    let rows = batch.groupIDs.indices
    let allWrong = batch.groups.filter { group in !group.rows.contains { batch.correct[$0] } }
    var metrics: Metrics = [
      "entities/match_rate_correct": WeightedMetric(
        mean: rows.filter { batch.correct[$0] }.map { rates[$0] }),
      "entities/match_rate_wrong": WeightedMetric(
        mean: rows.filter { !batch.correct[$0] }.map { rates[$0] }),
      "entities/all_wrong_with_gradient": WeightedMetric(
        share: allWrong.map { group in
          DeviationKind.population.of(group.rows.map { rewards[$0] }) >= GroupAdvantage.noise
        }),
      "entities/format_errors": WeightedMetric(share: faults.map { $0 == .format }),
      "entities/overlong": WeightedMetric(share: faults.map { $0 == .overlong }),
      "entities/alpha": WeightedMetric(sum: alpha, weight: 1),
    ]
    metrics["entities/match_rate_correct_correlation"] = WeightedMetric(
      correlation: rates, batch.correct.map { $0 ? 1 : 0 })
    return metrics
  }
}
