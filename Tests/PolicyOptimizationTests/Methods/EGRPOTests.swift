import Settings
import Testing

@testable import PolicyOptimization

/// The reward by hand; the golden file holds the rest.
@Suite struct EGRPOTests {
  private func method(_ change: (inout EGRPOSettings) -> Void = { _ in }) -> Method {
    var settings = EGRPOSettings()
    change(&settings)
    return EGRPO.method(settings)
  }

  private func batch(
    correct: [Bool], matched: [Int], of total: Int, faults: [CompletionFault]? = nil,
    lengths: [Int]? = nil, progress: TrainingProgress = TrainingProgress()
  ) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: correct.map { _ in 0 }, rewards: correct.map { $0 ? 1 : 0 }, correct: correct,
      lengths: lengths ?? correct.map { _ in 4 }, maxCompletion: 8)
    batch.entityMatches = matched.map { EntityMatch(matched: $0, total: total) }
    batch.faults = faults ?? correct.map { _ in .none }
    batch.progress = progress
    return batch
  }

  @Test func anAllWrongGroupByHand() {
    let credit = method().credit(
      batch(
        correct: [false, false, false, false], matched: [1, 2, 4, 0], of: 5,
        faults: [.none, .none, .overlong, .none]))
    #expect(isClose(credit.rewards, [0.075, 0.15, 0, 0]))
    #expect(isClose(credit.advantages.rows, [0.2608, 1.3038, -0.7823, -0.7823], 5e-5))
    #expect(credit.advantages.rowWeights == [1, 1, 0, 1])
  }

  @Test func groupsWithoutDifferencesHaveNoAdvantage() {
    let cases: [([Bool], [Int], Int)] = [
      ([true, true], [0, 3], 3),  // all right
      ([false, false], [2, 2], 5),  // tied
      ([false, false], [0, 0], 5),  // no match
      ([false, false], [0, 0], 0),  // no entities
      ([false], [1], 2),  // a group of one
    ]
    for (correct, matched, total) in cases {
      let credit = method().credit(batch(correct: correct, matched: matched, of: total))
      #expect(credit.advantages.rows.allSatisfy { $0 == 0 })
    }
  }

  @Test func aRightAnswerWithAFormatErrorEarnsNothingAndStays() {
    let credit = method().credit(
      batch(correct: [true, false], matched: [2, 1], of: 2, faults: [.format, .none]))
    #expect(isClose(credit.rewards, [0, 0.15]))
    #expect(credit.advantages.rowWeights == nil)
  }

  @Test func entitiesAreSharedOutWithinEachGroup() {
    let groups = Group.all([7, 3, 7, 3])
    #expect(EntityReward.normalised([0.5, 0.2, 0.25, 0.1], groups: groups) == [1, 1, 0.5, 0.5])
  }

  @Test func alphaFallsToZeroAndStaysThere() {
    let reward = EntityReward(
      {
        var settings = EGRPOSettings()
        settings.alphaDecay = 60
        return settings
      }())
    let alphas = [0, 30, 60, 79].map { reward.alpha(at: TrainingProgress(step: $0, of: 80)) }
    #expect(isClose(alphas, [0.3, 0.15, 0, 0]))
    let wrong = batch(
      correct: [false, false], matched: [1, 0], of: 1,
      progress: TrainingProgress(step: 30, of: 80))
    #expect(isClose(reward.shape(wrong).rewards, [0.15, 0]))
  }

  @Test func keptDenominatorsScaleRowsOrTokens() {
    let cut = batch(
      correct: [true, false, false], matched: [1, 0, 1], of: 1,
      faults: [.none, .none, .overlong], lengths: [2, 2, 8])
    let rows = method { $0.overlongDenominator = .kept }.credit(cut).advantages.rowWeights
    #expect(isClose(rows ?? [], [1.5, 1.5, 0]))
    let tokens = method {
      $0.overlongDenominator = .kept
      $0.grpo.aggregation = .tokenMean
    }.credit(cut).advantages.rowWeights
    #expect(isClose(tokens ?? [], [3, 3, 0]))
    let nothing = method { $0.overlongDenominator = .kept }.credit(
      batch(correct: [false], matched: [0], of: 1, faults: [.overlong]))
    #expect(nothing.advantages.rowWeights == [0])
  }

  @Test func measurements() {
    let metrics = method().credit(
      batch(
        correct: [true, false, false, false], matched: [4, 2, 0, 0], of: 4,
        faults: [.none, .none, .format, .overlong])
    ).metrics
    #expect(metrics["entities/match_rate_correct"]?.mean == 1)
    #expect(isClose(metrics["entities/match_rate_wrong"]?.mean ?? .nan, 0.5 / 3))
    #expect(metrics["entities/format_errors"]?.mean == 0.25)
    #expect(metrics["entities/overlong"]?.mean == 0.25)
    #expect(metrics["entities/all_wrong_with_gradient"]?.weight == 0)
    // (.46875 - .03125 + 2 x .09375) / sqrt(.6875 x .75)
    let correlation = metrics["entities/match_rate_correct_correlation"]?.mean ?? .nan
    #expect(isClose(correlation, 0.625 / (0.6875 * 0.75).squareRoot()))
    let wrong = method().credit(batch(correct: [false, false], matched: [1, 0], of: 1)).metrics
    #expect(wrong["entities/all_wrong_with_gradient"] == WeightedMetric(sum: 1, weight: 1))
    #expect(wrong["entities/match_rate_correct_correlation"] == nil)
  }

  @Test func departuresFromGRPO() {
    let keys = method().departuresFromGRPO.map(\.key)
    #expect(
      keys == ["entity-alpha", "match-mode", "alpha-decay", "overlong-denominator", "clip-high"])
  }
}
