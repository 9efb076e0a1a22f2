import Foundation
import Settings

/// GRPO-LEAD (arXiv 2504.09696): right answers are discounted by their length among right answers, wrong
/// ones are punished, and advantages are weighted by how hard the question is.
public struct GRPOLEAD: LengthReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "grpo-lead", title: "GRPO-LEAD", citation: "2504.09696",
    summary: "Discounts long right answers and gives hard questions more weight.")

  /// alpha.
  public var alpha = 0.05
  /// What a wrong answer earns.
  public var wrongReward = -1.0
  /// a, the weight of the easiest questions' good answers.
  public var low = 0.4
  /// b, the weight of the hardest questions' good answers.
  public var high = 1.5
  /// rho_0, the share of right answers in the middle.
  public var middle = 0.75
  /// k, how steeply the weight changes.
  public var steepness = 10.0

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<GRPOLEAD>] = [
    SettingKey("length-alpha", \.alpha, in: 0..., "discount per deviation of length"),
    SettingKey("wrong-reward", \.wrongReward, "reward of a wrong answer"),
    SettingKey("lead-a", \.low, in: 0..., "weight of easy questions (a)"),
    SettingKey("lead-b", \.high, in: 0..., "weight of hard questions (b)"),
    SettingKey("lead-rho0", \.middle, in: 0...1, "share of right answers in the middle (rho_0)"),
    SettingKey("lead-k", \.steepness, in: 0..., "how steeply the weight changes (k)"),
  ]

  // A third party's code.
  private static let epsilon = 1e-8

  /// R_i = exp(-alpha z_i) if y_i = 1, z_i = (L_i - mu_P) / (sigma_P + 1e-8), else the wrong reward.
  public func rewards(of batch: LengthBatch) -> [Double] {
    batch.perGroup { _, correct in
      let z = batch.standardised(by: correct, epsilon: Self.epsilon)
      return { row in batch.correct[row] ? exp(-alpha * z(row)) : wrongReward }
    }
  }

  /// w(p) = a + (b - a) / (1 + exp(k (p - rho_0))).
  public func weight(_ share: Double) -> Double {
    low + (high - low) / (1 + exp(steepness * (share - middle)))
  }

  /// GRPO's, weighted.
  public func advantage(_ grpo: GRPOSettings) -> any AdvantageEstimator {
    DifficultyWeightedAdvantage(base: grpo.advantage, rule: self)
  }
}

/// GRPO-LEAD's advantages: A_i w(rho) if A_i > 0, else A_i w(1 - rho), with rho = |P| / n the share of
/// right answers in the group.
public struct DifficultyWeightedAdvantage: AdvantageEstimator {
  /// What is weighted.
  public let base: GroupAdvantage
  /// Whose w.
  public let rule: GRPOLEAD

  /// What was cut off.
  public var columns: Set<BatchColumn> { base.columns.union([.faults]) }

  /// One value a row.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    var rows = base.advantages(rewards: rewards, groupIDs: batch.groupIDs)
    var weights: [Double] = []
    for group in LengthBatch(batch).groups {
      let share = Double(group.correct.count) / Double(group.rows.count)
      for row in group.rows where rows[row] != 0 {
        let weight = rule.weight(rows[row] > 0 ? share : 1 - share)
        rows[row] *= weight
        weights.append(weight)
      }
    }
    return Advantages(rows, metrics: ["length/difficulty_weight": WeightedMetric(mean: weights)])
  }
}
