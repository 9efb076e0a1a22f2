import Settings

/// A way to train a policy, composed of four stages: which prompts (before and after rollout), what reward,
/// what advantage, what loss.
public struct Method: Sendable {
  /// What is published about it.
  public let publication: MethodPublication
  /// Which prompts are rolled out; nil for all.
  public let screening: (any PromptScreening)?
  /// Which rolled-out groups are trained on.
  public let selection: any PromptSelection
  /// What the outcomes are worth.
  public let shaping: any RewardShaping
  /// How rewards become advantages.
  public let advantage: any AdvantageEstimator
  /// What is minimised.
  public let loss: any PolicyLoss
  /// When a rollout is stopped while it is sampled; nil for never.
  public let onlineStopping: OnlineStopping?
  /// Every setting as resolved, in the order in which it is shown.
  public let settings: [(name: String, value: SettingValue)]

  /// A method of four stages.
  public init(
    publication: MethodPublication, screening: (any PromptScreening)? = nil,
    selection: any PromptSelection = AllPrompts(),
    shaping: any RewardShaping = OutcomeReward(), advantage: any AdvantageEstimator,
    loss: any PolicyLoss, onlineStopping: OnlineStopping? = nil,
    settings: [(name: String, value: SettingValue)]
  ) {
    self.publication = publication
    self.screening = screening
    self.selection = selection
    self.shaping = shaping
    self.advantage = advantage
    self.loss = loss
    self.onlineStopping = onlineStopping
    self.settings = settings
  }

  /// The name as users write it.
  public var name: String { publication.name }

  /// The optional columns that a batch must have.
  public var columns: Set<BatchColumn> { shaping.columns.union(advantage.columns) }
  /// Whether a preference model must judge prefixes.
  public var needsPreferenceModel: Bool {
    !columns.isDisjoint(with: [.oldOverNew, .newOverOld, .prefixValues])
  }

  /// The settings in which this differs from plain GRPO; `grpoValue` is nil where GRPO has no such
  /// setting.
  public var departuresFromGRPO: [(key: String, value: SettingValue, grpoValue: SettingValue?)] {
    let plain = Dictionary(
      uniqueKeysWithValues: GRPOSettings().settings.map { ($0.name, $0.value) })
    return settings.compactMap { name, value in
      plain[name] == value ? nil : (name, value, plain[name])
    }
  }

  /// GRPO's settings that this method has no use for; a preset only names other settings.
  public var unusedOfGRPO: [String] {
    let own = Set(settings.map(\.name))
    return GRPOSettings.keys.map(\.name).filter { $0 != "preset" && !own.contains($0) }
  }

  /// Refuses settings that do not fit the longest completion that sampling allows, in tokens: to be
  /// called once a run's geometry is known.
  ///
  /// - Throws: `SettingError`.
  public func validate(maxCompletion: Int) throws {
    try shaping.validate(maxCompletion: maxCompletion)
    try advantage.validate()
  }

  /// Whether rewards may be added to the outcomes: not where rows are told apart as right or wrong by a
  /// reward of exactly 1 or 0.
  public var takesAddedRewards: Bool { !(advantage is ClassWeights) }

  /// Rewards and advantages of whole groups. Traps when a column of `columns` is missing.
  public func credit(_ batch: GroupBatch) -> Credit {
    var shaped = shaping.shape(batch)
    if let added = batch.added { shaped.rewards = added.added(to: shaped.rewards) }
    var advantages = advantage.advantages(of: shaped.rewards, in: batch)
    if let terms = shaped.tokenTerms {
      advantages.tokens = batch.lengths.indices.map { row in
        let own =
          advantages.tokens?[row]
          ?? [Double](repeating: advantages.rows[row], count: batch.lengths[row])
        return zip(own, terms[row]).map { $0 + $1 }
      }
    }
    var metrics = shaped.metrics
    metrics.add(advantages.metrics)
    metrics.add(Self.groupMetrics(batch, rewards: shaped.rewards, advantages: advantages.rows))
    return Credit(
      groupIDs: batch.groupIDs, rewards: shaped.rewards, advantages: advantages,
      offPolicy: batch.offPolicy, metrics: metrics)
  }

  /// What every method reports of its groups, under TRL's names where TRL has them.
  static func groupMetrics(
    _ batch: GroupBatch, rewards: [Double], advantages: [Double]
  ) -> Metrics {
    let groups = batch.groups
    let deviations = groups.map { group in
      DeviationKind.sample.of(group.rows.map { rewards[$0] })
    }
    let right = groups.map { group in group.rows.count { batch.correct[$0] } }
    let tied = zip(groups, right).filter { $1 == 0 || $1 == $0.rows.count }.map(\.0)
    func mass(_ rows: some Sequence<Int>) -> Double {
      rows.reduce(0) { $0 + abs(advantages[$1]) }
    }
    return [
      "reward": WeightedMetric(mean: rewards),
      "reward_std": WeightedMetric(mean: deviations),
      "frac_reward_zero_std": WeightedMetric(share: deviations.map { $0 < GroupAdvantage.noise }),
      "groups/all_correct": WeightedMetric(share: zip(groups, right).map { $1 == $0.rows.count }),
      "groups/all_wrong": WeightedMetric(share: right.map { $0 == 0 }),
      "advantages/tied_group_share": WeightedMetric(
        sum: mass(tied.flatMap(\.rows)), weight: mass(rewards.indices)),
    ]
  }
}

/// Where a method comes from.
public struct MethodPublication: Sendable {
  /// The name as users write it.
  public let name: String
  /// Other names that are understood.
  public let aliases: [String]
  /// The name as it is written in prose.
  public let title: String
  /// The arXiv id.
  public let citation: String
  /// One sentence on what it does.
  public let summary: String

  /// A publication.
  public init(
    name: String, aliases: [String] = [], title: String, citation: String, summary: String
  ) {
    self.name = name
    self.aliases = aliases
    self.title = title
    self.citation = citation
    self.summary = summary
  }
}
