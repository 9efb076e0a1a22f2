import Foundation
import Torch

extension DiscriminativeLoss {
  /// The groups of a step by class, in the order of first appearance.
  static func classes(_ inputs: LossInputs) -> [ClassifiedGroup] {
    precondition(
      inputs.advantages.size(1) == 1, "class weights are one value a row, not one a token")
    let weights = inputs.advantages.doubles
    return Group.all(inputs.groupIDs).map { ClassifiedGroup($0, weights: weights) }
  }

  /// a_i: d J / d s_i of each row `[b]` of a group with both classes: w_i for positives, -1/|N| or
  /// minus the softmax over N of s / tau for negatives.
  public func coefficients(scores: [Double], of classes: [ClassifiedGroup]) -> [Double] {
    var coefficients = [Double](repeating: 0, count: scores.count)
    for group in classes where group.isMixed {
      for (row, weight) in zip(group.positives, group.positiveWeights) {
        coefficients[row] = weight
      }
      let negatives = group.negatives.map { scores[$0] }
      let top = negatives.max() ?? 0
      let masses = negatives.map { score in
        variant == .basic ? 1 : exp((score - top) / temperature)
      }
      let total = masses.reduce(0, +)
      for (row, mass) in zip(group.negatives, masses) { coefficients[row] = -mass / total }
    }
    return coefficients
  }

  /// What shows whether the objective and the trust region do their work.
  func measured(
    _ inputs: LossInputs, scores: [Double], classes: [ClassifiedGroup], objectives: [Double],
    divergences: [Double]
  ) -> Metrics {
    let lengths = inputs.mask.to(.int64).sum(1).ints.map(Double.init)
    let coefficients = coefficients(scores: scores, of: classes)
    let mixed = classes.filter(\.isMixed)
    func sum(_ rows: [Int], _ value: (Int) -> Double) -> Double {
      rows.reduce(0) { $0 + value($1) }
    }
    func mean(_ rows: [Int], _ values: [Double]) -> Double {
      sum(rows) { values[$0] } / Double(rows.count)
    }
    /// 1 / sum of squares: how many rows carry the weight.
    func effective(_ rows: [Int]) -> Double {
      1 / sum(rows) { coefficients[$0] * coefficients[$0] }
    }
    return [
      "groups/mixed": WeightedMetric(share: classes.map(\.isMixed)),
      "discriminative/objective": WeightedMetric(mean: objectives),
      "discriminative/positive_score": WeightedMetric(
        mean: mixed.map { mean($0.positives, scores) }),
      "discriminative/negative_score": WeightedMetric(
        mean: mixed.map { mean($0.negatives, scores) }),
      "discriminative/effective_positives": WeightedMetric(
        mean: mixed.map { effective($0.positives) }),
      "discriminative/effective_negatives": WeightedMetric(
        mean: mixed.map { effective($0.negatives) }),
      "discriminative/positive_length": WeightedMetric(
        mean: mixed.map { mean($0.positives, lengths) }),
      "discriminative/weighted_positive_length": WeightedMetric(
        mean: mixed.map { group in sum(group.positives) { coefficients[$0] * lengths[$0] } }),
      "trust_region/divergence": WeightedMetric(mean: divergences),
      "trust_region/violated": WeightedMetric(share: divergences.map { $0 > trustRegion.delta }),
      "trust_region/slope": WeightedMetric(mean: divergences.map(trustRegion.slope)),
    ]
  }
}
