import Settings

/// Rewards compared within the group: GRPO (arXiv 2402.03300, section 4.1.2) and its variants.
public struct GroupAdvantage: AdvantageEstimator {
  /// What the centred reward is divided by.
  public let scale: AdvantageScale
  /// How deviations are computed.
  public let deviation: DeviationKind
  /// What is added to a deviation.
  public let epsilon: Double

  /// A deviation below this is the rounding noise of equal rewards.
  static let noise = 1e-12

  /// An estimator.
  public init(scale: AdvantageScale, deviation: DeviationKind, epsilon: Double) {
    self.scale = scale
    self.deviation = deviation
    self.epsilon = epsilon
  }

  /// None.
  public var columns: Set<BatchColumn> { [] }

  /// One value a row.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    Advantages(advantages(rewards: rewards, groupIDs: batch.groupIDs))
  }

  /// `[B]` advantages; 0 in a group of one and in a group of equal rewards.
  public func advantages(rewards: [Double], groupIDs: [Int]) -> [Double] {
    precondition(rewards.count == groupIDs.count, "every reward needs a group id")
    var advantages = [Double](repeating: 0, count: rewards.count)
    for (group, factor) in factors(rewards: rewards, groupIDs: groupIDs) {
      let mean = group.rows.reduce(0) { $0 + rewards[$1] } / Double(group.rows.count)
      for row in group.rows { advantages[row] = (rewards[row] - mean) * factor }
    }
    return advantages
  }

  /// The groups whose rewards differ, each with what its centred rewards are multiplied by.
  func factors(rewards: [Double], groupIDs: [Int]) -> [(group: Group, factor: Double)] {
    let batchDeviation = deviation.of(rewards)
    return Group.all(groupIDs).compactMap { group in
      let own = group.rows.map { rewards[$0] }
      let groupDeviation = deviation.of(own)
      if groupDeviation < Self.noise { return nil }  // not for NaN, which must show
      let factor =
        switch scale {
        case .groupStd: 1 / (groupDeviation + epsilon)
        case .batchStd: 1 / (batchDeviation + epsilon)
        case .none: 1.0
        case .rloo: Double(own.count) / Double(own.count - 1)
        }
      return (group, factor)
    }
  }
}

/// What the centred reward R - mean is divided by.
public enum AdvantageScale: String, SettingChoice {
  /// The group's standard deviation: GRPO.
  case groupStd = "group-std"
  /// The standard deviation of all rewards of the batch.
  case batchStd = "batch-std"
  /// Nothing: Dr. GRPO (arXiv 2503.20783).
  case none
  /// (n - 1) / n, which gives the reward less the mean of the others: leave one out.
  case rloo
}

/// How a standard deviation is computed.
public enum DeviationKind: String, SettingChoice {
  /// The mean square, with denominator n.
  case population
  /// Without bias in the variance, with denominator n - 1.
  case sample

  /// The standard deviation of `values`; 0 for fewer than two.
  public func of(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / (self == .population ? count : count - 1)).squareRoot()
  }
}
