import PolicyOptimization

/// What a step's completions earn: the weighted sum of all rewards.
///
/// The verdict's part is what the method makes of it (its outcome, or a shaped reward); the others are
/// added. A missing value counts as the mean of the reward's values over the prompt's other completions,
/// which gives the completion neither advantage nor disadvantage among them; where a prompt has none, the
/// reward is left out for it.
struct RewardSum {
  /// The name of the verdict's reward.
  static let verifier = "verifier"

  private let verifierWeight: Double
  private let added: [RewardScorer]

  /// - Throws: `SettingError` for two rewards of one name.
  init(_ settings: RewardSettings, with more: [Reward] = []) throws {
    verifierWeight = settings.verifierWeight
    let configured = try settings.added.map { try $0.settings.reward(named: $0.name) }
    var names: Set = [Self.verifier]
    for reward in configured + more where !names.insert(reward.name).inserted {
      throw RewardSettings.duplicate(reward.name)
    }
    added = (configured + more).map {
      RewardScorer($0, origin: "\(RewardSettings.section).\($0.name)")
    }
  }

  /// Whether the verdict is the only reward, with weight 1.
  var isPlain: Bool { verifierWeight == 1 && added.isEmpty }

  func prepare() throws { for scorer in added { try scorer.reward.function.prepare() } }

  func finish() { for scorer in added { scorer.reward.function.finish() } }

  /// - Parameter counted: `[B]` which completions the metrics are of: those that the policy sampled.
  /// - Throws: `TrainingError` when a reward fails again and again.
  func earn(_ completions: [RewardInput], counted: [Bool]) throws -> EarnedRewards {
    let verdicts = completions.map { Optional($0.completion.verdict.score) }
    var earned = EarnedRewards(names: [Self.verifier], values: [verdicts])
    let groups = Group.all(completions.map(\.group))
    var terms = [Double](repeating: 0, count: completions.count)
    for scorer in added {
      let result = try scorer.score(completions)
      let name = scorer.reward.name
      earned.names.append(name)
      earned.values.append(result.values)
      earned.notices += result.complaints
      earned.metrics["rewards/\(name)/errors"] = Double(result.failed)
      earned.metrics["rewards/\(name)/missing"] =
        zip(result.values, counted).filter(\.1).map { $0.0 == nil ? 1 : 0 }.mean
      for (row, value) in Self.filled(result.values, groups).enumerated() {
        terms[row] += scorer.reward.weight * value
      }
    }
    for (name, values) in zip(earned.names, earned.values) {
      let present = zip(values, counted).compactMap { $1 ? $0 : nil }
      // A mean of nothing is no figure: it is left out.
      guard !present.isEmpty else { continue }
      earned.metrics["rewards/\(name)/mean"] = present.mean
      earned.metrics["rewards/\(name)/std"] = present.sampleDeviation
    }
    if !isPlain { earned.added = AddedRewards(shapedWeight: verifierWeight, terms: terms) }
    return earned
  }

  /// Values with the mean of each group's present ones for its missing ones, and 0 for all of a group
  /// that has none.
  static func filled(_ values: [Double?], _ groups: [Group]) -> [Double] {
    var result = [Double](repeating: 0, count: values.count)
    for group in groups {
      let mean = group.rows.compactMap { values[$0] }.mean
      for row in group.rows { result[row] = values[row] ?? mean }
    }
    return result
  }
}

/// The rewards of a step's completions.
struct EarnedRewards {
  /// The rewards' names.
  var names: [String]
  /// `[names][B]` their values.
  var values: [[Double?]]
  /// What is added to the method's own reward; nil where nothing is.
  var added: AddedRewards?
  /// Figures under TRL's names.
  var metrics: [String: Double] = [:]
  /// What went wrong, for people.
  var notices: [String] = []

  /// The values of one completion by name.
  func values(ofRow row: Int) -> [String: Double?] {
    Dictionary(uniqueKeysWithValues: zip(names, values).map { ($0, $1[row]) })
  }
}
