import Settings

/// What to do with a question that no rollout answered (the source is of two minds).
public enum AllWrongRule: String, SettingChoice, Sendable {
  /// No pair.
  case skip
  /// The wrong rollout wins over another question's correct one, because that one is off topic.
  case offtopicNegative = "offtopic-negative"
  /// The other question's correct rollout wins, as the paper's loss reads.
  case correctPositive = "correct-positive"
}

/// One rollout: the row of its question and its place among that question's rollouts, both from 0.
public struct RolloutReference: Sendable, Hashable {
  /// The question's row.
  public let question: Int
  /// The rollout's place.
  public let rollout: Int

  /// A rollout.
  public init(question: Int, rollout: Int) {
    self.question = question
    self.rollout = rollout
  }
}

/// An ordered pair of rollouts, to be judged as solutions of `question`.
public struct PreferencePair: Sendable, Hashable {
  /// Where the two rollouts come from.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Both from the question.
    case withinQuestion = "within"
    /// One from another question.
    case crossQuestion = "cross"
  }

  /// The row of the question for which the pair was built.
  public let question: Int
  /// The preferred rollout.
  public let winner: RolloutReference
  /// The other.
  public let loser: RolloutReference

  /// A pair.
  public init(question: Int, winner: RolloutReference, loser: RolloutReference) {
    self.question = question
    self.winner = winner
    self.loser = loser
  }

  /// Where the two rollouts come from.
  public var kind: Kind {
    winner.question == loser.question ? .withinQuestion : .crossQuestion
  }
}

/// The labels of one question's rollouts.
public struct QuestionOutcomes: Sendable, Hashable {
  /// The question's identity, by which it is put on one side of the split.
  public let id: String
  /// Whether each rollout is right.
  public let correct: [Bool]
  /// The rollouts' texts, as many, or nil. With them, pairs that repeat a pair of texts are dropped, and
  /// so are pairs of a text with itself.
  public let completions: [String]?

  /// The labels of one question's rollouts.
  ///
  /// - Precondition: There are as many texts as labels.
  public init(id: String, correct: [Bool], completions: [String]? = nil) {
    precondition(completions.map { $0.count == correct.count } ?? true, "a text for every label")
    self.id = id
    self.correct = correct
    self.completions = completions
  }
}

/// Builds WS-GRPO's preference pairs from outcome labels (arXiv 2602.17025, phase I).
///
/// - A question with right and wrong rollouts: every right one wins over every wrong one.
/// - All right: each wins over wrong rollouts of other questions.
/// - All wrong: as `allWrong` says.
public struct PreferencePairs: Sendable, Hashable {
  /// What to do with questions that no rollout answered.
  public var allWrong: AllWrongRule
  /// How many rollouts of other questions each rollout of an all-right or all-wrong question is paired
  /// with, drawn without replacement; nil for all.
  public var offtopicPerTrajectory: Int?
  /// A question gives at most this many pairs, drawn from its candidates; nil for all of them. The
  /// default is what an all-right question has with the default 4 rollouts and 4 partners each.
  public var pairsPerQuestion: Int?
  /// The share of questions that are kept for validation; the paper's is .1.
  public var validationShare: Double
  /// Decides every draw.
  public var seed: UInt64

  /// The options with their defaults.
  public init(
    allWrong: AllWrongRule = .skip, offtopicPerTrajectory: Int? = 4, pairsPerQuestion: Int? = 16,
    validationShare: Double = 0.1, seed: UInt64 = 0
  ) {
    self.allWrong = allWrong
    self.offtopicPerTrajectory = offtopicPerTrajectory
    self.pairsPerQuestion = pairsPerQuestion
    self.validationShare = validationShare
    self.seed = seed
  }

  /// Pairs of the rows `rows` (all rows when nil), in the rows' order. Partners come from the same rows.
  /// What is drawn for a question depends on the seed, its id, and what can be drawn.
  public func candidates(
    of questions: [QuestionOutcomes], rows: [Int]? = nil
  ) -> [PreferencePair] {
    let rows = rows ?? Array(questions.indices)
    let pool = { (label: Bool) in
      rows.flatMap { row in references(of: questions[row], row: row, where: label) }
    }
    let (right, wrong) = (pool(true), pool(false))
    var texts = TextIdentities(questions)
    return rows.flatMap { row in
      var generator = SplitMix64(seed: seed, label: "pairs of \(questions[row].id)")
      let own = (
        right: references(of: questions[row], row: row, where: true),
        wrong: references(of: questions[row], row: row, where: false)
      )
      var pairs: [PreferencePair] = []
      switch (own.right.isEmpty, own.wrong.isEmpty) {
      case (true, true): break
      case (false, false):
        pairs = own.right.flatMap { winner in
          own.wrong.map { PreferencePair(question: row, winner: winner, loser: $0) }
        }
      case (false, true):
        pairs = own.right.flatMap { winner in
          partners(from: wrong, &generator).map {
            PreferencePair(question: row, winner: winner, loser: $0)
          }
        }
      case (true, false):
        pairs = own.wrong.flatMap { mine in allWrongPairs(row, mine, from: right, &generator) }
      }
      pairs = texts.unique(pairs)
      guard let limit = pairsPerQuestion else { return pairs }
      return generator.sample(limit, below: pairs.count).map { pairs[$0] }
    }
  }

  private func allWrongPairs(
    _ row: Int, _ mine: RolloutReference, from right: [RolloutReference],
    _ generator: inout SplitMix64
  ) -> [PreferencePair] {
    switch allWrong {
    case .skip: []
    case .offtopicNegative:
      partners(from: right, &generator).map {
        PreferencePair(question: row, winner: mine, loser: $0)
      }
    case .correctPositive:
      partners(from: right, &generator).map {
        PreferencePair(question: row, winner: $0, loser: mine)
      }
    }
  }

  private func partners(
    from pool: [RolloutReference], _ generator: inout SplitMix64
  ) -> [RolloutReference] {
    generator.sample(offtopicPerTrajectory ?? pool.count, below: pool.count).map { pool[$0] }
  }

  private func references(
    of question: QuestionOutcomes, row: Int, where label: Bool
  ) -> [RolloutReference] {
    question.correct.indices.filter { question.correct[$0] == label }.map {
      RolloutReference(question: row, rollout: $0)
    }
  }
}

/// Numbers equal texts alike, so that pairs can be compared by text.
private struct TextIdentities {
  private var numbers: [RolloutReference: Int] = [:]
  private var seen: Set<[Int]> = []

  init(_ questions: [QuestionOutcomes]) {
    var known: [String: Int] = [:]
    for (row, question) in questions.enumerated() {
      for (place, text) in (question.completions ?? []).enumerated() {
        let number = known[text] ?? known.count
        known[text] = number
        numbers[RolloutReference(question: row, rollout: place)] = number
      }
    }
  }

  /// The pairs whose texts have not been paired before for their question, in their order.
  mutating func unique(_ pairs: [PreferencePair]) -> [PreferencePair] {
    guard !numbers.isEmpty else { return pairs }
    return pairs.filter { pair in
      guard let winner = numbers[pair.winner], let loser = numbers[pair.loser] else { return true }
      return winner != loser && seen.insert([pair.question, winner, loser]).inserted
    }
  }
}
