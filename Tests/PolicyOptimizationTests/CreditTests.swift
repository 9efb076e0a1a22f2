import Testing
import Torch

@testable import PolicyOptimization

@Suite struct CreditTests {
  private let mask = Tensor(rows: [[false, true, false, true], [true, false, false, false]])

  @Test func tokenValuesFollowTheMaskWhereverItsPaddingLies() throws {
    let laid = try Credit.laid([[1, 2], [3]], onto: mask, dtype: .float64)
    #expect(laid.nested == [[0, 1, 0, 2], [3, 0, 0, 0]])
  }

  @Test func rowsWithoutTokensAreEmpty() throws {
    let empty = Tensor(rows: [[false, false], [false, false]])
    #expect(try Credit.laid([[], []], onto: empty, dtype: .float32).nested == [[0, 0], [0, 0]])
  }

  @Test func aRowWeightOfZeroTakesARowOutButNotOfTheDenominator() throws {
    let logProbabilities = Tensor(rows: [[-1.0, -1], [-2, -2]])
    func loss(_ weights: [Double]?) throws -> Double {
      let credit = Credit(
        groupIDs: [0, 0], rewards: [1, 0],
        advantages: Advantages([3, -5], rowWeights: weights), metrics: [:])
      let inputs = try credit.lossInputs(
        rows: [0, 1], logProbabilities: logProbabilities, oldLogProbabilities: logProbabilities,
        referenceLogProbabilities: nil, mask: Tensor(rows: [[true, true], [true, false]]))
      let totals = StepTotals(rowCount: 2, tokenCount: 3, groupCount: 1, maxCompletion: 2)
      return GRPOSettings().loss(inputs, totals: totals).loss.item
    }
    #expect(isClose(try loss(nil), (-3 + 5) / 2.0))
    #expect(isClose(try loss([1, 0]), -3 / 2.0))
    #expect(isClose(try loss([0.5, 2]), (-1.5 + 10) / 2))
  }

  @Test func groupsAreCounted() {
    let batch = GroupBatch(
      groupIDs: [0, 0, 1, 1, 2, 2], rewards: [1, 0, 1, 1, 0, 0],
      correct: [true, false, true, true, false, false], lengths: [1, 1, 1, 1, 1, 1],
      maxCompletion: 4)
    let metrics = GRPO.method(GRPOSettings()).credit(batch).metrics
    #expect(isClose(metrics["reward"]?.mean ?? .nan, 0.5))
    #expect(isClose(metrics["reward_std"]?.mean ?? .nan, 0.5.squareRoot() / 3))
    #expect(isClose(metrics["frac_reward_zero_std"]?.mean ?? .nan, 2.0 / 3))
    #expect(isClose(metrics["groups/all_correct"]?.mean ?? .nan, 1.0 / 3))
    #expect(isClose(metrics["groups/all_wrong"]?.mean ?? .nan, 1.0 / 3))
    #expect(metrics["advantages/tied_group_share"]?.mean == 0)
  }

  @Test func totalsAreThoseOfTheStep() {
    let batch = GroupBatch(
      groupIDs: [3, 3, 4, 4], rewards: [0, 0, 0, 0], correct: [false, false, false, false],
      lengths: [1, 2, 4, 8], maxCompletion: 16)
    #expect(
      StepTotals(of: batch)
        == StepTotals(rowCount: 4, tokenCount: 15, groupCount: 2, maxCompletion: 16))
    #expect(
      StepTotals(of: batch, rows: [2, 3])
        == StepTotals(rowCount: 2, tokenCount: 12, groupCount: 1, maxCompletion: 16))
  }

  @Test func measurementsAddUp() {
    var metrics: Metrics = ["a": WeightedMetric(sum: 1, weight: 1)]
    metrics.add(["a": WeightedMetric(sum: 2, weight: 5), "b": WeightedMetric(mean: [1, 2])])
    #expect(metrics["a"]?.mean == 0.5)
    #expect(metrics["b"]?.mean == 1.5)
    #expect(WeightedMetric(mean: []).mean == 0)
  }
}
