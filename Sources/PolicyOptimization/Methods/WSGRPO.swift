import Settings

/// WS-GRPO (arXiv 2602.17025): a preference model over partial solutions, trained from outcomes alone,
/// judges every step of a rollout; its score and a length term shape the GRPO reward.
public enum WSGRPO {
  /// WS-GRPO's paper.
  public static let publication = MethodPublication(
    name: "ws-grpo", title: "WS-GRPO", citation: "2602.17025",
    summary:
      "Shapes the reward by a prefix preference learned from outcomes, so that the policy stops "
      + "when further steps do not help.")

  /// The method with these settings.
  ///
  /// - Throws: `SettingError` for settings that contradict each other.
  public static func method(_ settings: WSGRPOSettings) throws -> Method {
    try settings.validate()
    var stopping = settings.stopping
    stopping.order = settings.order
    return Method(
      publication: publication,
      selection: settings.grpo.selection,
      shaping: settings.grpo.withOverlongPenalty(WSGRPOReward(settings)),
      advantage: settings.grpo.advantage,
      loss: settings.grpo.loss,
      onlineStopping: settings.onlineStop ? stopping : nil,
      settings: settings.settings)
  }
}

/// WS-GRPO's phase II reward R = y + lambda r(steps, preferences), as in the paper's algorithm box.
public struct WSGRPOReward: RewardShaping {
  /// What can be set.
  public let settings: WSGRPOSettings

  /// A shaping with these settings.
  public init(_ settings: WSGRPOSettings) { self.settings = settings }

  /// What the settings need: the controls that ask no preference model need no preferences.
  public var columns: Set<BatchColumn> {
    var columns: Set<BatchColumn> = [.steps]
    switch settings.control {
    case .none: columns.formUnion(settings.order.columns)
    case .shuffled: columns.formUnion(settings.order.columns.union([.shuffle]))
    case .constant, .lengthOnly: break
    }
    switch settings.stepAdvantage {
    case .off: break
    case .preference: columns.insert(.tokenSteps)
    case .prefixValue: columns.formUnion([.tokenSteps, .prefixValues])
    }
    return columns
  }

  /// Outcome plus weighted preference reward, and the step terms where they are on.
  public func shape(_ batch: GroupBatch) -> ShapedRewards {
    let steps = batch.required(batch.steps, .steps, by: WSGRPO.publication)
    let signal = signal(batch)
    let terms = zip(signal, steps).map { preferenceReward(signal: $0, steps: $1) }
    let rewards = zip(batch.correct, terms).map { correct, term in
      let counts = correct || !settings.gateOnCorrect
      return (correct ? 1 : 0) + (counts ? settings.preferenceWeight * term : 0)
    }
    return ShapedRewards(
      rewards, tokenTerms: stepTerms(batch, signal: signal),
      metrics: metrics(batch, steps: steps, signal: signal, terms: terms))
  }
}
