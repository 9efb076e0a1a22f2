import Foundation
import Models
import PolicyOptimization
import Rollouts
import Torch

extension PolicyTrainer {
  /// The optimizer steps on one batch of rollouts.
  func update(_ rollouts: AssessedRollouts) throws -> [String: Double] {
    let training = configuration.training
    // With one optimizer step per batch the sampled policy is the current one: the ratio is 1 by
    // construction. With several, the policy before the first is what the ratio refers to.
    let single = training.minibatches * training.epochsPerBatch == 1
    let old = single ? nil : logProbabilities(of: Array(rollouts.rows.indices), in: rollouts)
    let contested = training.measuresLikelihoodChange ? contestedRightRows(of: rollouts) : []
    let before = logProbabilities(of: contested, in: rollouts)
    var tally = UpdateTally()
    for epoch in 0..<training.epochsPerBatch {
      for rows in minibatches(rollouts, epoch: epoch) {
        try optimize(rows, of: rollouts, old: old, into: &tally)
      }
    }
    let after = logProbabilities(of: contested, in: rollouts)
    return tally.metrics.merging(likelihoodChange(before: before, after: after)) { $1 }
  }

  /// Rows by minibatch; groups stay whole.
  private func minibatches(_ rollouts: AssessedRollouts, epoch: Int) -> [[Int]] {
    let parts = configuration.training.minibatches
    if parts == 1 { return [Array(rollouts.rows.indices)] }
    let groupCount = (rollouts.rows.map(\.group).max() ?? -1) + 1
    let seed = stream.substream(UInt64(step)).bits(1 + epoch)
    let shuffled = ProblemOrder(count: groupCount, seed: seed).indices(from: 0, count: groupCount)
    // Fewer groups than configured can be left by dynamic sampling: parts then differ by one.
    return (0..<parts).compactMap { part in
      let range = part * groupCount / parts..<(part + 1) * groupCount / parts
      let groups = Set(shuffled[range])
      return groups.isEmpty
        ? nil : rollouts.rows.indices.filter { groups.contains(rollouts.rows[$0].group) }
    }
  }

  /// One optimizer step on `rows`.
  private func optimize(
    _ rows: [Int], of rollouts: AssessedRollouts, old: [[Float]]?, into tally: inout UpdateTally
  ) throws {
    let lengths = rows.map { rollouts.rows[$0].completion.trajectory.sampledCount }
    let totals = StepTotals(
      rowCount: rows.count, tokenCount: lengths.reduce(0, +),
      groupCount: Set(rows.map { rollouts.rows[$0].group }).count,
      maxCompletion: configuration.rollouts.maximumCompletion)
    let audited = try rollouts.audited.map { audited in
      var aside = UpdateTally()
      try backward(rows, of: audited, old: old, totals: totals, into: &aside)
      defer { optimizer.clearGradients() }
      return optimizer.clipGradientNorm(to: nil)
    }
    try backward(rows, of: rollouts, old: old, totals: totals, into: &tally)
    let norm = optimizer.clipGradientNorm(to: configuration.training.maxGradientNorm)
    try requireFinite(norm, "gradient norm", rows, of: rollouts)
    let rate = configuration.training.learningRate(at: step)
    optimizer.step(learningRate: rate)
    optimizer.clearGradients()
    tally.finishUpdate(gradientNorm: norm, learningRate: rate, auditedNorm: audited)
  }

  /// Adds the gradient of the loss of `rows`.
  private func backward(
    _ rows: [Int], of rollouts: AssessedRollouts, old: [[Float]]?, totals: StepTotals,
    into tally: inout UpdateTally
  ) throws {
    let passed = loss.isSeparable ? weighted(rows, of: rollouts) : rows
    let plan = MicroBatches(
      passed.map { rollouts.rows[$0].completion.trajectory },
      packing: configuration.training.packing)
    let parts = plan.rows.map { $0.map { passed[$0] } }
    tally.observe(plan)
    if loss.isSeparable || parts.count == 1 {
      for part in parts {
        let (batch, current) = try forward(part, of: rollouts, into: &tally)
        let reference = reference.map { reference in
          withoutGradients {
            reference.withoutAdapter {
              batch.logProbabilities(under: reference, temperature: policyTemperature)
                .logProbabilities
            }
          }
        }
        let output = loss(
          try inputs(
            part, of: rollouts, batch, current: current, old: old, reference: reference),
          totals: totals)
        try add(output, rows: part, of: rollouts, to: &tally)
        output.loss.backward()
      }
    } else {
      try coupledBackward(rows, parts: parts, of: rollouts, old: old, totals: totals, into: &tally)
    }
  }

  /// The rows that have a weight in the loss: the others would pass through the model for nothing. All
  /// where none has one, so that the step still is one.
  private func weighted(_ rows: [Int], of rollouts: AssessedRollouts) -> [Int] {
    guard let weights = rollouts.credit.advantages.rowWeights else { return rows }
    let weighted = rows.filter { weights[$0] != 0 }
    return weighted.isEmpty ? rows : weighted
  }

  /// A loss that couples rows: its gradient in the log-probabilities of the whole step is taken first
  /// and then carried through the model part by part, so that memory holds one part's activations.
  private func coupledBackward(
    _ rows: [Int], parts: [[Int]], of rollouts: AssessedRollouts, old: [[Float]]?,
    totals: StepTotals, into tally: inout UpdateTally
  ) throws {
    let whole = trajectoryBatch(rows, of: rollouts)
    let current = whole.padded(logProbabilities(of: rows, in: rollouts))
    let reference = reference.map { reference in
      reference.withoutAdapter {
        whole.padded(logProbabilities(of: rows, in: rollouts, under: reference))
      }
    }
    let (output, slope) = loss.gradient(
      at: try inputs(
        rows, of: rollouts, whole, current: current, old: old, reference: reference),
      totals: totals)
    try add(output, rows: rows, of: rollouts, to: &tally)
    let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    for part in parts {
      let (batch, current) = try forward(part, of: rollouts, into: &tally)
      let index = Tensor(part.compactMap { place[$0] }, on: slope.device)
      current.backward(
        gradient: slope.indexSelect(0, index).narrow(1, from: 0, count: batch.width))
    }
  }

  /// The log-probabilities of some rows' tokens `[b, T]`, with gradient.
  private func forward(
    _ rows: [Int], of rollouts: AssessedRollouts, into tally: inout UpdateTally
  ) throws -> (batch: TrajectoryBatch, logProbabilities: Tensor) {
    let batch = trajectoryBatch(rows, of: rollouts)
    func pass() -> (logProbabilities: Tensor, entropies: Tensor) {
      batch.logProbabilities(under: model.model, temperature: policyTemperature)
    }
    let (current, entropies) = model.model.withAdapterDropout(from: dropout, pass)
    // Nothing was dropped in sampling: figures that refer to it are those of a pass without dropout.
    let whole = dropout == nil ? (current, entropies) : withoutGradients(pass)
    tally.observe(
      batch, current: whole.0, entropies: whole.1,
      recorded: rows.map { rollouts.rows[$0].completion.trajectory.logProbabilities })
    return (batch, current)
  }

  private func inputs(
    _ rows: [Int], of rollouts: AssessedRollouts, _ batch: TrajectoryBatch, current: Tensor,
    old: [[Float]]?, reference: Tensor?
  ) throws -> LossInputs {
    try rollouts.credit.lossInputs(
      rows: rows, logProbabilities: current,
      oldLogProbabilities: old.map { old in batch.padded(rows.map { old[$0] }) }
        ?? current.detached(),
      referenceLogProbabilities: reference, mask: batch.mask)
  }

  /// The log-probabilities of `rows`' tokens under the current weights, or those of `other`, on the host.
  func logProbabilities(
    of rows: [Int], in rollouts: AssessedRollouts, under other: CausalLanguageModel? = nil
  ) -> [[Float]] {
    logProbabilities(of: rows.map { rollouts.rows[$0].completion.trajectory }, under: other)
  }

  /// The log-probabilities of completions' tokens under the current weights, or those of `other`, on the
  /// host.
  func logProbabilities(
    of trajectories: [Trajectory], under other: CausalLanguageModel? = nil
  ) -> [[Float]] {
    withoutGradients {
      var result = [[Float]](repeating: [], count: trajectories.count)
      for part in MicroBatches(trajectories, packing: configuration.training.packing).rows {
        let batch = TrajectoryBatch(part.map { trajectories[$0] }, device: model.model.device)
        let values = batch.logProbabilities(
          under: other ?? model.model, temperature: policyTemperature
        ).logProbabilities.floats
        for (place, row) in part.enumerated() {
          let start = place * batch.width
          result[row] = Array(values[start..<start + batch.lengths[place]])
        }
      }
      return result
    }
  }

  private func trajectoryBatch(_ rows: [Int], of rollouts: AssessedRollouts) -> TrajectoryBatch {
    TrajectoryBatch(
      rows.map { rollouts.rows[$0].completion.trajectory }, device: model.model.device)
  }

  /// The temperature of the distribution that is trained: the one sampled from.
  var policyTemperature: Double {
    configuration.rollouts.temperature > 0 ? configuration.rollouts.temperature : 1
  }

  private func add(
    _ output: LossOutputs, rows: [Int], of rollouts: AssessedRollouts, to tally: inout UpdateTally
  ) throws {
    let loss = output.loss.item
    try requireFinite(loss, "loss", rows, of: rollouts)
    tally.add(loss: loss, metrics: output.metrics)
    adaptLoss(output.memory)
  }

  private func requireFinite(
    _ value: Double, _ name: String, _ rows: [Int], of rollouts: AssessedRollouts
  ) throws {
    if value.isFinite { return }
    throw NonFiniteError(
      step: step + 1, quantity: name, value: value, rows: rows.map { rollouts.rows[$0] })
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
    "step \(step): the \(quantity) is \(value). The last checkpoint is intact and the rows are in "
      + "failed-batch.jsonl; lower training.learning-rate or training.max-gradient-norm, or compute "
      + "in float32 (model.precision)"
  }
}
