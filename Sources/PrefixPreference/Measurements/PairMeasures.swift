import Torch

/// How well a preference model tells the better of two solutions.
///
/// A pair is decided by both orders together, by the sign of z(A,B) - z(B,A), so that a bias for the
/// first place does not count as skill.
public struct PairMeasures: Sendable, Codable, Equatable {
  /// The share of pairs decided rightly, undecided ones half.
  public let accuracy: QuestionMean
  /// The same for pairs of one question.
  public let withinAccuracy: QuestionMean
  /// The same for pairs with a solution of another question.
  public let crossAccuracy: QuestionMean
  /// The share of pairs of one question in which the solution with more tokens is the right one: what
  /// length alone would tell. `The shorter one is right` is 1 less this.
  public let longerIsRight: QuestionMean
  /// Binary cross-entropy in both orders, the training loss, in nats.
  public let loss: Double
  /// The mean of |P(A,B) + P(B,A) - 1|; 0 by construction with antisymmetric heads.
  public let orderGap: Double
  /// The mean of P(A,B) over both orders of every pair: 1/2 without a bias for a position.
  public let meanProbability: Double

  /// What early stopping and summaries go by: pairs of one question where there are any, because those
  /// are what phase II asks about.
  public var decisive: QuestionMean {
    withinAccuracy.questions > 0 ? withinAccuracy : crossAccuracy
  }

  init(_ pairs: [ScoredPair]) {
    func accuracy(_ pairs: [ScoredPair]) -> QuestionMean {
      QuestionMean(pairs.map { ($0.pair.question, agreement($0.decision)) })
    }
    let within = pairs.filter { $0.pair.scope == .within }
    self.accuracy = accuracy(pairs)
    withinAccuracy = accuracy(within)
    crossAccuracy = accuracy(pairs.filter { $0.pair.scope == .cross })
    longerIsRight = QuestionMean(
      within.map {
        ($0.pair.question, agreement(Double($0.pair.winner.tokens - $0.pair.loser.tokens)))
      })
    loss = pairs.map { softplus(-$0.winnerFirst) + softplus($0.loserFirst) }.mean
    orderGap = pairs.map { abs($0.probabilities.0 + $0.probabilities.1 - 1) }.mean
    meanProbability = pairs.map { ($0.probabilities.0 + $0.probabilities.1) / 2 }.mean
  }
}

/// A pair with the model's logits.
struct ScoredPair {
  let pair: PrefixPair
  /// z(winner, loser).
  let winnerFirst: Double
  /// z(loser, winner).
  let loserFirst: Double

  /// Positive when the pair is decided rightly.
  var decision: Double { (winnerFirst - loserFirst) / 2 }
  /// P(winner, loser) and P(loser, winner).
  var probabilities: (Double, Double) { (sigmoid(winnerFirst), sigmoid(loserFirst)) }
}

extension PreferenceModel {
  /// The logits of pairs, in their order.
  func scored(_ pairs: [PrefixPair], in encoded: any EncodedPrefixes) throws -> [ScoredPair] {
    try withoutGradients {
      let winners = pairs.map(\.winner.prefix)
      let losers = pairs.map(\.loser.prefix)
      let winnerFirst = try logits(of: encoded, first: winners, second: losers)
      let loserFirst =
        head.kind.isAntisymmetric
        ? winnerFirst.map { -$0 } : try logits(of: encoded, first: losers, second: winners)
      return pairs.indices.map {
        ScoredPair(pair: pairs[$0], winnerFirst: winnerFirst[$0], loserFirst: loserFirst[$0])
      }
    }
  }
}
