import Settings

/// DaGRPO (arXiv 2512.06337), a reconstruction: pairs of completions that hardly differ do not compare
/// their rewards, and prompts that are too hard get an expert's solution as an anchor.
///
/// Against GRPO: the advantage has a pair mask, and the loss a term for anchors.
public enum DaGRPO {
  /// DaGRPO's paper.
  public static let publication = MethodPublication(
    name: "dagrpo", title: "DaGRPO", citation: "2512.06337",
    summary:
      "Ignores pairs of completions that hardly differ, and adds expert solutions to hard prompts.")

  /// The method with these settings.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: DaGRPOSettings) throws -> Method {
    try settings.validate()
    return Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(OutcomeReward()),
      advantage: DistinctAdvantage(settings),
      loss: AnchoredLoss(base: settings.grpo.loss, gamma: settings.anchorGamma),
      settings: settings.settings)
  }
}

/// Advantages from pairs of distinct completions. GRPO's centred reward is a sum over pairs,
///
///     R_i - mean = (1/n) sum_j (R_i - R_j),
///
/// so a pair mask c has an exact form. With scores s, d_ij = |s_i - s_j| (infinite without a score) and
/// c_ij = 1[d_ij >= threshold], c_ii = 1:
///
///     pair        A_i = (1/n) sum_j c_ij (R_i - R_j) / (sigma + std-eps)      sigma of the unmasked rewards
///     sequence    A_i as in GRPO; a row stays in the loss if some j has R_j != R_i and c_ij = 1
///
/// c is symmetric, so the advantages of a group still add up to 0 in the mode `pair`.
public struct DistinctAdvantage: AdvantageEstimator {
  /// What can be set.
  public let settings: DaGRPOSettings

  /// An estimator.
  public init(_ settings: DaGRPOSettings) { self.settings = settings }

  /// Scores; preferences where they are the scores.
  public var columns: Set<BatchColumn> {
    settings.scorer == .prefixPreference ? [.distinctness, .newOverOld] : [.distinctness]
  }

  /// One value a row.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    let scores = batch.required(batch.distinctness, .distinctness, by: DaGRPO.publication)
    let base = settings.grpo.advantage
    let plain = base.advantages(rewards: rewards, groupIDs: batch.groupIDs)
    let mask = PairMask(scores: scores, threshold: settings.threshold ?? 0)
    var rows = plain
    var weights: [Double]?
    switch settings.maskMode {
    case .pair:
      for (group, factor) in base.factors(rewards: rewards, groupIDs: batch.groupIDs) {
        for i in group.rows {
          let sum = group.rows.reduce(0) { sum, j in
            mask.keeps(i, j) ? sum + (rewards[i] - rewards[j]) : sum
          }
          rows[i] = sum / Double(group.rows.count) * factor
        }
      }
    case .sequence:
      weights = mask.hasPartner(rewards: rewards, in: batch.groups).map { $0 ? 1 : 0 }
    }
    return Advantages(
      rows, rowWeights: weights,
      metrics: mask.metrics(
        rewards: rewards, in: batch, removed: removed(plain, rows, weights: weights)))
  }

  /// The share of the advantages' mass that the mask takes away.
  private func removed(
    _ plain: [Double], _ masked: [Double], weights: [Double]?
  ) -> WeightedMetric {
    let left = masked.indices.map { abs(masked[$0]) * (weights?[$0] ?? 1) }
    let mass = plain.reduce(0) { $0 + abs($1) }
    return WeightedMetric(sum: mass - left.reduce(0, +), weight: mass)
  }

  /// Needs a threshold: the source gives none.
  ///
  /// - Throws: `SettingError`.
  public func validate() throws {
    guard settings.threshold == nil else { return }
    throw SettingError(
      "\(Methods.section).distinct-threshold is missing: pairs whose scores differ by less are "
        + "ignored, and the paper gives no value; expected a number, as 0.1 (a negative one ignores "
        + "no pair)")
  }
}

/// Which pairs of rows are distinct.
public struct PairMask {
  /// `[B]`; nil is distinct from everything.
  public let scores: [Double?]
  /// The least distance of a pair that counts; a negative one keeps every pair.
  public let threshold: Double

  /// c_ij.
  public func keeps(_ i: Int, _ j: Int) -> Bool {
    i == j || distance(i, j).map { $0 >= threshold } ?? true
  }

  /// d_ij; nil for infinity.
  func distance(_ i: Int, _ j: Int) -> Double? {
    guard let left = scores[i], let right = scores[j] else { return nil }
    return abs(left - right)
  }

  /// `[B]` whether a row has a distinct row with another reward in its group.
  func hasPartner(rewards: [Double], in groups: [Group]) -> [Bool] {
    var found = [Bool](repeating: false, count: rewards.count)
    for group in groups {
      for i in group.rows {
        found[i] = group.rows.contains { rewards[$0] != rewards[i] && keeps(i, $0) }
      }
    }
    return found
  }
}
