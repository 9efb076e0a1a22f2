import Settings

/// E-GRPO (arXiv 2510.24694): a wrong answer earns a share of the reward by how many of the problem's
/// ground-truth entities its reasoning found.
public enum EGRPO {
  /// E-GRPO's paper.
  public static let publication = MethodPublication(
    name: "e-grpo", title: "E-GRPO", citation: "2510.24694",
    summary: "Rewards wrong answers by the share of ground-truth entities found while reasoning.")

  /// The method with these settings: another reward, and overlong rows out of the loss.
  public static func method(_ settings: EGRPOSettings) -> Method {
    Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(EntityReward(settings)),
      advantage: EntityAdvantage(settings),
      loss: settings.grpo.loss,
      settings: settings.settings)
  }
}

/// The entity-aware reward R.
public struct EntityReward: RewardShaping {
  /// What can be set.
  public let settings: EGRPOSettings

  /// A shaping with these settings.
  public init(_ settings: EGRPOSettings) { self.settings = settings }

  /// What was found of the entities, and what is wrong with a completion.
  public var columns: Set<BatchColumn> { [.entityMatches, .faults] }

  /// R_i = 0 with an error, 1 for a right answer, otherwise alpha ghat_i.
  public func shape(_ batch: GroupBatch) -> ShapedRewards {
    let faults = batch.required(batch.faults, .faults, by: EGRPO.publication)
    let rates = matchRates(batch)
    let shares = Self.normalised(rates, groups: batch.groups)
    let alpha = alpha(at: batch.progress)
    let rewards = batch.groupIDs.indices.map { row in
      faults[row] != .none ? 0 : batch.correct[row] ? 1 : alpha * shares[row]
    }
    return ShapedRewards(
      rewards, metrics: metrics(batch, rates: rates, rewards: rewards, alpha: alpha))
  }

  /// `[B]` gamma_i = matched_i / m.
  public func matchRates(_ batch: GroupBatch) -> [Double] {
    batch.required(batch.entityMatches, .entityMatches, by: EGRPO.publication).map(\.rate)
  }

  /// `[B]` ghat_i = gamma_i / gamma_max over all rows of the group, those with errors and right answers
  /// included; 0 where nothing was found.
  public static func normalised(_ rates: [Double], groups: [Group]) -> [Double] {
    var shares = rates
    for group in groups {
      let largest = group.rows.map { rates[$0] }.max() ?? 0
      for row in group.rows { shares[row] = largest > 0 ? rates[row] / largest : 0 }
    }
    return shares
  }

  /// alpha: constant, or falling linearly to 0 over `alpha-decay` steps.
  public func alpha(at progress: TrainingProgress) -> Double {
    guard let decay = settings.alphaDecay else { return settings.entityAlpha }
    return settings.entityAlpha * max(0, 1 - Double(progress.step) / Double(decay))
  }
}

/// Advantages over all rows of a group, errors included; overlong rows then leave the loss.
public struct EntityAdvantage: AdvantageEstimator {
  /// What can be set.
  public let settings: EGRPOSettings

  /// An estimator with these settings.
  public init(_ settings: EGRPOSettings) { self.settings = settings }

  /// What is wrong with a completion.
  public var columns: Set<BatchColumn> { [.faults] }

  /// GRPO's advantages, and weight 0 for overlong rows.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    var advantages = settings.grpo.advantage.advantages(of: rewards, in: batch)
    advantages.rowWeights = rowWeights(batch)
    return advantages
  }

  /// `[B]` 0 for overlong rows. The others have weight 1 where dropped rows count in the loss's
  /// denominator, and otherwise what divides by the kept rows (kept tokens, where the loss is a token
  /// mean) of the rollout batch; nil where every row stays.
  func rowWeights(_ batch: GroupBatch) -> [Double]? {
    let faults = batch.required(batch.faults, .faults, by: EGRPO.publication)
    guard faults.contains(.overlong) else { return nil }
    let share: Double
    switch settings.overlongDenominator {
    case .all: share = 1
    case .kept:
      let sizes = settings.grpo.aggregation == .tokenMean ? batch.lengths : faults.map { _ in 1 }
      let kept = zip(sizes, faults).reduce(0) { $0 + ($1.1 == .overlong ? 0 : $1.0) }
      share = Double(sizes.reduce(0, +)) / Double(max(kept, 1))
    }
    return faults.map { $0 == .overlong ? 0 : share }
  }
}

extension Method {
  /// When an entity counts as found, where the method's reward counts entities.
  public var entityMatchMode: EntityMatchMode? {
    let base = (shaping as? OverlongPenalty)?.base ?? shaping
    return (base as? EntityReward)?.settings.matchMode
  }
}
