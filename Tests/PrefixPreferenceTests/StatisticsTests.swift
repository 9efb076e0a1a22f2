import Testing

@testable import PrefixPreference

@Suite("Statistics of preferences")
struct StatisticsTests {
  @Test("AUC counts ties half")
  func auc() {
    #expect(areaUnderCurve([(1, true), (0, false)]) == 1)
    #expect(areaUnderCurve([(0, true), (1, false)]) == 0)
    #expect(areaUnderCurve([(1, true), (1, false), (1, true)]) == 0.5)
    #expect(areaUnderCurve([(3, true), (1, true), (2, false), (0, false)]) == 0.75)
    #expect(areaUnderCurve([(1, true)]) == nil)
    #expect(areaUnderCurve([]) == nil)
  }

  @Test("AUC is the share of ordered pairs")
  func aucAgainstPairs() {
    var scores: [(score: Double, positive: Bool)] = []
    for index in 0..<60 { scores.append((Double(index * 37 % 11), index * 17 % 3 == 0)) }
    var wins = 0.0
    var pairs = 0.0
    for positive in scores where positive.positive {
      for negative in scores where !negative.positive {
        wins += agreement(positive.score - negative.score)
        pairs += 1
      }
    }
    #expect(abs((areaUnderCurve(scores) ?? -1) - wins / pairs) < 1e-12)
  }

  @Test("a question's pairs count as one")
  func questionMean() {
    let mean = QuestionMean([
      (question: 0, value: 1.0), (question: 0, value: 1), (question: 0, value: 1),
      (question: 1, value: 0),
    ])
    #expect(mean.mean == 0.5)
    #expect(mean.questions == 2)
    #expect(mean.count == 4)
    // Half-width 1.96 sqrt(.5 / 2), more than there is room for.
    #expect(mean.low == 0 && mean.high == 1)
    let four = QuestionMean([0.25, 0.5, 0.5, 0.75].enumerated().map { ($0.offset, $0.element) })
    let half = 1.959964 * (0.125 / 3 / 4).squareRoot()
    #expect(isNear(four.low, 0.5 - half) && isNear(four.high, 0.5 + half))
    let one = QuestionMean([(question: 5, value: 0.25)])
    #expect(one.mean == 0.25)
    #expect(one.low == nil)
    #expect(QuestionMean([(question: Int, value: Double)]()).mean == nil)
  }

  @Test("correlation")
  func pearson() throws {
    #expect(abs(try #require(correlation([(1, 2), (2, 4), (3, 6)])) - 1) < 1e-12)
    #expect(abs(try #require(correlation([(1, 3), (2, 2), (3, 1)])) + 1) < 1e-12)
    #expect(abs(try #require(correlation([(1, 1), (2, 3), (3, 2)])) - 0.5) < 1e-12)
    #expect(correlation([(1, 1), (1, 2)]) == nil)
    #expect(correlation([(1, 1)]) == nil)
  }
}
