extension ModeReward {
  /// How often and how well each mode is chosen.
  func metrics(_ batch: GroupBatch, rewards: [Double]) -> Metrics {
    let modes = batch.required(batch.modes, .modes, by: HiPO.publication)
    let rows = batch.groupIDs.indices
    func thinks(_ rows: [Int]) -> WeightedMetric {
      WeightedMetric(share: rows.filter { modes[$0] != .invalid }.map { modes[$0] == .on })
    }
    var metrics: Metrics = [
      "modes/think_rate": thinks(Array(rows)),
      "modes/think_rate_correct": thinks(rows.filter { batch.correct[$0] }),
      "modes/think_rate_wrong": thinks(rows.filter { !batch.correct[$0] }),
      "modes/invalid_rate": WeightedMetric(share: modes.map { $0 == .invalid }),
      "modes/bonus_share": WeightedMetric(
        share: batch.groups.map {
          ModeAdvantage(settings).statistics(of: $0, rewards: rewards, modes: modes).hasBonus
        }),
    ]
    for mode in [CompletionMode.on, .off] {
      let own = rows.filter { modes[$0] == mode }
      let name = "modes/\(mode.rawValue)"
      metrics["\(name)_reward"] = WeightedMetric(mean: own.map { rewards[$0] })
      metrics["\(name)_accuracy"] = WeightedMetric(share: own.map { batch.correct[$0] })
      metrics["\(name)_tokens"] = WeightedMetric(mean: own.map { Double(batch.lengths[$0]) })
    }
    let (judge, answer) = ModeAdvantage(settings).segments(of: rewards, in: batch)
    metrics["modes/judge_advantage"] = WeightedMetric(mean: judge.map(abs))
    metrics["modes/answer_advantage"] = WeightedMetric(mean: answer.map(abs))
    return metrics
  }
}

extension Method {
  /// The texts that end the decisions to think and not to think, where the method has modes.
  public var modeTags: (on: String, off: String)? {
    (advantage as? ModeAdvantage).map { ($0.settings.onTag, $0.settings.offTag) }
  }
}
