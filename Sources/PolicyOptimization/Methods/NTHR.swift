import Settings

/// NTHR (arXiv 2505.18830): negative token hidden reward. Tokens of wrong answers whose penalty would drag
/// down the likelihood of right ones are penalised less.
public enum NTHR {
  /// NTHR's paper.
  public static let publication = MethodPublication(
    name: "nthr", title: "NTHR", citation: "2505.18830",
    summary:
      "Weakens the penalty on tokens of wrong answers that would drag down the likelihood of right "
      + "ones.")

  /// The method with these settings: advantages by token.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: NTHRSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(OutcomeReward()),
      advantage: HiddenRewardAdvantage(settings),
      loss: settings.grpo.loss,
      settings: settings.settings)
  }
}

/// GRPO's advantages, weakened on selected tokens of wrong answers.
public struct HiddenRewardAdvantage: AdvantageEstimator {
  /// What can be set.
  public let settings: NTHRSettings

  /// An estimator with these settings.
  public init(_ settings: NTHRSettings) { self.settings = settings }

  /// Influences.
  public var columns: Set<BatchColumn> { [.influence] }

  /// A_jk = eta A_j on selected tokens, A_j on the others; right rows and groups that are all right or
  /// all wrong are GRPO's.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    var advantages = settings.grpo.advantage.advantages(of: rewards, in: batch)
    let selected = selected(in: batch)
    var tokens = zip(advantages.rows, batch.lengths).map {
      [Double](repeating: $0, count: $1)
    }
    for group in mixedGroups(of: batch) {
      let eta = eta(correctShare: correctShare(group, batch))
      for row in group.rows {
        for token in tokens[row].indices where selected[row][token] { tokens[row][token] *= eta }
      }
    }
    advantages.tokens = tokens
    advantages.metrics = metrics(batch, selected: selected, advantages: advantages)
    return advantages
  }

  /// tau = anchor-beta min over right rows i of a_i; nil for a group that is all right or all wrong.
  public func threshold(_ group: Group, in batch: GroupBatch) -> Double? {
    let influence = batch.required(batch.influence, .influence, by: NTHR.publication)
    return group.rows.compactMap { influence.anchors[$0] }.min().map { settings.anchorBeta * $0 }
  }

  /// `[B][length]` whether a token's penalty is weakened: e_jk > tau in a wrong row, or any token of a
  /// wrong row of a mixed group with `select-all`.
  public func selected(in batch: GroupBatch) -> [[Bool]] {
    let influence = batch.required(batch.influence, .influence, by: NTHR.publication)
    precondition(
      influence.tokens.map(\.count) == batch.lengths, "every counted token needs an influence")
    var selected = batch.lengths.map { [Bool](repeating: false, count: $0) }
    for group in mixedGroups(of: batch) {
      guard let threshold = threshold(group, in: batch) else { continue }
      for row in group.rows where !batch.correct[row] {
        selected[row] = influence.tokens[row].map { settings.selectsAll || $0 > threshold }
      }
    }
    return selected
  }

  /// eta by p, the share of right answers in the group.
  public func eta(correctShare p: Double) -> Double {
    switch settings.etaMode {
    case .twoAbsHalfMinusP: 2 * abs(0.5 - p)
    case .p: p
    case .oneMinusP: 1 - p
    case .constant: settings.etaValue ?? 1
    }
  }

  /// The groups with right and wrong answers.
  func mixedGroups(of batch: GroupBatch) -> [Group] {
    batch.groups.filter { group in
      let right = group.rows.count { batch.correct[$0] }
      return 0 < right && right < group.rows.count
    }
  }

  /// p = |P| / n.
  func correctShare(_ group: Group, _ batch: GroupBatch) -> Double {
    Double(group.rows.count { batch.correct[$0] }) / Double(group.rows.count)
  }
}
