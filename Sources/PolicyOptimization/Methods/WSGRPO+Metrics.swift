extension WSGRPOReward {
  /// What shows whether the preference or only the length moves the reward.
  func metrics(
    _ batch: GroupBatch, steps: [Int], signal: [[Double]], terms: [Double]
  ) -> Metrics {
    let counts = steps.map(Double.init)
    let judged = signal.filter { !$0.isEmpty }.map(meanPreference)
    var metrics: Metrics = [
      "steps/mean": WeightedMetric(mean: counts),
      "steps/inside_range": WeightedMetric(
        share: steps.map { settings.minimumSteps <= $0 && $0 <= settings.maximumSteps }),
      "preference/mean": WeightedMetric(mean: judged),
      "preference/reward": WeightedMetric(mean: terms),
      "preference/length_term": WeightedMetric(mean: steps.map(lengthTerm)),
    ]
    if judged.count > 1 {
      let deviation = DeviationKind.population.of(judged)
      metrics["preference/variance"] = WeightedMetric(
        sum: deviation * deviation * Double(judged.count), weight: Double(judged.count))
    }
    metrics["preference/reward_steps_correlation"] = WeightedMetric(correlation: terms, counts)
    metrics["preference/reward_correct_correlation"] = WeightedMetric(
      correlation: terms, batch.correct.map { $0 ? 1 : 0 })
    return metrics
  }
}
