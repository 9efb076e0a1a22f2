import PolicyOptimization
import Rollouts
import Torch

/// Figures gathered over the micro-batches and optimizer steps of one batch of rollouts.
struct UpdateTally {
  private var means: PolicyOptimization.Metrics = [:]
  private var loss = 0.0
  private var largestGap: Double?
  private var updates = 0

  /// A part of a step's loss: parts add up.
  mutating func add(loss: Double, metrics: PolicyOptimization.Metrics) {
    self.loss += loss
    means.add(metrics)
  }

  /// How densely an update's rows lie in its micro-batches.
  mutating func observe(_ plan: MicroBatches) {
    means.add(["packing/fill": WeightedMetric(sum: plan.fill, weight: 1)])
  }

  /// Entropy, and before the first update the gap between what the sampler recorded and what the
  /// trainer computes for the same tokens.
  mutating func observe(
    _ batch: TrajectoryBatch, current: Tensor, entropies: Tensor, recorded: [[Float]]
  ) {
    let tokens = Double(batch.lengths.reduce(0, +))
    means.add(["entropy": WeightedMetric(sum: entropies.sum().item, weight: tokens)])
    if updates == 0 {
      let gap = (current.detached().to(.float32) - batch.padded(recorded)).abs().max().item
      largestGap = max(largestGap ?? 0, gap)
    }
  }

  /// - Parameter auditedNorm: the gradient's norm without pruning, where it was measured.
  mutating func finishUpdate(
    gradientNorm: Double, learningRate: Double, auditedNorm: Double? = nil
  ) {
    updates += 1
    if let auditedNorm, auditedNorm > 0 {
      means.add([
        "pruning/gradient_norm_ratio": WeightedMetric(sum: gradientNorm / auditedNorm, weight: 1)
      ])
    }
    means.add([
      "grad_norm": WeightedMetric(sum: gradientNorm, weight: 1),
      "learning_rate": WeightedMetric(sum: learningRate, weight: 1),
    ])
  }

  /// The figures by their record names.
  var metrics: [String: Double] {
    var metrics = means.mapValues(\.mean)
    metrics["loss"] = loss / Double(max(1, updates))
    if let largestGap { metrics["sampling/max_log_probability_gap"] = largestGap }
    return metrics
  }
}
