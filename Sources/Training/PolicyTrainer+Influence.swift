import PolicyOptimization
import Rollouts
import Torch

extension PolicyTrainer {
  /// How the tokens of wrong answers move the likelihood of right ones under the policy that sampled, in
  /// the groups that have both.
  func influence(of groups: [RolloutGroup]) -> TokenInfluence {
    let lengths = groups.flatMap(\.completions).map(\.trajectory.sampledCount)
    var all = TokenInfluence(lengths: lengths)
    let estimator = configuration.method.advantage as? HiddenRewardAdvantage
    let includeSelf = estimator?.settings.anchorIncludesSelf ?? true
    var first = 0
    for group in groups {
      let correct = group.completions.map(\.verdict.correct)
      if Set(correct).count == 2 {
        let own = withoutGradients {
          activations(of: group.completions.map(\.trajectory))
            .influence(correct: correct, includeSelf: includeSelf)
        }
        for row in correct.indices {
          all.tokens[first + row] = own.tokens[row]
          all.anchors[first + row] = own.anchors[row]
        }
      }
      first += correct.count
    }
    return all
  }

  /// The hidden states and probabilities of a group's completion tokens, row after row.
  private func activations(of trajectories: [Trajectory]) -> GroupActivations {
    let tokenIDs = trajectories.map { $0.sampled($0.completionIDs) }
    let policy = model.model
    let vocabulary = Tensor(GroupActivations.vocabulary(of: tokenIDs), on: policy.device)
    var hidden: [Tensor?] = trajectories.map { _ in nil }
    for part in MicroBatches(trajectories, packing: configuration.training.packing).rows {
      let batch = TrajectoryBatch(part.map { trajectories[$0] }, device: policy.device)
      let states = batch.predictingHiddenStates(under: policy)
      var start = 0
      for (row, length) in zip(part, batch.lengths) {
        hidden[row] = states.narrow(0, from: start, count: length)
        start += length
      }
    }
    let rows = Tensor.concatenated(hidden.compactMap(\.self))
    let chunk = max(1, TrajectoryBatch.logitElements / policy.outputWeight.size(0))
    let probabilities = stride(from: 0, to: rows.size(0), by: chunk).map { start in
      let part = rows.narrow(0, from: start, count: min(chunk, rows.size(0) - start))
      let logits = policy.logits(hidden: part).to(.float32) / policyTemperature
      return (logits.indexSelect(1, vocabulary) - logits.logSumExp(1, keepDims: true)).exp()
    }
    return GroupActivations(
      tokenIDs: tokenIDs, hidden: rows, probabilities: Tensor.concatenated(probabilities))
  }

  /// The right rows of groups that also have wrong ones.
  func contestedRightRows(of rollouts: AssessedRollouts) -> [Int] {
    let groups = Dictionary(grouping: rollouts.rows.indices) { rollouts.rows[$0].group }
    func isRight(_ row: Int) -> Bool { rollouts.rows[row].completion.verdict.correct }
    return groups.values.filter { rows in rows.contains { !isRight($0) } }
      .joined().filter(isRight).sorted()
  }

  /// Lazy likelihood displacement (arXiv 2505.18830): how the update moved the mean log-probability a
  /// token of right answers, and how many of them became less likely.
  func likelihoodChange(before: [[Float]], after: [[Float]]) -> [String: Double] {
    guard !before.isEmpty else { return [:] }
    func total(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } }
    let changes = zip(before, after).map { before, after -> Double in
      (total(after) - total(before)) / Double(max(before.count, 1))
    }
    return [
      "likelihood/correct_change": changes.mean,
      "likelihood/displaced_share": changes.map { $0 < 0 ? 1 : 0 }.mean,
    ]
  }
}
