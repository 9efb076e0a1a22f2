/// What a preference model knows about labelled solutions, and what its prefix signal follows.
public struct PreferenceEvaluation: Sendable, Codable, Equatable {
  /// Questions.
  public let questions: Int
  /// Solutions, right and wrong.
  public let solutions: Int
  /// How the better of two complete solutions is told.
  public let pairs: PairMeasures
  /// Accuracy on pairs of one question by how their lengths compare.
  public let byLength: LengthBreakdown
  /// Accuracy on pairs of one question by the greater number of steps of the two.
  public let bySteps: [StepAccuracy]
  /// How well P(A,B), in both orders of pairs of one question, agrees with what is right.
  public let calibration: Calibration
  /// The area under the ROC curve of single complete solutions, over all questions together; nil when a
  /// label is absent or the encoder reads pairs at once.
  public let auc: Double?
  /// How prefixes with equally many steps are ranked, step by step (WS-GRPO, appendix A.5).
  public let prefixRanking: [PrefixRanking]
  /// u_t = P(q, s_1:t-1, s_1:t), the order of the paper's equation.
  public let literal: PrefixSignal
  /// u_t = P(q, s_1:t, s_1:t-1), what the paper's prose describes.
  public let progress: PrefixSignal
  /// Values of prefixes; nil when the encoder reads pairs at once.
  public let values: PrefixValueMeasures?
}

/// Accuracy on pairs of one question by how the lengths compare. A model that goes by length alone is at
/// 1/2 on equal lengths and has opposite errors in the last two.
public struct LengthBreakdown: Sendable, Codable, Equatable {
  /// Pairs with equally many steps.
  public let sameSteps: QuestionMean
  /// Pairs with different numbers of steps.
  public let differentSteps: QuestionMean
  /// Pairs in which the solution with more tokens is the right one.
  public let longerRight: QuestionMean
  /// Pairs in which the solution with fewer tokens is the right one.
  public let shorterRight: QuestionMean

  init(_ pairs: [ScoredPair]) {
    func accuracy(where isIn: (PrefixPair) -> Bool) -> QuestionMean {
      QuestionMean(
        pairs.filter { isIn($0.pair) }.map { ($0.pair.question, agreement($0.decision)) })
    }
    sameSteps = accuracy { $0.winner.steps == $0.loser.steps }
    differentSteps = accuracy { $0.winner.steps != $0.loser.steps }
    longerRight = accuracy { $0.winner.tokens > $0.loser.tokens }
    shorterRight = accuracy { $0.winner.tokens < $0.loser.tokens }
  }
}

/// Accuracy on pairs of a number of steps.
public struct StepAccuracy: Sendable, Codable, Equatable {
  /// The greater number of steps of the two.
  public let steps: Int
  /// The share of pairs decided rightly.
  public let accuracy: QuestionMean
}

/// How prefixes of right and wrong solutions of one question with t steps each are ranked.
public struct PrefixRanking: Sendable, Codable, Equatable {
  /// t.
  public let steps: Int
  /// The share of pairs in which the prefix of the right solution is preferred.
  public let accuracy: QuestionMean
  /// The mean of P(+,-) - P(-,+): positive when prefixes of right solutions are preferred.
  public let gap: Double
  /// The mean of |P(+,-) - P(-,+)|: how decided the model is, right or wrong.
  public let absoluteGap: Double

  init(steps: Int, pairs: [ScoredPair]) {
    let gaps = pairs.map { $0.probabilities.0 - $0.probabilities.1 }
    self.steps = steps
    accuracy = QuestionMean(pairs.map { ($0.pair.question, agreement($0.decision)) })
    gap = gaps.mean
    absoluteGap = gaps.map(abs).mean
  }
}

/// The prefix mean p = mean over t = 2...n of u_t of solutions with n >= 2 steps, and what it follows.
public struct PrefixSignal: Sendable, Codable, Equatable {
  /// Solutions with at least two steps.
  public let solutions: Int
  /// The mean of p.
  public let mean: Double
  /// The sample variance of p over all solutions.
  public let variance: Double
  /// The sample variance of p within questions, the mean over questions with two or more solutions:
  /// what a group-relative advantage can see.
  public let varianceWithinQuestions: Double
  /// Pearson's correlation of p with the number of steps; nil where one of them does not vary.
  public let correlationWithSteps: Double?
  /// Pearson's correlation of p with the number of tokens.
  public let correlationWithTokens: Double?
  /// Pearson's correlation of p with the outcome, 1 or 0.
  public let correlationWithOutcome: Double?

  init(_ rows: [(question: Int, steps: RolloutSteps, correct: Bool, u: [Double])]) {
    let rows = rows.filter { !$0.u.isEmpty }
    let p = rows.map { $0.u.mean }
    let groups = Dictionary(grouping: rows.indices) { rows[$0].question }
      .sorted { $0.key < $1.key }.map { $0.value.map { p[$0] } }
    solutions = rows.count
    mean = p.mean
    variance = p.variance
    varianceWithinQuestions = groups.filter { $0.count > 1 }.map(\.variance).mean
    correlationWithSteps = correlation(zip(p, rows).map { ($0, Double($1.steps.stepCount)) })
    correlationWithTokens = correlation(
      zip(p, rows).map { ($0, Double($1.steps.completionIDs.count)) })
    correlationWithOutcome = correlation(zip(p, rows).map { ($0, $1.correct ? 1 : 0) })
  }
}
