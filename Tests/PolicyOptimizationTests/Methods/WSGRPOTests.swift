import Settings
import Testing

@testable import PolicyOptimization

/// The reward by hand; the golden file holds the rest.
@Suite struct WSGRPOTests {
  private func reward(_ change: (inout WSGRPOSettings) -> Void = { _ in }) -> WSGRPOReward {
    var settings = WSGRPOSettings(preset: .paper)
    change(&settings)
    return WSGRPOReward(settings)
  }

  private func batch(
    correct: [Bool], steps: [Int], oldOverNew: [[Double]]? = nil, newOverOld: [[Double]]? = nil
  ) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: correct.map { _ in 0 }, rewards: correct.map { $0 ? 1 : 0 }, correct: correct,
      lengths: correct.map { _ in 4 }, maxCompletion: 4)
    batch.steps = steps
    if let oldOverNew {
      batch.preferences = PrefixPreferences(
        oldOverNew: oldOverNew, newOverOld: newOverOld ?? oldOverNew)
    }
    return batch
  }

  @Test(arguments: [
    (0, -0.3), (1, -0.2), (2, 0.2), (3, 0.5 / 3), (4, 0.125), (6, 0.5 / 6), (8, 0.0375), (10, 0.01),
  ])
  func equation94WithAConstantPreference(steps: Int, expected: Double) {
    let signal = [Double](repeating: 0.5, count: max(steps - 1, 0))
    #expect(isClose(reward().preferenceReward(signal: signal, steps: steps), expected))
  }

  @Test func theLengthTermIsFlatInsideTheRange() {
    let terms = [0, 1, 2, 3, 6, 7, 9].map { reward().lengthTerm(steps: $0) }
    #expect(isClose(terms, [-0.3, -0.2, -0.1, 0, 0, -0.1, -0.3]))
  }

  @Test func theOutcomePlusTheWeightedPreference() {
    // Row 0: u = (.565, .7646), p = .6648, r = p / 3 = .2216. Row 1: one step, r = -.2.
    let shaped = reward().shape(
      batch(correct: [true, false], steps: [3, 1], oldOverNew: [[0.565, 0.7646], []]))
    #expect(isClose(shaped.rewards, [1.02216, -0.02]))
    #expect(shaped.tokenTerms == nil)
  }

  @Test func tiedGroupsLoseTheWeightToTheDeviation() throws {
    let steps = [2, 3, 4, 5, 6, 8, 10, 14]
    func advantages(weight: Double, epsilon: Double, deviation: DeviationKind) throws -> [Double] {
      var settings = WSGRPOSettings(preset: .paper)
      settings.control = .constant
      settings.preferenceWeight = weight
      settings.grpo.stdEpsilon = epsilon
      settings.grpo.stdKind = deviation
      let method = try WSGRPO.method(settings)
      return method.credit(batch(correct: steps.map { _ in true }, steps: steps)).advantages.rows
    }
    func ends(_ epsilon: Double, _ deviation: DeviationKind) throws -> [Double] {
      let values = try advantages(weight: 0.1, epsilon: epsilon, deviation: deviation)
      return [values[0], values[7]]
    }
    #expect(isClose(try ends(0, .population), [1.57, -1.53], 5e-3))
    #expect(isClose(try ends(1e-4, .population), [1.55, -1.50], 1e-2))
    #expect(isClose(try ends(1e-4, .sample), [1.45, -1.41], 5e-3))
    let light = try advantages(weight: 0.01, epsilon: 0, deviation: .population)
    let heavy = try advantages(weight: 1, epsilon: 0, deviation: .population)
    #expect(isClose(light, heavy, 1e-9))
  }

  @Test func theOrdersReadTheSameJudgements() {
    let judged = batch(
      correct: [true], steps: [3], oldOverNew: [[0.9, 0.2]], newOverOld: [[0.3, 0.7]])
    #expect(reward { $0.order = .literal }.signal(judged) == [[0.9, 0.2]])
    #expect(reward { $0.order = .progress }.signal(judged) == [[0.3, 0.7]])
    #expect(isClose(reward { $0.order = .symmetric }.signal(judged)[0], [0.2, 0.75]))
  }

  @Test func theSymmetricOrderCancelsAPositionBias() {
    let bias = 0.15
    func signal(_ shift: Double) -> [Double] {
      reward { $0.order = .symmetric }.signal(
        batch(
          correct: [true], steps: [2], oldOverNew: [[0.4 + shift]], newOverOld: [[0.6 + shift]])
      )[0]
    }
    #expect(isClose(signal(0), signal(bias)))
  }

  @Test func theAggregates() {
    let signal = [0.9, 0.6]
    func value(_ aggregate: PreferenceAggregate, _ signal: [Double], _ steps: Int) -> Double {
      reward {
        $0.aggregate = aggregate
        $0.singleStepPreference = 0.25
      }.preferenceReward(signal: signal, steps: steps)
    }
    #expect(isClose(value(.eq94, signal, 3), 0.25))
    #expect(isClose(value(.sum, signal, 3), 1.5))
    #expect(isClose(value(.mean, signal, 3), 0.75))
    #expect(isClose(value(.marginMean, signal, 3), 0.5))
    #expect(isClose(value(.eq94, [], 1), 0.25 - 0.2))
    #expect(isClose(value(.sum, [], 1), 0))
    #expect(isClose(value(.mean, [], 1), 0.25))
    #expect(isClose(value(.marginMean, [], 1), 0))
  }

  @Test func shuffledRowsBorrowCutAndCycle() {
    var judged = batch(
      correct: [true, true, true, true], steps: [4, 2, 1, 3],
      oldOverNew: [[0.1, 0.2, 0.3], [0.4], [], [0.5, 0.6]])
    judged.shuffle = [1, 0, 3, 2]
    let signal = reward { $0.control = .shuffled }.signal(judged)
    #expect(signal == [[0.4, 0.4, 0.4], [0.1], [], [0.5, 0.5]])
  }

  @Test func controlsWithoutAPreferenceModelNeedNone() {
    for control in [PreferenceControl.constant, .lengthOnly] {
      let reward = reward { $0.control = control }
      #expect(reward.columns == [.steps])
      #expect(reward.shape(batch(correct: [true], steps: [5])).rewards.count == 1)
    }
    let lengthOnly = reward { $0.control = .lengthOnly }
    #expect(
      isClose(
        lengthOnly.shape(batch(correct: [true, false], steps: [8, 2])).rewards, [0.98, -0.01]))
    #expect(reward { $0.control = .shuffled }.columns == [.steps, .oldOverNew, .shuffle])
    let asked: [PreferenceOrder: Set<BatchColumn>] = [
      .literal: [.oldOverNew], .progress: [.newOverOld], .symmetric: [.oldOverNew, .newOverOld],
    ]
    for (order, columns) in asked {
      #expect(reward { $0.order = order }.columns == columns.union([.steps]))
    }
    #expect(
      reward { $0.stepAdvantage = .prefixValue }.columns
        == [.steps, .oldOverNew, .tokenSteps, .prefixValues])
  }

  @Test func theGateLeavesWrongAnswersAtZero() {
    let judged = batch(correct: [true, false], steps: [2, 2], oldOverNew: [[0.5], [0.5]])
    #expect(isClose(reward { $0.gateOnCorrect = true }.shape(judged).rewards, [1.02, 0]))
  }

  @Test func stepTermsSpareTheFirstStep() throws {
    var judged = batch(correct: [true, false], steps: [3, 1], oldOverNew: [[0.9, 0.2], []])
    judged.tokenSteps = [[1, 2, 2, 3], [1, 1, 1, 1]]
    let terms = reward {
      $0.stepAdvantage = .preference
      $0.stepAdvantageWeight = 2
    }.shape(judged).tokenTerms
    #expect(isClose(terms?[0] ?? [], [0, 0.8, 0.8, -0.6]))
    #expect(terms?[1] == [0, 0, 0, 0])
  }

  @Test func prefixValueTermsTelescope() {
    let values = [0.3, 0.8, 0.1, 0.6]
    var judged = batch(correct: [true], steps: [4], oldOverNew: [[0.5, 0.5, 0.5]])
    judged.preferences = PrefixPreferences(
      oldOverNew: [[0.5, 0.5, 0.5]], newOverOld: [[0.5, 0.5, 0.5]], values: [values])
    judged.tokenSteps = [[1, 2, 3, 4]]
    let terms = reward {
      $0.stepAdvantage = .prefixValue
      $0.stepAdvantageWeight = 1
    }.shape(judged).tokenTerms?[0]
    #expect(isClose(terms?.reduce(0, +) ?? .nan, 0.6 - 0.3))
  }

  @Test func measurements() {
    let metrics = reward().shape(
      batch(
        correct: [true, true, false], steps: [1, 4, 8],
        oldOverNew: [[], [0.2, 0.2, 0.2], [Double](repeating: 0.6, count: 7)])
    ).metrics
    #expect(isClose(metrics["steps/mean"]?.mean ?? .nan, 13.0 / 3))
    #expect(isClose(metrics["steps/inside_range"]?.mean ?? .nan, 1.0 / 3))
    #expect(isClose(metrics["preference/mean"]?.mean ?? .nan, 0.4))
    #expect(isClose(metrics["preference/variance"]?.mean ?? .nan, 0.04))
    #expect(isClose(metrics["preference/length_term"]?.mean ?? .nan, (-0.2 - 0.2) / 3))
    #expect(isClose(metrics["preference/reward"]?.mean ?? .nan, (-0.2 + 0.05 + 0.05) / 3))
    let correlation = metrics["preference/reward_correct_correlation"]?.mean ?? .nan
    #expect(isClose(correlation, -0.5, 1e-9))
    let tied = reward().shape(batch(correct: [true], steps: [2], oldOverNew: [[0.5]])).metrics
    #expect(tied["preference/reward_steps_correlation"] == nil)
  }

  @Test func thePresetLaconicRewardsRightAnswersAlone() throws {
    func settings(_ yaml: [String: SettingValue]) throws -> WSGRPOSettings {
      try WSGRPOSettings(
        SettingDocument(
          yaml.map { .init(path: "method.\($0)", value: $1, origin: "test") }))
    }
    let laconic = try settings(["preset": .string("laconic")])
    #expect(laconic.gateOnCorrect && laconic.order == .progress && laconic.preset == .laconic)
    #expect(laconic.aggregate == .undivided)
    // p + ell(n), here with two steps beyond the range and a price of 0.1 for each.
    let reward = WSGRPOReward(laconic)
    #expect(abs(reward.preferenceReward(signal: [0.4, 0.8], steps: 8) - (0.6 - 0.2)) < 1e-12)
    #expect(
      try settings(["preset": .string("laconic"), "gate-on-correct": .bool(false)]).preset
        == .custom)
    let intended = try settings(["preset": .string("intended"), "gate-on-correct": .bool(true)])
    #expect(intended.order == laconic.order && intended.gateOnCorrect)
    // It needs no KL term of its own: that stays WS-GRPO's.
    #expect(laconic.grpo.klCoefficient == WSGRPOSettings().grpo.klCoefficient)
  }
}
