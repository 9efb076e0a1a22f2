/// The rollouts of one step on the host: what the methods compute rewards and advantages from.
///
/// B rows, one per completion. Rows with the same group id answer the same prompt; ids are arbitrary
/// and groups may interleave. Statistics are taken over whole groups, so all rows of a group belong
/// into one batch. The optional columns are those that a method names in `columns`.
public struct GroupBatch: Sendable {
  /// `[B]` the prompt of each row.
  public let groupIDs: [Int]
  /// `[B]` the outcome's reward as verified.
  public let rewards: [Double]
  /// `[B]` whether the answer is right.
  public let correct: [Bool]
  /// `[B]` counted completion tokens, the end token among them (the sum of the loss mask).
  public let lengths: [Int]
  /// The longest completion that sampling allows, in tokens.
  public let maxCompletion: Int

  /// `[B]` steps of each solution.
  public var steps: [Int]?
  /// `[B][length]` the step, counted from 1, of each counted token.
  public var tokenSteps: [[Int]]?
  /// Judgements of successive prefixes.
  public var preferences: PrefixPreferences?
  /// `[B]` a random permutation of the rows, drawn from the run's seed.
  public var shuffle: [Int]?
  /// `[B]` what a completion found of its problem's entities.
  public var entityMatches: [EntityMatch]?
  /// `[B]` what is wrong with a completion apart from its answer.
  public var faults: [CompletionFault]?
  /// `[B]` whether a completion thinks.
  public var modes: [CompletionMode]?
  /// `[B]` whether a completion has the form that its mode asks for.
  public var wellFormed: [Bool]?
  /// `[B][length]` whether a counted token belongs to the decision about the mode.
  public var judgeTokens: [[Bool]]?
  /// `[B]` the weight that screening before rollout gave the row's prompt.
  public var promptWeights: [Double]?
  /// `[B]` a number in [0, 1) for each row, drawn from the run's seed.
  public var draws: [Double]?
  /// How the tokens of wrong answers move the likelihood of right ones.
  public var influence: TokenInfluence?
  /// `[B]` in [0, 1] what sets a completion apart from the others of its group; nil where a scorer had
  /// nothing to say.
  public var distinctness: [Double?]?
  /// `[B]` whether a row is an expert's solution that the policy did not sample; nil where none is.
  public var offPolicy: [Bool]?
  /// `[B]` how many tokens the row's prompt asks for.
  public var budgets: [Int]?
  /// What completions earn beside their outcome; nil for nothing.
  public var added: AddedRewards?
  /// Where in the training the batch stands.
  public var progress = TrainingProgress()

  /// A batch without optional columns.
  public init(
    groupIDs: [Int], rewards: [Double], correct: [Bool], lengths: [Int], maxCompletion: Int
  ) {
    precondition(
      [rewards.count, correct.count, lengths.count].allSatisfy { $0 == groupIDs.count },
      "columns of different heights: \(groupIDs.count) group ids, \(rewards.count) rewards, "
        + "\(correct.count) outcomes, \(lengths.count) lengths")
    self.groupIDs = groupIDs
    self.rewards = rewards
    self.correct = correct
    self.lengths = lengths
    self.maxCompletion = maxCompletion
  }

  /// The number of rows B.
  public var rowCount: Int { groupIDs.count }

  /// The groups in the order of their first rows.
  public var groups: [Group] { Group.all(groupIDs) }
}

/// The optional columns that a method may need.
public enum BatchColumn: String, Sendable, CaseIterable {
  /// `GroupBatch.steps`.
  case steps
  /// `GroupBatch.tokenSteps`.
  case tokenSteps = "token-steps"
  /// `PrefixPreferences.oldOverNew` of `GroupBatch.preferences`.
  case oldOverNew = "old-over-new"
  /// `PrefixPreferences.newOverOld` of `GroupBatch.preferences`.
  case newOverOld = "new-over-old"
  /// `PrefixPreferences.values` of `GroupBatch.preferences`.
  case prefixValues = "prefix-values"
  /// `GroupBatch.shuffle`.
  case shuffle
  /// `GroupBatch.entityMatches`.
  case entityMatches = "entity-matches"
  /// `GroupBatch.faults`.
  case faults
  /// `GroupBatch.modes`, `wellFormed` and `judgeTokens`.
  case modes
  /// `GroupBatch.draws`.
  case draws
  /// `GroupBatch.budgets`.
  case budgets
  /// `GroupBatch.distinctness`.
  case distinctness
  /// `GroupBatch.influence`.
  case influence
}

/// What a preference model says of every pair of successive prefixes: for a row with n steps, entry
/// t - 2 belongs to step t = 2 ... n (none for n < 2). What no column of the method names can be missing.
public struct PrefixPreferences: Sendable {
  /// `[B][n - 1]` P(q, s_1:t-1, s_1:t): the probability that the prefix without step t is better.
  public let oldOverNew: [[Double]]?
  /// `[B][n - 1]` P(q, s_1:t, s_1:t-1): the probability that the prefix with step t is better.
  public let newOverOld: [[Double]]?
  /// `[B][n]` the value in (0, 1) of the prefix s_1:t at entry t - 1, where the head has one.
  public let values: [[Double]]?

  /// Judgements in one order or both.
  public init(
    oldOverNew: [[Double]]? = nil, newOverOld: [[Double]]? = nil, values: [[Double]]? = nil
  ) {
    if let oldOverNew, let newOverOld {
      precondition(
        oldOverNew.map(\.count) == newOverOld.map(\.count),
        "the two orders judge different numbers of prefixes")
    }
    self.oldOverNew = oldOverNew
    self.newOverOld = newOverOld
    self.values = values
  }
}

/// The rows that answer one prompt.
public struct Group: Sendable, Equatable {
  /// The prompt.
  public let id: Int
  /// Its rows, ascending.
  public let rows: [Int]

  /// The groups of `ids` in the order of first appearance.
  public static func all(_ ids: [Int]) -> [Group] {
    var order: [Int] = []
    var rows: [Int: [Int]] = [:]
    for (row, id) in ids.enumerated() {
      if rows[id] == nil { order.append(id) }
      rows[id, default: []].append(row)
    }
    return order.map { Group(id: $0, rows: rows[$0] ?? []) }
  }
}
