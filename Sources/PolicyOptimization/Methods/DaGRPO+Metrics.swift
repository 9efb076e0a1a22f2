extension PairMask {
  /// What shows how much the mask does, and whether the scores tell anything.
  func metrics(rewards: [Double], in batch: GroupBatch, removed: WeightedMetric) -> Metrics {
    var masked: [Bool] = []
    var distances: [String: [Double]] = [:]
    for group in batch.groups {
      for (place, i) in group.rows.enumerated() {
        for j in group.rows.dropFirst(place + 1) {
          if rewards[i] != rewards[j] { masked.append(!keeps(i, j)) }
          guard let distance = distance(i, j) else { continue }
          let pair =
            batch.correct[i] != batch.correct[j]
            ? "right_wrong" : batch.correct[i] ? "right_right" : "wrong_wrong"
          distances[pair, default: []].append(distance)
        }
      }
    }
    var metrics: Metrics = [
      "distinct/masked_pairs": WeightedMetric(share: masked),
      "distinct/rows_without_partner": WeightedMetric(
        share: hasPartner(rewards: rewards, in: batch.groups).map { !$0 }),
      "distinct/advantage_removed": removed,
      "distinct/unscored": WeightedMetric(share: scores.map { $0 == nil }),
    ]
    for (pair, values) in distances {
      metrics["distinct/distance_\(pair)"] = WeightedMetric(mean: values)
    }
    return metrics
  }
}
