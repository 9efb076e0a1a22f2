import Settings

/// HiPO (arXiv 2509.23967): the policy first decides whether to think; the tokens of that decision and
/// those of the answer have advantages of their own.
public enum HiPO {
  /// HiPO's paper.
  public static let publication = MethodPublication(
    name: "hipo", title: "HiPO", citation: "2509.23967",
    summary:
      "Learns when to think, with separate advantages for the decision and for the answer.")

  /// The method with these settings: another reward, and advantages by segment.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: HiPOSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(ModeReward(settings)),
      advantage: ModeAdvantage(settings),
      loss: settings.grpo.loss,
      settings: settings.settings)
  }
}

/// The reward r of a completion that has decided on a mode.
public struct ModeReward: RewardShaping {
  /// What can be set.
  public let settings: HiPOSettings

  /// A shaping with these settings.
  public init(_ settings: HiPOSettings) { self.settings = settings }

  /// Modes.
  public var columns: Set<BatchColumn> { [.modes] }

  /// r_i = accuracy_i + format-weight format_i; 0 for a mode that cannot be read.
  public func shape(_ batch: GroupBatch) -> ShapedRewards {
    let modes = batch.required(batch.modes, .modes, by: HiPO.publication)
    let wellFormed = batch.required(batch.wellFormed, .modes, by: HiPO.publication)
    let rewards = batch.groupIDs.indices.map { row in
      modes[row] == .invalid
        ? 0 : (batch.correct[row] ? 1 : 0) + settings.formatWeight * (wellFormed[row] ? 1 : 0)
    }
    return ShapedRewards(rewards, metrics: metrics(batch, rewards: rewards))
  }
}

/// Advantages of the decision about the mode (judge) and of everything after it (answer).
public struct ModeAdvantage: AdvantageEstimator {
  /// What can be set.
  public let settings: HiPOSettings

  /// An estimator with these settings.
  public init(_ settings: HiPOSettings) { self.settings = settings }

  /// Modes.
  public var columns: Set<BatchColumn> { [.modes] }

  /// A_it = AJ_i on judge tokens, AA_i on the others; `rows` holds AA.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    let judgeTokens = batch.required(batch.judgeTokens, .modes, by: HiPO.publication)
    precondition(
      judgeTokens.map(\.count) == batch.lengths, "every counted token is a judge token or not")
    let (judge, answer) = segments(of: rewards, in: batch)
    let tokens = judgeTokens.enumerated().map { row, tokens in
      tokens.map { $0 ? judge[row] : answer[row] }
    }
    return Advantages(answer, tokens: tokens)
  }

  /// `[B]` AJ and `[B]` AA:
  ///
  ///     AJ_i = (Rbar_mode(i) - Rbar) + judge-gamma (r_i - Rbar) / (sd + std-eps)
  ///     AA_i = (r_i - mean_mode(i)) / (sd_mode(i) + std-eps)
  ///
  /// AJ's first term is 0 where one mode occurs, and for a row without a readable mode, whose AA is that
  /// of the whole group.
  public func segments(
    of rewards: [Double], in batch: GroupBatch
  ) -> (judge: [Double], answer: [Double]) {
    let modes = batch.required(batch.modes, .modes, by: HiPO.publication)
    var judge = rewards
    var answer = rewards
    for group in batch.groups {
      let statistics = statistics(of: group, rewards: rewards, modes: modes)
      for row in group.rows {
        let centred = normalised(rewards[row], by: statistics.all)
        judge[row] = statistics.modeGain(modes[row]) + settings.judgeGamma * centred
        answer[row] =
          statistics.byMode[modes[row]].map { normalised(rewards[row], by: $0) } ?? centred
      }
    }
    return (judge, answer)
  }

  /// The statistics of a group, rows without a readable mode left out of the modes' ones.
  public func statistics(
    of group: Group, rewards: [Double], modes: [CompletionMode]
  ) -> ModeStatistics {
    func moments(_ rows: [Int]) -> ModeStatistics.Moments {
      let own = rows.map { rewards[$0] }
      return .init(
        mean: own.reduce(0, +) / Double(own.count), deviation: settings.grpo.stdKind.of(own))
    }
    var byMode: [CompletionMode: ModeStatistics.Moments] = [:]
    for mode in [CompletionMode.on, .off] {
      let rows = group.rows.filter { modes[$0] == mode }
      if !rows.isEmpty { byMode[mode] = moments(rows) }
    }
    return ModeStatistics(all: moments(group.rows), byMode: byMode, offBonus: settings.offBonus)
  }

  /// (r - mean) / (sd + std-eps); 0 where the deviation is.
  private func normalised(_ reward: Double, by moments: ModeStatistics.Moments) -> Double {
    if moments.deviation < GroupAdvantage.noise { return 0 }  // not for NaN, which must show
    return (reward - moments.mean) / (moments.deviation + settings.grpo.stdEpsilon)
  }
}

/// What the rewards of a group are by mode.
public struct ModeStatistics: Sendable, Equatable {
  /// A mean and a standard deviation.
  public struct Moments: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// The deviation.
    public let deviation: Double
  }

  /// Of all rows of the group.
  public let all: Moments
  /// Of the rows of a mode; nil for a mode that does not occur.
  public let byMode: [CompletionMode: Moments]
  /// Rbar_on and Rbar_off, the latter with the bonus b = off-bonus Rbar_on where it applies.
  public let adjustedMeans: [CompletionMode: Double]
  /// Whether the bonus applied: both modes occur and 0 <= Rbar_on - Rbar_off <= b.
  public let hasBonus: Bool

  /// Means that are equal up to rounding count as equal.
  private static let tolerance = 1e-9

  init(all: Moments, byMode: [CompletionMode: Moments], offBonus: Double) {
    self.all = all
    self.byMode = byMode
    var means = byMode.mapValues(\.mean)
    if let on = means[.on], let off = means[.off] {
      let bonus = offBonus * on
      hasBonus = (-Self.tolerance...bonus + Self.tolerance).contains(on - off)
      if hasBonus { means[.off] = off + bonus }
    } else {
      hasBonus = false
    }
    adjustedMeans = means
  }

  /// Rbar_mode - Rbar where both modes occur, otherwise 0.
  public func modeGain(_ mode: CompletionMode) -> Double {
    guard byMode.count > 1, let mean = adjustedMeans[mode] else { return 0 }
    return mean - all.mean
  }
}
