import Settings

/// A reward shaped by completion length: an outcome y_i and a length L_i become R_i. Advantage and loss
/// stay GRPO's unless the rule says otherwise.
///
/// The rule is also what can be set: its keys, with GRPO's, are those of the method.
public protocol LengthReward: SettingGroup, Equatable {
  /// Where the rule comes from.
  static var publication: MethodPublication { get }
  /// GRPO's settings as the source has them, where they differ from the defaults.
  static var grpo: GRPOSettings { get }
  /// The optional columns that `rewards` reads beside the outcomes.
  var columns: Set<BatchColumn> { get }
  /// R of all rows, group by group.
  func rewards(of batch: LengthBatch) -> [Double]
  /// The longest completion that the rule is content with, by row, for what is reported; nil for a rule
  /// without one.
  func targets(in batch: LengthBatch) -> [Int]?
  /// How rewards become advantages.
  func advantage(_ grpo: GRPOSettings) -> any AdvantageEstimator
  /// Refuses settings that lack something or do not fit the longest completion, in tokens.
  ///
  /// - Throws: `SettingError` naming the key.
  func validate(maxCompletion: Int) throws
}

extension LengthReward {
  /// The defaults.
  public static var grpo: GRPOSettings { GRPOSettings() }
  /// None.
  public var columns: Set<BatchColumn> { [] }
  /// None.
  public func targets(in batch: LengthBatch) -> [Int]? { nil }
  /// GRPO's.
  public func advantage(_ grpo: GRPOSettings) -> any AdvantageEstimator { grpo.advantage }
  /// Accepts every length.
  public func validate(maxCompletion: Int) throws {}
}

/// What a length rule sees of a batch.
public struct LengthBatch {
  /// All columns.
  public let batch: GroupBatch
  /// y: `[B]` whether the answer is right and the completion ended by itself. What was cut off counts as
  /// wrong, as in the code of Arora and Zanette.
  public let correct: [Bool]
  /// L: `[B]` counted tokens.
  public let lengths: [Double]
  /// The groups, with P, the right rows of each.
  public let groups: [(rows: [Int], correct: [Int])]

  /// The view of `batch`.
  public init(_ batch: GroupBatch) {
    self.batch = batch
    let cutOff = batch.faults?.map { $0 == .overlong }
    let correct = batch.correct.indices.map { batch.correct[$0] && cutOff?[$0] != true }
    self.correct = correct
    lengths = batch.lengths.map(Double.init)
    groups = batch.groups.map { group in
      (rows: group.rows, correct: group.rows.filter { correct[$0] })
    }
  }

  /// A value for every row, computed group by group; `value` gets a row, the group's rows and P.
  func perGroup(
    _ value: (_ rows: [Int], _ correct: [Int]) -> (_ row: Int) -> Double
  ) -> [Double] {
    var values = [Double](repeating: 0, count: lengths.count)
    for group in groups {
      let own = value(group.rows, group.correct)
      for row in group.rows { values[row] = own(row) }
    }
    return values
  }

  /// z_i = (L_i - mu_P) / (sigma_P + epsilon) against the mean and population deviation of the lengths of
  /// `rows`; 0 for no rows.
  func standardised(by rows: [Int], epsilon: Double) -> (_ row: Int) -> Double {
    let own = rows.map { lengths[$0] }
    guard !own.isEmpty else { return { _ in 0 } }
    let mean = own.reduce(0, +) / Double(own.count)
    let unit = DeviationKind.population.of(own) + epsilon
    return { (lengths[$0] - mean) / unit }
  }
}

/// A length rule as a method's reward.
public struct LengthShaping<Rule: LengthReward>: RewardShaping {
  /// The rule.
  public let rule: Rule

  /// The shaping of a rule.
  public init(_ rule: Rule) { self.rule = rule }

  /// The rule's, and what was cut off.
  public var columns: Set<BatchColumn> { rule.columns.union([.faults]) }

  /// R.
  public func shape(_ batch: GroupBatch) -> ShapedRewards {
    let view = LengthBatch(batch)
    return ShapedRewards(rule.rewards(of: view), metrics: metrics(view))
  }

  /// The rule's own check.
  ///
  /// - Throws: `SettingError`.
  public func validate(maxCompletion: Int) throws {
    try rule.validate(maxCompletion: maxCompletion)
  }

  private func metrics(_ view: LengthBatch) -> Metrics {
    func lengths(_ isRight: Bool) -> WeightedMetric {
      WeightedMetric(mean: zip(view.lengths, view.correct).filter { $1 == isRight }.map(\.0))
    }
    var metrics: Metrics = [
      "length/outcome": WeightedMetric(share: view.correct),
      "length/correct_mean": lengths(true),
      "length/wrong_mean": lengths(false),
      "length/groups_at_most_one_correct": WeightedMetric(
        share: view.groups.map { $0.correct.count <= 1 }),
    ]
    if let targets = rule.targets(in: view) {
      let pairs = zip(view.batch.lengths, targets)
      metrics["length/within_target"] = WeightedMetric(share: pairs.map { $0 <= $1 })
      metrics["length/target_distance"] = WeightedMetric(
        mean: pairs.map { Double(abs($0 - $1)) })
    }
    return metrics
  }
}

/// The settings of a length baseline: its rule's keys and GRPO's.
public struct LengthBaselineSettings<Rule: LengthReward>: SettingGroup, Equatable {
  /// The rule's.
  public var rule = Rule()
  /// GRPO's.
  public var grpo = Rule.grpo

  /// The defaults.
  public init() {}

  /// Every key, named as in the guide.
  public static var keys: [SettingKey<Self>] {
    Rule.keys.map { $0.nested(in: \.rule) }
      + GRPOSettings.keys.filter { $0.name != "preset" }.map { $0.nested(in: \.grpo) }
  }

  /// The settings of a document's section `method`.
  ///
  /// - Throws: `SettingError` for a value that does not fit its key.
  public init(_ document: SettingDocument) throws {
    try take(document, section: Methods.section)
  }

  /// The method with these settings: another reward, and what the rule says of advantages.
  public var method: Method {
    Method(
      publication: Rule.publication,
      selection: grpo.selection,
      shaping: grpo.withOverlongPenalty(LengthShaping(rule)),
      advantage: rule.advantage(grpo),
      loss: grpo.loss,
      settings: settings)
  }
}

extension MethodEntry {
  /// A length baseline by its rule.
  static func length<Rule: LengthReward>(_ rule: Rule.Type) -> MethodEntry {
    MethodEntry(Rule.publication, defaults: LengthBaselineSettings<Rule>()) { document in
      try LengthBaselineSettings<Rule>(document).method
    }
  }
}
