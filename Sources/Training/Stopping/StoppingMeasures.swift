import Rollouts

/// What ending rollouts while they are sampled did to a step's completions.
///
/// What a stopped rollout would have become is not known, so that no tokens saved are claimed: the lengths
/// of stopped and of other rollouts stand beside each other, and those that were stopped are not like the
/// others.
enum StoppingMeasures {
  static func figures(_ completions: [GradedTrajectory]) -> [String: Double] {
    let stopped = completions.filter { $0.trajectory.stop != nil }
    let others = completions.filter { $0.trajectory.stop == nil }
    var figures = [
      "stopping/stopped_ratio": Double(stopped.count) / Double(max(1, completions.count)),
      "stopping/discarded_tokens": Double(
        completions.reduce(0) { $0 + ($1.trajectory.stop?.discarded ?? 0) }),
    ]
    for (name, rows) in [("stopped", stopped), ("unstopped", others)] where !rows.isEmpty {
      figures["stopping/\(name)_accuracy"] = rows.map { $0.verdict.correct ? 1 : 0 }.mean
      figures["stopping/\(name)_length"] =
        rows.map { Double($0.trajectory.completionIDs.count) }.mean
    }
    if !stopped.isEmpty {
      figures["stopping/stop_length"] =
        stopped.map { Double($0.trajectory.stop?.forced.lowerBound ?? 0) }.mean
    }
    return figures
  }
}
