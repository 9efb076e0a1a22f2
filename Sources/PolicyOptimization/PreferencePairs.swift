import Settings
import Torch

/// Two rows of a group of which one earned clearly more.
public struct RewardPair: Sendable, Hashable {
  /// i, the row with the higher reward.
  public let winner: Int
  /// j, the row with the lower reward.
  public let loser: Int
  /// R_i - R_j.
  public let gap: Double
}

/// Which pairs of a group are compared (AMIR-GRPO, arXiv 2601.03661).
public struct PairMining: Sendable, Equatable {
  /// delta_r: pairs have a gap above it, not equal to it.
  public let gap: Double
  /// Whose pairs.
  public let scope: PairScope
  /// The most pairs of a group; nil for all.
  public let cap: Int?

  /// A choice.
  public init(gap: Double, scope: PairScope, cap: Int?) {
    self.gap = gap
    self.scope = scope
    self.cap = cap
  }

  /// S: the pairs of every group, group after group and by (i, j) in each; with a cap those with the
  /// largest gaps, ties by (i, j).
  ///
  /// - Parameters:
  ///   - rewards: `[b]`.
  ///   - lengths: `[b]` counted tokens; a row without any has no log-probability to compare.
  public func pairs(rewards: [Double], groupIDs: [Int], lengths: [Int]) -> [[RewardPair]] {
    Group.all(groupIDs).map { group in
      let rows = group.rows.filter { lengths[$0] > 0 }
      guard let best = rows.map({ rewards[$0] }).max() else { return [] }
      let winners =
        scope == .all ? rows : rows.first { rewards[$0] == best }.map { [$0] } ?? []
      let pairs = winners.flatMap { winner in
        rows.map { loser in
          RewardPair(winner: winner, loser: loser, gap: rewards[winner] - rewards[loser])
        }
      }.filter { $0.gap > gap }
      guard let cap, pairs.count > cap else { return pairs }
      let kept = Set(pairs.sorted { ($1.gap, $0) < ($0.gap, $1) }.prefix(cap))
      return pairs.filter(kept.contains)
    }
  }
}

extension RewardPair: Comparable {
  /// By (i, j).
  public static func < (left: RewardPair, right: RewardPair) -> Bool {
    (left.winner, left.loser) < (right.winner, right.loser)
  }
}

/// Whose pairs are compared.
public enum PairScope: String, SettingChoice {
  /// Every two rows.
  case all
  /// The best row of the group, the first of equals, with the others.
  case top
}
