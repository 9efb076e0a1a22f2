import Settings

/// LASER (arXiv 2505.15612): a bonus for right answers within a target length.
public struct LASER: LengthReward {
  /// The paper.
  public static let publication = MethodPublication(
    name: "laser", title: "LASER", citation: "2505.15612",
    summary: "Pays a bonus for right answers that stay within a target length.")

  /// The bonus.
  public var bonus = 0.5
  /// L_T, tokens.
  public var target: Int?

  /// The defaults, without a target.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<LASER>] = [
    SettingKey("length-bonus", \.bonus, in: 0..., "bonus of a right answer within the target"),
    SettingKey("target-length", \.target, in: 1..., "tokens; must be set"),
  ]

  /// R_i = y_i + bonus 1[y_i = 1 and L_i <= L_T].
  public func rewards(of batch: LengthBatch) -> [Double] {
    guard let target else { preconditionFailure("laser without method.target-length") }
    return batch.correct.indices.map { row in
      guard batch.correct[row] else { return 0 }
      return 1 + (batch.batch.lengths[row] <= target ? bonus : 0)
    }
  }

  /// L_T.
  public func targets(in batch: LengthBatch) -> [Int]? {
    target.map { Array(repeating: $0, count: batch.lengths.count) }
  }

  /// Needs a target that a completion can miss.
  ///
  /// - Throws: `SettingError`.
  public func validate(maxCompletion: Int) throws {
    let key = "\(Methods.section).target-length"
    guard let target else {
      throw SettingError(
        "\(key) is missing: laser pays for right answers within so many tokens; expected a whole "
          + "number below the longest completion, \(maxCompletion)")
    }
    if target >= maxCompletion {
      throw SettingError(
        "\(key) is \(target), which every completion stays within; expected at most "
          + "\(maxCompletion - 1), one token below the longest completion")
    }
  }
}
