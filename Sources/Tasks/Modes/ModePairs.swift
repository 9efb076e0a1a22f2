import Settings

/// A sampled solution in a mode.
public struct ModeRollout: Sendable, Hashable {
  /// The mode it was asked for in.
  public let mode: ThinkingMode
  /// Whether its answer is right.
  public let correct: Bool
  /// Its tokens.
  public let length: Int
  /// Its text, without a tag.
  public let text: String

  /// A solution.
  public init(mode: ThinkingMode, correct: Bool, length: Int, text: String) {
    self.mode = mode
    self.correct = correct
    self.length = length
    self.text = text
  }
}

/// What can be set of HiPO's cold start.
public struct ModePairSettings: SettingGroup, Equatable {
  /// delta: pass rates that differ by less are alike, and thinking is not worth it.
  public var delta = 0.05
  /// N: solutions of a question in each mode.
  public var rollouts = 8
  /// The share of questions with a mode at random, for exploration (the paper's 1 %).
  public var randomShare = 0.01

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static let keys: [SettingKey<ModePairSettings>] = [
    SettingKey("cold-delta", \.delta, in: 0...1, "pass rates that differ by less are alike"),
    SettingKey("cold-rollouts", \.rollouts, in: 1..., "solutions of a question in each mode (N)"),
    SettingKey("cold-random-share", \.randomShare, in: 0...1, "questions with a random mode"),
  ]
}

/// Builds the supervised data from which a policy learns to decide about the mode before it is trained by
/// HiPO (arXiv 2509.23967, cold start): the mode by pass rates, then that mode's shortest right solution.
public struct ModePairBuilder: Sendable {
  /// What can be set.
  public let settings: ModePairSettings
  /// The tags.
  public let reader: ModeReader
  private var random: SplitMix64

  /// The sentences that stand for the paper's justifications, which another model writes there.
  private static let justifications: [ThinkingMode: String] = [
    .on: "This needs thought.", .off: "This can be answered at once.",
  ]

  /// A builder whose random modes follow from `seed`.
  public init(_ settings: ModePairSettings, reader: ModeReader, seed: UInt64) {
    self.settings = settings
    self.reader = reader
    random = SplitMix64(seed: seed, label: "mode pairs")
  }

  /// The mode that a question's rollouts speak for: the one with the higher pass rate, but off where the
  /// rates differ by less than delta; a mode without rollouts passes none.
  public func mode(for rollouts: [ModeRollout]) -> ThinkingMode {
    func passRate(_ mode: ThinkingMode) -> Double {
      let own = rollouts.filter { $0.mode == mode }
      return own.isEmpty ? 0 : Double(own.count(where: \.correct)) / Double(own.count)
    }
    let gain = passRate(.on) - passRate(.off)
    return gain > 0 && gain >= settings.delta - Self.rounding ? .on : .off
  }

  // Rates are quotients of small numbers; a difference of exactly delta is no smaller one.
  private static let rounding = 1e-9

  /// The example of a question: a justification, the tag, the shortest right solution of the chosen mode
  /// (the first of equals); nil where that mode has none.
  public mutating func example(of problem: Problem, _ rollouts: [ModeRollout]) -> SolvedProblem? {
    // Both numbers are drawn for every question, so that no question moves another's mode.
    let isRandom = random.unit() < settings.randomShare
    let drawn: ThinkingMode = random.unit() < 0.5 ? .on : .off
    let mode = isRandom ? drawn : mode(for: rollouts)
    let right = rollouts.filter { $0.mode == mode && $0.correct }
    guard let shortest = right.min(by: { $0.length < $1.length }) else { return nil }
    let head = [Self.justifications[mode], reader.tag(mode)].compactMap(\.self)
    return SolvedProblem(
      problem: problem, solution: (head + [shortest.text]).joined(separator: " "))
  }
}

extension ModePairBuilder {
  /// The examples of all problems, in the order of their first appearance in `on`, then in `off`.
  ///
  /// - Parameters:
  ///   - on: solutions asked for with thinking.
  ///   - off: solutions asked for at once.
  public mutating func examples(on: [LabelledRollout], off: [LabelledRollout]) -> [SolvedProblem] {
    let modes =
      on.map { ($0, ThinkingMode.on) } + off.map { ($0, ThinkingMode.off) }
    var rollouts: [String: [ModeRollout]] = [:]
    for (rollout, mode) in modes {
      rollouts[rollout.problemID, default: []].append(ModeRollout(rollout, mode: mode))
    }
    return LabelledRollout.grouped(on + off).compactMap { group in
      let problem = Problem(
        id: group[0].problemID, prompt: group[0].question, answer: group[0].gold ?? "")
      return example(of: problem, rollouts[problem.id] ?? [])
    }
  }
}

extension ModeRollout {
  /// A labelled solution that was asked for in `mode`; its length is that of its text in bytes where its
  /// tokens are not known.
  public init(_ rollout: LabelledRollout, mode: ThinkingMode) {
    self.init(
      mode: mode, correct: rollout.correct,
      length: rollout.completionIDs?.count ?? rollout.completion.utf8.count,
      text: rollout.completion)
  }
}
