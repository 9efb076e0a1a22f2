/// How a method turns outcomes into rewards.
public protocol RewardShaping: Sendable {
  /// The optional columns of the batch that `shape` reads.
  var columns: Set<BatchColumn> { get }
  /// The rewards of all rows. Traps when a column of `columns` is missing.
  func shape(_ batch: GroupBatch) -> ShapedRewards
  /// Refuses settings that do not fit the longest completion that sampling allows, in tokens.
  ///
  /// - Throws: `SettingError` naming the key and the nearest valid value.
  func validate(maxCompletion: Int) throws
}

extension RewardShaping {
  /// Accepts every length.
  public func validate(maxCompletion: Int) throws {}
}

/// Rewards after shaping.
public struct ShapedRewards: Sendable {
  /// `[B]` what the advantages are computed from.
  public var rewards: [Double]
  /// `[B][length]` what is added to the advantage of each counted token, where a method has such terms.
  public var tokenTerms: [[Double]]?
  /// What the shaping measured.
  public var metrics: Metrics

  /// Rewards without further terms.
  public init(_ rewards: [Double], tokenTerms: [[Double]]? = nil, metrics: Metrics = [:]) {
    self.rewards = rewards
    self.tokenTerms = tokenTerms
    self.metrics = metrics
  }
}

/// Rewards that have nothing to do with a method: they are added to what it makes of the outcomes.
public struct AddedRewards: Sendable, Equatable {
  /// What the method's own rewards are multiplied by.
  public let shapedWeight: Double
  /// `[B]` what is added to them.
  public let terms: [Double]

  /// `terms`, one for each row.
  public init(shapedWeight: Double, terms: [Double]) {
    self.shapedWeight = shapedWeight
    self.terms = terms
  }

  /// The sums.
  func added(to rewards: [Double]) -> [Double] {
    precondition(rewards.count == terms.count, "\(terms.count) terms for \(rewards.count) rewards")
    return zip(rewards, terms).map { shapedWeight * $0 + $1 }
  }
}

/// The reward is the outcome's, as verified.
public struct OutcomeReward: RewardShaping {
  /// The default shaping.
  public init() {}

  /// None.
  public var columns: Set<BatchColumn> { [] }

  /// The batch's own rewards.
  public func shape(_ batch: GroupBatch) -> ShapedRewards { ShapedRewards(batch.rewards) }
}
