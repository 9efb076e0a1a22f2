import Tasks

/// Which solutions a pair compares.
public enum PairScope: String, Sendable, Codable {
  /// Both answer the question that they are judged for.
  case within
  /// One was written for another question.
  case cross
  /// Both are prefixes of solutions of the question, with equally many steps.
  case prefix
}

/// A pair of encoded prefixes whose better one is known.
struct PrefixPair {
  let question: Int
  let scope: PairScope
  let winner: Side
  let loser: Side

  struct Side {
    /// The number of the prefix in the table.
    let prefix: Int
    /// The prefix's tokens and steps.
    let tokens: Int
    let steps: Int
  }
}

/// Solutions encoded once for every question that they are judged for, and pairs of them.
struct PairTable {
  let encoded: any EncodedPrefixes
  private let rows: [Row]
  private let places: [Key: Int]

  struct Key: Hashable {
    let question: Int
    let solution: RolloutReference

    init(_ solution: RolloutReference, judgedFor question: Int) {
      self.question = question
      self.solution = solution
    }
  }

  /// A solution judged for a question, with the numbers of its prefixes.
  struct Row {
    let steps: RolloutSteps
    let prefixes: Range<Int>

    /// The number of the whole solution.
    var complete: Int { prefixes.upperBound - 1 }
  }

  /// Encodes the solutions of `pairs`, and `alone` for their own questions.
  ///
  /// - Parameter prefixes: which prefixes of solutions of the question that they are judged for; a solution of
  ///   another question is compared whole.
  init(
    pairs: [PreferencePair], alone: [RolloutReference], groups: QuestionGroups,
    encoder: any PrefixEncoder, prefixes: PrefixSelection
  ) throws {
    let keys =
      pairs.flatMap {
        [Key($0.winner, judgedFor: $0.question), Key($0.loser, judgedFor: $0.question)]
      } + alone.map { Key($0, judgedFor: $0.question) }
    var rows: [Row] = []
    var selections: [PrefixSelection] = []
    var places: [Key: Int] = [:]
    var next = 0
    for key in keys where places[key] == nil {
      let steps = groups.steps(key.solution, judgedFor: key.question)
      let selection =
        key.solution.question == key.question ? prefixes : PrefixSelection.completeSolution
      places[key] = rows.count
      selections.append(selection)
      rows.append(Row(steps: steps, prefixes: next..<next + selection.count(steps)))
      next = rows[rows.count - 1].prefixes.upperBound
    }
    self.rows = rows
    self.places = places
    encoded = try encoder.encode(rows.map(\.steps), prefixes: selections)
  }

  /// The number of encoded solutions.
  var count: Int { rows.count }

  /// A solution as judged for a question; it must have been encoded so.
  subscript(solution: RolloutReference, judgedFor question: Int) -> Row {
    guard let place = places[Key(solution, judgedFor: question)] else {
      preconditionFailure("\(solution) was not encoded for question \(question)")
    }
    return rows[place]
  }

  /// The pair of two complete solutions.
  func complete(_ pair: PreferencePair) -> PrefixPair {
    func side(_ row: Row) -> PrefixPair.Side {
      PrefixPair.Side(
        prefix: row.complete, tokens: row.steps.completionIDs.count, steps: row.steps.stepCount)
    }
    return PrefixPair(
      question: pair.question, scope: pair.kind == .withinQuestion ? .within : .cross,
      winner: side(self[pair.winner, judgedFor: pair.question]),
      loser: side(self[pair.loser, judgedFor: pair.question]))
  }

  /// The pairs of prefixes with t = 1, 2, ... steps, as long as both solutions go; without the pair
  /// of the two complete solutions. Both must be of the question, with every step encoded.
  func matchedPrefixes(_ pair: PreferencePair) -> [PrefixPair] {
    let winner = self[pair.winner, judgedFor: pair.question]
    let loser = self[pair.loser, judgedFor: pair.question]
    func side(_ row: Row, _ step: Int) -> PrefixPair.Side {
      PrefixPair.Side(
        prefix: row.prefixes.lowerBound + step,
        tokens: row.steps.lastTokenOfStep[step] + 1, steps: step + 1)
    }
    let (n, m) = (winner.steps.stepCount, loser.steps.stepCount)
    return (0..<min(n, m)).filter { $0 + 1 < max(n, m) }.map { step in
      PrefixPair(
        question: pair.question, scope: .prefix, winner: side(winner, step),
        loser: side(loser, step))
    }
  }
}
