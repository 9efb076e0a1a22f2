import Foundation
import Testing
import Torch

@testable import PolicyOptimization

/// The loss by hand; the golden files hold the rest.
@Suite struct GRPOTests {
  /// Loss, gradient and metrics of rows with everything counted unless a mask is given.
  private func evaluate(
    _ change: (inout GRPOSettings) -> Void = { _ in }, logRatio: [[Double]],
    reference: [[Double]]? = nil, advantages: [Double], mask: [[Bool]]? = nil,
    maxCompletion: Int = 4
  ) -> (loss: Double, gradient: [[Double]], metrics: Metrics) {
    var settings = GRPOSettings()
    change(&settings)
    let old = logRatio.map { $0.map { _ in -2.0 } }
    let mask = mask ?? logRatio.map { $0.map { _ in true } }
    let inputs = LossInputs(
      logProbabilities: Tensor(rows: zip(logRatio, old).map { zip($0, $1).map { $0 + $1 } }),
      oldLogProbabilities: Tensor(rows: old),
      referenceLogProbabilities: reference.map { Tensor(rows: $0) },
      mask: Tensor(rows: mask), advantages: Tensor(advantages, shape: [advantages.count, 1]),
      groupIDs: advantages.map { _ in 0 }, rewards: advantages)
    let totals = StepTotals(
      rowCount: mask.count, tokenCount: mask.joined().count { $0 }, groupCount: 1,
      maxCompletion: maxCompletion)
    let (outputs, gradient) = settings.loss.gradient(at: inputs, totals: totals)
    return (outputs.loss.item, gradient.nested, outputs.metrics)
  }

  @Test func onPolicyTheGradientIsMinusTheAdvantageByTheDenominator() {
    let result = evaluate(
      logRatio: [[0, 0], [0, 0]], advantages: [3, -1], mask: [[true, true], [true, false]])
    #expect(isClose(result.loss, -(3.0 - 1) / 2))
    #expect(isClose(result.gradient[0], [-3.0 / 4, -3.0 / 4]))
    #expect(isClose(result.gradient[1], [1.0 / 2, 0]))
  }

  @Test func theAggregationsDivideByRowsTokensOrAConstant() {
    let mask = [[true, true, true], [true, false, false]]
    let ratios = [[0.0, 0, 0], [0, 0, 0]]
    func loss(_ aggregation: LossAggregation, constant: Int? = nil) -> Double {
      evaluate(
        {
          $0.aggregation = aggregation
          $0.constantLength = constant
        }, logRatio: ratios, advantages: [2, -3], mask: mask
      ).loss
    }
    #expect(isClose(loss(.seqMeanTokenMean), -(2.0 - 3) / 2))
    #expect(isClose(loss(.tokenMean), -(3 * 2.0 - 3) / 4))
    #expect(isClose(loss(.constantLength), -(3 * 2.0 - 3) / (2 * 4)))
    #expect(isClose(loss(.constantLength, constant: 10), -(3 * 2.0 - 3) / (2 * 10)))
  }

  @Test func clippingTakesTheGradientOnlyWhereItWouldGoTooFar() {
    let far = log(1.5)
    let up = evaluate(logRatio: [[far], [far]], advantages: [1, -1])
    #expect(isClose(up.loss, -(1.2 - 1.5) / 2))
    #expect(isClose(up.gradient.flatMap(\.self), [0, 1.5 / 2]))
    #expect(up.metrics["clip_ratio/high_mean"]?.mean == 0.5)
    let down = evaluate(logRatio: [[-far], [-far]], advantages: [1, -1])
    #expect(isClose(down.gradient.flatMap(\.self), [-1 / 1.5 / 2, 0]))
    #expect(down.metrics["clip_ratio/low_mean"]?.mean == 0.5)
    #expect(down.metrics["clip_ratio/region_mean"]?.mean == 0.5)
  }

  @Test func clipHigherMovesOnlyTheUpperBound() {
    let result = evaluate(
      { $0.clipHigh = 0.28 }, logRatio: [[log(1.25)], [log(0.75)]], advantages: [1, -1])
    #expect(isClose(result.loss, -(1.25 - 0.8) / 2))
  }

  @Test func theDualClipBoundsNegativeAdvantages() {
    let ratio = [[log(4.0)], [log(4.0)]]
    let free = evaluate(logRatio: ratio, advantages: [1, -1])
    #expect(isClose(free.loss, -(1.2 - 4) / 2))
    let bound = evaluate({ $0.dualClip = 3 }, logRatio: ratio, advantages: [1, -1])
    #expect(isClose(bound.loss, -(1.2 - 3) / 2))
    #expect(isClose(bound.gradient.flatMap(\.self), [0, 0]))
  }

  @Test func theSequenceRatioIsTheGeometricMeanAndReachesEveryToken() {
    let result = evaluate(
      {
        $0.ratioLevel = .sequence
        $0.clipLow = 0.9
        $0.clipHigh = 9
      }, logRatio: [[log(2.0), log(0.5), log(8)]], advantages: [1])
    #expect(isClose(result.loss, -2))  // the third root of 2 * .5 * 8
    #expect(isClose(result.gradient[0], [-2.0 / 3, -2.0 / 3, -2.0 / 3]))
  }

  @Test func aSequenceIsClippedOnceAsARow() {
    let result = evaluate(
      { $0.ratioLevel = .sequence }, logRatio: [[1, 1, 1], [0, 0, 0]], advantages: [1, 1])
    #expect(result.metrics["clip_ratio/high_mean"] == WeightedMetric(sum: 1, weight: 2))
    #expect(isClose(result.gradient[0], [0, 0, 0]))
    let narrow = evaluate(
      { $0.ratioLevel = .sequence }, logRatio: [[1], [0], [1]], advantages: [1, 1, 1],
      mask: [[true], [true], [false]])
    #expect(narrow.metrics["clip_ratio/high_mean"] == WeightedMetric(sum: 1, weight: 3))
  }

  @Test func theRowsThatAreClippedLeastAndMostAreMeasured() {
    // Shares of tokens above 1.2: 1/2, 1 of the one that counts, 0; below .8: none, none, 1/2.
    let mask = [[true, true], [true, false], [true, true]]
    let found = evaluate(
      logRatio: [[1, 0], [1, 1], [-1, 0]], advantages: [1, 1, -1], mask: mask
    ).metrics
    #expect(found["clip_ratio/high_max"]?.mean == 1)
    #expect(found["clip_ratio/low_min"]?.mean == 0)
    let low = evaluate(logRatio: [[-1, 0], [-1, -1]], advantages: [-1, -1]).metrics
    #expect(low["clip_ratio/low_min"]?.mean == 0.5)
    let empty = evaluate(
      logRatio: [[-1, 0], [1, 1]], advantages: [-1, 1], mask: [[true, true], [false, false]]
    ).metrics
    #expect(empty["clip_ratio/low_min"]?.mean == 0.5)
    #expect(empty["clip_ratio/high_max"]?.mean == 0)
    // Parts of a step give what the whole does.
    var parts = low
    parts.add(found)
    #expect(parts["clip_ratio/low_min"]?.mean == 0)
    #expect(parts["clip_ratio/high_max"]?.mean == 1)
  }

  @Test func theKLEstimatorsAndTheirGradients() {
    // D = log pi_ref - log pi = .0817: k3's gradient is 1 - exp(D) = -.08513.
    let difference = 0.0817
    let expected: [(KLEstimator, value: Double, gradient: Double)] = [
      (.k1, -difference, 1), (.k2, difference * difference / 2, -difference),
      (.k3, exp(difference) - difference - 1, 1 - exp(difference)),
    ]
    for (estimator, value, gradient) in expected {
      let result = evaluate(
        {
          $0.klCoefficient = 0.5
          $0.klEstimator = estimator
        }, logRatio: [[0]], reference: [[-2 + difference]], advantages: [0])
      #expect(isClose(result.loss, 0.5 * value))
      #expect(isClose(result.gradient[0], [0.5 * gradient]))
      #expect(isClose(result.metrics["kl"]?.mean ?? .nan, value))
    }
    #expect(isClose(1 - exp(difference), -0.08513, 5e-6))
  }

  @Test func withoutAWeightNoReferenceIsNeeded() {
    #expect(!GRPOSettings().loss.needsReference)
    #expect(GRPOSettings(preset: .grpo).loss.needsReference)
  }

  @Test func emptyRowsAndEmptyStepsStayFinite() {
    for aggregation in LossAggregation.allCases {
      let result = evaluate(
        { $0.aggregation = aggregation }, logRatio: [[0, 0], [0, 0]], advantages: [1, 1],
        mask: [[false, false], [false, false]])
      #expect(result.loss == 0)
      #expect(result.gradient == [[0, 0], [0, 0]])
      #expect(result.metrics["clip_ratio/low_mean"]?.mean == 0)
    }
    let half = evaluate(
      logRatio: [[0, 0], [0, 0]], advantages: [1, 1], mask: [[true, true], [false, false]])
    #expect(isClose(half.loss, -1.0 / 2), "an empty row still counts as a row")
  }

  @Test func noGradientFlowsThroughAdvantages() {
    let advantages = Tensor(rows: [[1.0]])
    advantages.requiresGradient = true
    let logProbabilities = Tensor(rows: [[-1.0]])
    logProbabilities.requiresGradient = true
    let inputs = LossInputs(
      logProbabilities: logProbabilities, oldLogProbabilities: logProbabilities.detached(),
      mask: Tensor(rows: [[true]]), advantages: advantages, groupIDs: [0], rewards: [1])
    let totals = StepTotals(rowCount: 1, tokenCount: 1, groupCount: 1, maxCompletion: 1)
    GRPOSettings().loss(inputs, totals: totals).loss.backward()
    #expect(advantages.gradient == nil)
    #expect(logProbabilities.gradient?.doubles == [-1])
  }

  @Test func theLargestLogRatioSkipsThePadding() {
    let inputs = LossInputs(
      logProbabilities: Tensor(rows: [[-1.0, -9, 50]]),
      oldLogProbabilities: Tensor(rows: [[-1.25, -8.5, 0]]),
      mask: Tensor(rows: [[true, true, false]]), advantages: Tensor(rows: [[1.0]]), groupIDs: [0],
      rewards: [1])
    #expect(isClose(inputs.largestLogRatio, 0.5))
  }
}
