import Foundation
import Testing
import Torch

@testable import PrefixPreference

@Suite("Preference evaluation")
struct PreferenceEvaluationTests {
  /// A solution of one-token steps; the encoder's feature of a prefix is a tenth of its last token.
  private func solution(_ question: String, _ tokens: [Int], correct: Bool) -> LabelledSolution {
    LabelledSolution(
      question: question, correct: correct,
      steps: RolloutSteps(
        promptIDs: [1], completionIDs: tokens, lastTokenOfStep: Array(tokens.indices)))
  }

  private func evaluation() throws -> PreferenceEvaluation {
    let model = try PreferenceModel(encoder: LastTokenEncoder(), head: identityHead())
    return try model.evaluate([
      solution("a", [2, 3, 9], correct: true),
      solution("a", [2, 5], correct: false),
      solution("a", [4, 1, 9], correct: false),
      solution("b", [6], correct: true),
      solution("b", [2, 8], correct: false),
      solution("c", [7, 7], correct: true),
    ])
  }

  @Test("pairs by hand")
  func pairs() throws {
    let evaluation = try evaluation()
    #expect(evaluation.questions == 3)
    #expect(evaluation.solutions == 6)
    // a: .9 beats .5 and ties with .9: 3/4. b: .6 loses to .8: 0.
    let within = evaluation.pairs.withinAccuracy
    #expect(within.mean == 0.375)
    #expect(within.questions == 2)
    #expect(within.count == 3)
    // c: .7 against the wrong .5, .9, .8.
    #expect(evaluation.pairs.crossAccuracy.count == 3)
    #expect(isNear(evaluation.pairs.crossAccuracy.mean, 1.0 / 3))
    // The longer one is right in a's first pair, undecided in its second, wrong in b.
    #expect(evaluation.pairs.longerIsRight.mean == 0.375)
    #expect(evaluation.pairs.orderGap < 1e-12)
    #expect(abs(evaluation.pairs.meanProbability - 0.5) < 1e-12)
    #expect(evaluation.byLength.sameSteps.mean == 0.5)
    #expect(evaluation.byLength.differentSteps.mean == 0.5)
    #expect(evaluation.byLength.longerRight.mean == 1)
    #expect(evaluation.byLength.shorterRight.mean == 0)
    #expect(evaluation.bySteps.map(\.steps) == [2, 3])
    #expect(evaluation.bySteps.map(\.accuracy.mean) == [0, 0.75])
  }

  @Test("single solutions and prefixes by hand")
  func prefixes() throws {
    let evaluation = try evaluation()
    // Right .9, .6, .7 against wrong .5, .9, .8: 2.5 + 1 + 1 of 9, ties half.
    #expect(isNear(evaluation.auc, 4.5 / 9))
    // One step: a .2 against .2 and .4, b .6 against .2. Two: a .3 against .5 and .1. Three: a .9
    // against .9.
    #expect(evaluation.prefixRanking.map(\.steps) == [1, 2, 3])
    for (ranking, accuracy) in zip(evaluation.prefixRanking, [0.625, 0.5, 0.5]) {
      #expect(isNear(ranking.accuracy.mean, accuracy))
    }
    let gaps: [Double] = [0, 2 * sigmoid(-0.2) - 1, 2 * sigmoid(0.4) - 1]
    #expect(isNear(evaluation.prefixRanking[0].gap, gaps.mean))
    #expect(isNear(evaluation.prefixRanking[0].absoluteGap, gaps.map(abs).mean))
  }

  @Test("the prefix mean by hand")
  func signal() throws {
    let evaluation = try evaluation()
    // Progress: sigmoid of the feature's rise, mean over steps, for the solutions of two steps or more.
    let rises: [[Double]] = [[0.1, 0.6], [0.3], [-0.3, 0.8], [0.6], [0]]
    let p = rises.map { $0.map(sigmoid).mean }
    let progress = evaluation.progress
    #expect(progress.solutions == 5)
    #expect(isNear(progress.mean, p.mean))
    #expect(isNear(progress.variance, p.variance))
    #expect(isNear(progress.varianceWithinQuestions, Array(p[..<3]).variance))
    #expect(isNear(evaluation.literal.mean, 1 - p.mean))
    let steps = try #require(correlation(Array(zip(p, [3.0, 2, 3, 2, 2]))))
    #expect(isNear(progress.correlationWithSteps, steps, within: 1e-5))
    let outcome = try #require(correlation(Array(zip(p, [1.0, 0, 0, 0, 1]))))
    #expect(isNear(progress.correlationWithOutcome, outcome, within: 1e-5))
  }

  @Test("prefix values by hand")
  func values() throws {
    let evaluation = try evaluation()
    let values = try #require(evaluation.values)
    // Toward the outcome: a 2 of 2, 0 of 1, 1 of 2; b 0 of 1; c undecided.
    #expect(isNear(values.monotonicity.mean, [0.6, 0, 0.5].mean))
    #expect(isNear(values.risingWhenRight.mean, [1, 0.5].mean))
    #expect(isNear(values.risingWhenWrong.mean, [2.0 / 3, 1].mean))
    #expect(isNear(values.gainWhenRight, [sigmoid(0.9) - sigmoid(0.2), 0].mean))
    // First steps: right .2, .6, .7 against wrong .2, .4, .2: 1 + 3 + 3 of 9, ties half.
    #expect(values.alongSolution.map(\.place) == [0, 0.25, 0.5, 0.75, 1])
    #expect(isNear(values.alongSolution[0].auc, 7.0 / 9))
    #expect(values.alongSolution[4].auc == evaluation.auc)
  }

  @Test("calibration by hand")
  func calibration() throws {
    let calibration = Calibration([
      (0.05, false), (0.95, true), (0.91, false), (1, true), (0.55, true),
    ])
    #expect(calibration.bins.map(\.count) == [1, 1, 3])
    #expect(calibration.bins.map(\.low) == [0, 0.5, 0.9])
    let last = abs((0.95 + 0.91 + 1) / 3 - 2.0 / 3)
    #expect(abs(calibration.error - (0.05 + 0.45 + 3 * last) / 5) < 1e-12)
  }

  @Test("the report is complete in JSON and in words")
  func report() throws {
    let evaluation = try evaluation()
    let json = try JSONEncoder().encode(evaluation)
    #expect(try JSONDecoder().decode(PreferenceEvaluation.self, from: json) == evaluation)
    let text = evaluation.text
    #expect(text.contains("6 solutions of 3 questions"))
    #expect(text.contains("0.375"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("labels without a pair are an error")
  func nothing() throws {
    let model = try PreferenceModel(encoder: LastTokenEncoder(), head: identityHead())
    #expect(throws: PreferenceError.self) {
      try model.evaluate([solution("a", [1], correct: true), solution("b", [2], correct: true)])
    }
  }
}
