import Settings

/// Kimi k1.5's length reward (arXiv 2501.12599): a right answer earns up to a half for being the group's
/// shortest and loses up to a half for being its longest; a wrong one can only lose.
public struct KimiLength: LengthReward {
  /// Kimi k1.5's report.
  public static let publication = MethodPublication(
    name: "kimi-k1.5", title: "Kimi k1.5's length reward", citation: "2501.12599",
    summary: "Rewards a completion by where its length lies between the group's extremes.")

  /// The weight beside the outcome.
  public var weight = 1.0
  /// Steps without it. The report warms up, but does not say how.
  public var warmupSteps = 0

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<KimiLength>] = [
    SettingKey("length-weight", \.weight, in: 0..., "weight of the length reward"),
    SettingKey("length-warmup-steps", \.warmupSteps, in: 0..., "steps before it counts"),
  ]

  /// R_i = y_i + weight (lambda_i if y_i = 1, else min(0, lambda_i)), with
  /// lambda_i = 1/2 - (L_i - L_min) / (L_max - L_min) over all rows of the group, 0 if they are equally
  /// long.
  public func rewards(of batch: LengthBatch) -> [Double] {
    let weight = batch.batch.progress.step < warmupSteps ? 0 : weight
    return batch.perGroup { rows, _ in
      let lengths = rows.map { batch.lengths[$0] }
      let shortest = lengths.min() ?? 0
      let range = (lengths.max() ?? 0) - shortest
      return { row in
        let term = range == 0 ? 0 : 0.5 - (batch.lengths[row] - shortest) / range
        return batch.correct[row] ? 1 + weight * term : weight * min(0, term)
      }
    }
  }
}
