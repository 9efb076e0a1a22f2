import Settings

/// DAPO's soft punishment of completions that come near the length limit (arXiv 2503.14476, section
/// 3.4), added to another shaping's rewards.
public struct OverlongPenalty: RewardShaping {
  /// What is shaped before.
  public let base: any RewardShaping
  /// The length of the ramp before the limit.
  public let buffer: OverlongBuffer

  /// Adds the penalty to what `base` gives.
  public init(_ base: any RewardShaping, buffer: OverlongBuffer) {
    self.base = base
    self.buffer = buffer
  }

  /// The base's.
  public var columns: Set<BatchColumn> { base.columns }

  /// The base's rewards, each less its punishment.
  public func shape(_ batch: GroupBatch) -> ShapedRewards {
    var shaped = base.shape(batch)
    let buffer = buffer.tokens(maxCompletion: batch.maxCompletion)
    let terms = batch.lengths.map {
      Self.term(length: $0, maxCompletion: batch.maxCompletion, buffer: buffer)
    }
    shaped.rewards = zip(shaped.rewards, terms).map { $0 + $1 }
    shaped.metrics["overlong_penalty"] = WeightedMetric(mean: terms)
    return shaped
  }

  /// Refuses a ramp that is longer than the longest completion.
  ///
  /// - Throws: `SettingError`.
  public func validate(maxCompletion: Int) throws {
    try base.validate(maxCompletion: maxCompletion)
    let tokens = buffer.tokens(maxCompletion: maxCompletion)
    if tokens > maxCompletion {
      throw SettingError(
        "\(Methods.section).overlong-buffer is \(tokens), expected at most the longest completion, "
          + "\(maxCompletion) tokens")
    }
  }

  /// 0 up to L_max - L_c, falling linearly to -1 at L_max, and -1 beyond.
  ///
  /// - Parameters:
  ///   - length: L, counted completion tokens.
  ///   - maxCompletion: L_max.
  ///   - buffer: L_c.
  public static func term(length: Int, maxCompletion: Int, buffer: Int) -> Double {
    let free = maxCompletion - buffer
    if length <= free { return 0 }
    if length > maxCompletion { return -1 }
    return Double(free - length) / Double(buffer)
  }
}

/// The length of the ramp on which completions are punished.
public enum OverlongBuffer: Sendable, Equatable, SettingRepresentable {
  /// A fifth of the longest completion: 4096 of the 20480 tokens in DAPO's runs.
  case automatic
  /// A number of tokens.
  case tokens(Int)

  /// The share that `automatic` takes: 20480 / 4096 in arXiv 2503.14476.
  private static let automaticDivisor = 5

  /// L_c for a limit of `maxCompletion` tokens.
  public func tokens(maxCompletion: Int) -> Int {
    switch self {
    case .automatic: max(1, maxCompletion / Self.automaticDivisor)
    case .tokens(let count): count
    }
  }

  /// `auto or a whole number of tokens, 1 or more`.
  public static var expectedSetting: String { "auto or a whole number of tokens, 1 or more" }

  /// Takes `auto` and positive whole numbers.
  public init?(setting: SettingValue) {
    if setting == .string("auto") {
      self = .automatic
    } else if let count = Int(setting: setting), count > 0 {
      self = .tokens(count)
    } else {
      return nil
    }
  }

  /// As the user writes it.
  public var setting: SettingValue {
    switch self {
    case .automatic: .string("auto")
    case .tokens(let count): .int(count)
    }
  }
}
