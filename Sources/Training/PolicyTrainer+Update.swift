import Foundation
import PolicyOptimization
import Rollouts
import Torch

extension PolicyTrainer {
  private typealias Row = AssessedRollouts.Row

  /// The optimizer steps on one batch of rollouts.
  func update(_ rollouts: AssessedRollouts) throws -> [String: Double] {
    let training = configuration.training
    // With one optimizer step per batch the sampled policy is the current one: the ratio is 1 by
    // construction. With several, the policy before the first is what the ratio refers to.
    let single = training.minibatches * training.epochsPerBatch == 1
    let old = single ? nil : logProbabilities(of: rollouts.rows)
    var tally = Tally()
    for epoch in 0..<training.epochsPerBatch {
      for indices in minibatches(rollouts, epoch: epoch) {
        try optimize(
          indices.map { rollouts.rows[$0] }, old: old.map { old in indices.map { old[$0] } },
          into: &tally)
      }
    }
    return tally.metrics
  }

  /// Rows by minibatch; groups stay whole.
  private func minibatches(_ rollouts: AssessedRollouts, epoch: Int) -> [[Int]] {
    let parts = configuration.training.minibatches
    if parts == 1 { return [Array(rollouts.rows.indices)] }
    let groupCount = (rollouts.rows.map(\.group).max() ?? -1) + 1
    let seed = stream.substream(UInt64(step)).bits(1 + epoch)
    let shuffled = ProblemOrder(count: groupCount, seed: seed).indices(from: 0, count: groupCount)
    let size = groupCount / parts
    return (0..<parts).map { part in
      let groups = Set(shuffled[part * size..<(part + 1) * size])
      return rollouts.rows.indices.filter { groups.contains(rollouts.rows[$0].group) }
    }
  }

  /// One optimizer step.
  private func optimize(_ rows: [Row], old: [[Float]]?, into tally: inout Tally) throws {
    let totals = StepTotals(
      rowCount: rows.count,
      tokenCount: rows.map(\.completion.trajectory.completionIDs.count).reduce(0, +),
      constantLength: configuration.rollouts.maximumCompletion)
    let parts = TrajectoryBatch.split(
      rows.map(\.completion.trajectory), tokens: configuration.training.microBatchTokens)
    if configuration.method.loss.isSeparable || parts.count == 1 {
      for part in parts {
        let batch = MicroBatch(part.map { rows[$0] }, old: old.map { old in part.map { old[$0] } })
        let loss = loss(of: batch, totals: totals, tally: &tally)
        try requireFinite(loss.item, "loss", rows)
        loss.backward()
      }
    } else {
      try coupledBackward(rows, parts: parts, old: old, totals: totals, tally: &tally)
    }
    let norm = optimizer.clipGradientNorm(to: configuration.training.maxGradientNorm)
    try requireFinite(norm, "gradient norm", rows)
    let rate = configuration.training.learningRate(at: step)
    optimizer.step(learningRate: rate)
    optimizer.clearGradients()
    tally.add("grad_norm", norm, weight: 1)
    tally.add("learning_rate", rate, weight: 1)
  }

  /// The loss of some rows, with its figures added to the tally.
  private func loss(of batch: MicroBatch, totals: StepTotals, tally: inout Tally) -> Tensor {
    let padded = TrajectoryBatch(batch.trajectories, device: model.model.device)
    let (current, entropies) = padded.logProbabilities(
      under: model.model, temperature: policyTemperature)
    tally.observe(padded, current: current, entropies: entropies, batch: batch)
    let output = configuration.method.loss(
      inputs(batch, padded, current: current), totals: totals)
    tally.add("loss", output.loss.item)
    tally.merge(output.metrics)
    return output.loss
  }

  /// A loss that couples rows: its gradient in the log-probabilities of the whole step is taken first
  /// and then carried through the model part by part, so that memory holds one part's activations.
  private func coupledBackward(
    _ rows: [Row], parts: [[Int]], old: [[Float]]?, totals: StepTotals, tally: inout Tally
  ) throws {
    let batch = MicroBatch(rows, old: old)
    let padded = TrajectoryBatch(batch.trajectories, device: model.model.device)
    let leaf = padded.padded(logProbabilities(of: rows))
    leaf.requiresGradient = true
    let output = configuration.method.loss(inputs(batch, padded, current: leaf), totals: totals)
    try requireFinite(output.loss.item, "loss", rows)
    tally.add("loss", output.loss.item)
    tally.merge(output.metrics)
    output.loss.backward()
    guard let slope = leaf.gradient else { return }
    for part in parts {
      let micro = MicroBatch(part.map { rows[$0] }, old: nil)
      let rows = TrajectoryBatch(micro.trajectories, device: model.model.device)
      let (current, entropies) = rows.logProbabilities(
        under: model.model, temperature: policyTemperature)
      tally.observe(rows, current: current, entropies: entropies, batch: micro)
      let slopes = slope.indexSelect(0, Tensor(part, on: slope.device))
        .narrow(1, from: 0, count: rows.width)
      current.backward(gradient: slopes)
    }
  }

  private func inputs(_ batch: MicroBatch, _ padded: TrajectoryBatch, current: Tensor)
    -> LossInputs
  {
    LossInputs(
      logProbabilities: current,
      oldLogProbabilities: batch.old.map(padded.padded) ?? current.detached(),
      referenceLogProbabilities: reference.map { reference in
        withoutGradients {
          padded.logProbabilities(under: reference, temperature: policyTemperature)
            .logProbabilities
        }
      },
      mask: padded.mask,
      advantages: padded.padded(batch.rows.map(\.tokenAdvantages)),
      groupIDs: batch.rows.map(\.group))
  }

  /// The log-probabilities of all rows' tokens under the current weights, on the host.
  private func logProbabilities(of rows: [Row]) -> [[Float]] {
    withoutGradients {
      var result = [[Float]](repeating: [], count: rows.count)
      let trajectories = rows.map(\.completion.trajectory)
      let tokens = configuration.training.microBatchTokens
      for part in TrajectoryBatch.split(trajectories, tokens: tokens) {
        let padded = TrajectoryBatch(part.map { trajectories[$0] }, device: model.model.device)
        let values = padded.logProbabilities(
          under: model.model, temperature: policyTemperature
        ).logProbabilities.floats
        for (place, row) in part.enumerated() {
          result[row] = Array(values[place * padded.width..<place * padded.width + padded.lengths[place]])
        }
      }
      return result
    }
  }

  /// The temperature of the distribution that is trained: the one sampled from.
  private var policyTemperature: Double {
    configuration.rollouts.temperature > 0 ? configuration.rollouts.temperature : 1
  }

  private func requireFinite(_ value: Double, _ name: String, _ rows: [Row]) throws {
    if value.isFinite { return }
    throw NonFiniteError(step: step + 1, quantity: name, value: value, rows: rows)
  }
}

/// A loss or gradient that is not finite, with the rows that gave it.
public struct NonFiniteError: Error, CustomStringConvertible {
  /// The step, from 1.
  public let step: Int
  let quantity: String
  let value: Double
  /// The offending rows.
  public let rows: [AssessedRollouts.Row]

  /// What happened and what to do.
  public var description: String {
    "step \(step): the \(quantity) is \(value). The last checkpoint is intact; lower "
      + "training.learning-rate or training.max-gradient-norm, or compute in float32"
  }
}

/// Rows that go through the model at once.
private struct MicroBatch {
  let rows: [AssessedRollouts.Row]
  let old: [[Float]]?
  var trajectories: [Trajectory] { rows.map(\.completion.trajectory) }

  init(_ rows: [AssessedRollouts.Row], old: [[Float]]?) {
    self.rows = rows
    self.old = old
  }
}

/// Figures gathered over micro-batches and optimizer steps.
private struct Tally {
  private var sums: [String: WeightedMetric] = [:]
  private var additions: [String: Double] = [:]
  private var largestGap: Double?
  private var updates = 0

  mutating func add(_ name: String, _ value: Double, weight: Double) {
    merge([name: WeightedMetric(sum: value * weight, weight: weight)])
  }

  /// A figure whose parts add up, like the loss of micro-batches.
  mutating func add(_ name: String, _ value: Double) { additions[name, default: 0] += value }

  mutating func merge(_ other: [String: WeightedMetric]) {
    sums.merge(other) { $0 + $1 }
    if other["grad_norm"] != nil { updates += 1 }
  }

  /// Entropy, and before the first update the gap between what the sampler recorded and what the
  /// trainer computes for the same tokens.
  mutating func observe(
    _ padded: TrajectoryBatch, current: Tensor, entropies: Tensor, batch: MicroBatch
  ) {
    let tokens = Double(padded.lengths.reduce(0, +))
    merge(["entropy": WeightedMetric(sum: entropies.sum().item, weight: tokens)])
    if updates == 0 {
      let recorded = padded.padded(batch.trajectories.map(\.logProbabilities))
      let gap = (current.detached().to(.float32) - recorded).abs().max().item
      largestGap = max(largestGap ?? 0, gap)
    }
  }

  var metrics: [String: Double] {
    var metrics = sums.mapValues(\.mean)
    metrics.merge(additions.mapValues { $0 / Double(max(1, updates)) }) { $1 }
    if let largestGap { metrics["sampling/max_log_probability_gap"] = largestGap }
    return metrics
  }
}
