import Settings

/// ShorterBetter (arXiv 2504.21370): every row is pulled to the group's shortest right length.
public struct ShorterBetter: LengthReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "shorter-better", title: "ShorterBetter", citation: "2504.21370",
    summary: "Punishes the distance to the length of the group's shortest right answer.")

  /// alpha, what a right answer is worth.
  public var alpha = 2.0
  /// beta, what a token of distance costs.
  public var beta = 0.001

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<ShorterBetter>] = [
    SettingKey("length-alpha", \.alpha, in: 0..., "reward of a right answer"),
    SettingKey("length-beta", \.beta, in: 0..., "price of a token of distance"),
  ]

  /// R_i = alpha y_i - beta |L_i - L*|, with L* the least length of P, or the mean length of the group
  /// without right answers.
  public func rewards(of batch: LengthBatch) -> [Double] {
    batch.perGroup { rows, correct in
      let mean = rows.map { batch.lengths[$0] }.reduce(0, +) / Double(rows.count)
      let best = correct.map { batch.lengths[$0] }.min() ?? mean
      return { row in
        (batch.correct[row] ? alpha : 0) - beta * abs(batch.lengths[row] - best)
      }
    }
  }
}
