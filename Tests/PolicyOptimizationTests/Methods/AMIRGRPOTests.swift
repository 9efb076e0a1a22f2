import Foundation
import Settings
import Testing

@testable import PolicyOptimization

/// Pairs and regulariser by hand; the golden file holds the rest.
@Suite struct AMIRGRPOTests {
  private func pairs(
    _ rewards: [Double], groups: [Int]? = nil, lengths: [Int]? = nil, gap: Double = 0.5,
    scope: PairScope = .all, cap: Int? = nil
  ) -> [[Int]] {
    PairMining(gap: gap, scope: scope, cap: cap).pairs(
      rewards: rewards, groupIDs: groups ?? rewards.map { _ in 0 },
      lengths: lengths ?? rewards.map { _ in 1 }
    ).joined().map { [$0.winner, $0.loser] }
  }

  @Test func thePairsOfTheGuide() {
    // Rows 0 and 2 differ by .2, rows 1 and 3 by .4.
    #expect(pairs([2.7, 0.6, 2.5, 0.2]) == [[0, 1], [0, 3], [2, 1], [2, 3]])
  }

  @Test func theGapIsStrict() {
    #expect(pairs([2, 0, 2.5], gap: 2) == [[2, 1]])
    #expect(pairs([1, 0], gap: 1).isEmpty)
    #expect(pairs([1, 0.999], gap: 0) == [[0, 1]])
  }

  @Test func pairsStayInTheirGroups() {
    #expect(pairs([1, 0, 0, 1], groups: [5, 2, 5, 2]) == [[0, 2], [3, 1]])
  }

  @Test func onlyTheFirstOfTheBestIsOnTop() {
    #expect(pairs([0, 3, 3, 1], scope: .top) == [[1, 0], [1, 3]])
  }

  @Test func theCapKeepsTheLargestGaps() {
    #expect(pairs([3, 2, 1, 0], cap: 3) == [[0, 2], [0, 3], [1, 3]])
    // Four pairs with one gap: the first by (i, j).
    #expect(pairs([1, 0, 1, 0], cap: 3) == [[0, 1], [0, 3], [2, 1]])
    #expect(pairs([1, 0, 1, 0], groups: [0, 0, 1, 1], cap: 1) == [[0, 1], [2, 3]])
  }

  @Test func tiedGroupsGroupsOfOneAndEmptyRowsHaveNone() {
    for scope in PairScope.allCases {
      #expect(pairs([1, 1, 1], scope: scope).isEmpty)
      #expect(pairs([1], scope: scope).isEmpty)
      #expect(pairs([1, 0], lengths: [0, 4], scope: scope).isEmpty)
      #expect(pairs([1, 0], lengths: [0, 0], scope: scope).isEmpty)
      // The best row with a token is on top.
      #expect(pairs([3, 1, 0], lengths: [0, 1, 1], scope: scope) == [[1, 2]])
    }
  }

  private func method(_ change: (inout AMIRGRPOSettings) -> Void) -> Method {
    var settings = AMIRGRPOSettings()
    change(&settings)
    return AMIRGRPO.method(settings)
  }

  private static let step = SmallStep(
    rewards: [1, 0, 1], logProbabilities: [[-1, -3], [-4, 9], [-1, -1]],
    oldLogProbabilities: [[-1, -3], [-4, 0], [-1, -1]],
    referenceLogProbabilities: [[-2, -2], [-3, 5], [-1, -5]],
    mask: [[true, true], [true, false], [true, true]])

  @Test func theRegulariserIsAMeanOverPairs() throws {
    // l = -2, -4, -1: z = .5 * 2 and .5 * 3.
    let plain = try Self.step.run(GRPO.method(GRPOSettings())).loss
    let result = try Self.step.run(
      method {
        $0.scale = 0.5
        $0.weight = 0.3
      })
    let losses = [1.0, 1.5].map { log(1 + exp(-$0)) }
    #expect(isClose(result.loss - plain, 0.3 * (losses[0] + losses[1]) / 2))
    #expect(isClose(result.metrics["pairs/loss"]?.mean ?? .nan, (losses[0] + losses[1]) / 2))
    #expect(isClose(result.metrics["pairs/logit"]?.mean ?? .nan, 1.25))
    #expect(result.metrics["pairs/accuracy"]?.mean == 1)
    #expect(result.metrics["pairs/per_group"]?.mean == 2)
    #expect(result.metrics["pairs/weight"]?.mean == 0.01 * 30)
  }

  @Test func itRaisesWinnersAndLowersLosersByTokenMeans() throws {
    let plain = try Self.step.run(GRPO.method(GRPOSettings())).gradient
    let found = try Self.step.run(
      method {
        $0.scale = 1
        $0.weight = 1
      }
    ).gradient
    let slopes = [2.0, 3].map { 1 / (1 + exp($0)) / 2 }  // sigmoid(-z) / |S|
    #expect(isClose(found[0][0] - plain[0][0], -slopes[0] / 2))
    #expect(isClose(found[1][0] - plain[1][0], slopes[0] + slopes[1]))
    #expect(isClose(found[2][1] - plain[2][1], -slopes[1] / 2))
    #expect(found[1][1] == 0)
  }

  @Test func aReferenceIsSubtracted() throws {
    let method = method {
      $0.scale = 1
      $0.reference = .logProbabilities
    }
    #expect(method.loss.needsReference)
    #expect(!self.method { _ in }.loss.needsReference)
    // l - l_ref = 0, -1, 2.
    let metrics = try Self.step.run(method).metrics
    #expect(isClose(metrics["pairs/logit"]?.mean ?? .nan, 2))
  }

  @Test func withoutPairsItIsGRPO() throws {
    let tied = SmallStep(
      rewards: [1, 1], logProbabilities: [[-1], [-2]], oldLogProbabilities: [[-1.5], [-2]])
    let result = try tied.run(
      method {
        $0.schedule = .adaptive
        $0.weight = 0.02
      })
    #expect(result.loss == 0)
    #expect(result.gradient == [[0], [0]])
    #expect(result.metrics["pairs/weight"]?.mean == 0.02)
    #expect(result.metrics["pairs/loss"]?.weight == 0)
    #expect(result.metrics["pairs/loss_ratio"] == nil)
  }

  @Test(arguments: [
    (0.01, 0.29, 0.0125), (0.045, 0.1, 0.05), (0.01, 0.3, 0.01), (0.01, 0.7, 0.01),
    (0.01, 0.71, 0.008), (0.005, 100, 0.005), (0.01, -3, 0.0125),
  ])
  func theSchedule(weight: Double, ratio: Double, expected: Double) {
    #expect(isClose(PairWeightSchedule().next(weight, ratio: ratio), expected))
  }

  @Test func theAdaptedWeightIsUsedAtOnceAndRemembered() throws {
    let method = method {
      $0.schedule = .adaptive
      $0.weight = 0.04
    }
    var loss = try #require(method.loss as? PairwiseRegularisedLoss)
    #expect(loss.memory == 0.04)
    let inputs = try Self.step.inputs(method)
    let totals = StepTotals(of: Self.step.batch)
    // The policy's loss is 0 up to rounding, so c is huge.
    let outputs = loss(inputs, totals: totals)
    #expect(isClose(outputs.memory ?? .nan, 0.032))
    let preference = outputs.metrics["pairs/loss"]?.mean ?? .nan
    let policy = loss.base(inputs, totals: totals).loss.item
    #expect(isClose(outputs.loss.item, policy + 0.032 * preference))
    loss.memory = outputs.memory
    #expect(isClose(loss(inputs, totals: totals).memory ?? .nan, 0.0256))
    let fixed = AMIRGRPO.method(AMIRGRPOSettings()).loss as? PairwiseRegularisedLoss
    #expect(fixed?.memory == nil)
    #expect(try fixed?(Self.step.inputs(method), totals: totals).memory == nil)
  }
}
