import Foundation
import Settings
import Testing

@testable import PolicyOptimization

/// The length rules by hand; the golden file holds the rest.
@Suite struct LengthBaselineTests {
  private static let mixed = (correct: [true, false, true, true], lengths: [120, 400, 310, 260])

  private func batch(
    _ correct: [Bool], _ lengths: [Int], groups: [Int]? = nil, budgets: [Int]? = nil,
    step: Int = 0
  ) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: groups ?? correct.map { _ in 0 }, rewards: correct.map { $0 ? 1 : 0 },
      correct: correct, lengths: lengths, maxCompletion: 500)
    batch.budgets = budgets
    batch.progress = TrainingProgress(step: step, of: 100)
    return batch
  }

  private func rewards<Rule: LengthReward>(
    _ rule: Rule, _ correct: [Bool], _ lengths: [Int], budgets: [Int]? = nil
  ) -> [Double] {
    LengthShaping(rule).shape(batch(correct, lengths, budgets: budgets)).rewards
  }

  private func made<Rule: LengthReward>(_ change: (inout Rule) -> Void) -> Rule {
    var rule = Rule()
    change(&rule)
    return rule
  }

  // MARK: Kimi k1.5

  @Test func kimiRewardsTheShortAndSparesTheWrong() {
    let found = rewards(KimiLength(), Self.mixed.correct, Self.mixed.lengths)
    #expect(isClose(found, [1.5, -0.5, 0.8214285714285714, 1]))
    // A short wrong answer earns nothing for being short.
    #expect(rewards(KimiLength(), [false, true], [10, 20]) == [0, 0.5])
    #expect(rewards(KimiLength(), [false, false], [10, 20]) == [0, -0.5])
  }

  @Test func kimiSaysNothingOfEqualLengthsAndGroupsOfOne() {
    #expect(rewards(KimiLength(), [true, false], [7, 7]) == [1, 0])
    #expect(rewards(KimiLength(), [true], [7]) == [1])
    #expect(rewards(KimiLength(), [false], [0]) == [0])
  }

  @Test func kimiWarmsUp() {
    let rule: KimiLength = made { $0.warmupSteps = 3 }
    let shape = { (step: Int) in
      LengthShaping(rule).shape(self.batch([true, true], [1, 2], step: step)).rewards
    }
    #expect(shape(2) == [1, 1])
    #expect(shape(3) == [1.5, 0.5])
  }

  // MARK: L1

  @Test func exactBudgetsPunishBothSides() {
    let found = rewards(
      L1Exact(), [true, true, false], [100, 300, 200], budgets: [200, 200, 200])
    #expect(isClose(found, [0.97, 0.97, 0]))
  }

  @Test func maximalBudgetsPayRightAnswersForRoom() {
    let paper: L1Max = made { $0.alpha = 0.01 }
    let lengths = [150, 200, 260, 100, 10]
    let correct = [true, true, true, false, true]
    let budgets = [Int](repeating: 200, count: 5)
    #expect(isClose(rewards(paper, correct, lengths, budgets: budgets), [1, 0.5, 0, 0, 1]))
    // The code's slope is half the paper's.
    let code: L1Max = made {
      $0.alpha = 0.01
      $0.form = .code
    }
    #expect(isClose(rewards(code, correct, lengths, budgets: budgets), [0.75, 0.5, 0.2, 0, 1]))
  }

  @Test func budgetsAreDrawnFromTheirRange() {
    var range = BudgetRange()
    #expect(range.budget(draw: 0, maxCompletion: 4000) == 100)
    #expect(range.budget(draw: 0x1.fffffffffffffp-1, maxCompletion: 4000) == 4000)
    #expect(range.budget(draw: 0, maxCompletion: 8) == 1)
    range.minimum = 10
    range.maximum = 12
    #expect([0, 0.34, 0.67].map { range.budget(draw: $0, maxCompletion: 50) } == [10, 11, 12])
  }

  @Test func budgetsAreSaidInWords() throws {
    #expect(L1Exact().instruction(budget: 128) == "Think for 128 tokens.")
    #expect(L1Max().instruction(budget: 128) == "Think for maximum 128 tokens.")
    var document = SettingDocument()
    try document.append(override: "method.overlong-buffer=5")
    let method = try Methods.named("l1-max", settings: document)
    #expect(method.budgets is L1Max)
    #expect(method.columns == [.budgets, .faults])
    #expect(try Methods.named("kimi-k1.5", settings: document).budgets == nil)
  }

  @Test(arguments: [
    (["method.budget-max=501"], "method.budget-max is 501, expected at most the longest"),
    (["method.budget-min=30", "method.budget-max=20"], "method.budget-min is 30"),
    (["method.budget-min=501"], "method.budget-min is 501"),
  ])
  func rangesMustFitTheRun(overrides: [String], expected: String) throws {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    let method = try Methods.named("l1-exact", settings: document)
    let error = #expect(throws: SettingError.self) { try method.validate(maxCompletion: 500) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  // MARK: Arora and Zanette

  @Test func theLengthOfRightAnswersIsStandardised() {
    let found = rewards(AroraZanette(), [true, true, false], [100, 300, 5000])
    // mu = 200, sigma = 100: z = -1 and 1.
    let sigmoid = 1 / (1 + exp(-1.0))
    #expect(isClose(found, [1 - 0.1 * (1 - sigmoid), 1 - 0.1 * sigmoid, 0], 1e-9))
  }

  @Test func aLoneRightAnswerIsStillDiscounted() throws {
    #expect(isClose(rewards(AroraZanette(), [false, true], [1, 9]), [0, 0.95]))
    #expect(rewards(AroraZanette(), [false, false], [1, 9]) == [0, 0])
    let method = try Methods.named("arora-zanette", settings: SettingDocument())
    let advantages = method.credit(batch([false, true, false, false], [4, 5, 6, 7])).advantages
    #expect(isClose(advantages.rows, [-0.95 / 3, 0.95, -0.95 / 3, -0.95 / 3]))
  }

  // MARK: ShorterBetter

  @Test func everyRowIsPulledToTheShortestRightOne() {
    let found = rewards(ShorterBetter(), Self.mixed.correct, Self.mixed.lengths)
    #expect(isClose(found, [2, -0.28, 1.81, 1.86]))
    // Without right answers: to the mean, 20.
    #expect(isClose(rewards(ShorterBetter(), [false, false], [10, 30]), [-0.01, -0.01]))
  }

  // MARK: GRPO-LEAD

  @Test func longRightAnswersAreDiscountedExponentially() {
    let found = rewards(GRPOLEAD(), [true, true, false], [100, 300, 1])
    #expect(isClose(found, [exp(0.05), exp(-0.05), -1], 1e-9))
    #expect(rewards(GRPOLEAD(), [false, true], [9, 4]) == [-1, 1])
    #expect(rewards(GRPOLEAD(), [false, false], [9, 4]) == [-1, -1])
  }

  @Test func hardQuestionsWeighMore() throws {
    let rule = GRPOLEAD()
    #expect(isClose(rule.weight(0.75), (0.4 + 1.5) / 2))
    #expect(rule.weight(0) > rule.weight(0.5) && rule.weight(0.5) > rule.weight(1))
    let method = try Methods.named("grpo-lead", settings: SettingDocument())
    let credit = method.credit(batch([true, false, false, false], [5, 5, 5, 5]))
    let plain = GRPOSettings().advantage.advantages(
      rewards: credit.rewards, groupIDs: [0, 0, 0, 0])
    let weights = zip(credit.advantages.rows, plain).map { $0 / $1 }
    let (right, wrong) = (rule.weight(0.25), rule.weight(0.75))
    #expect(isClose(weights, [right, wrong, wrong, wrong]))
    #expect(
      isClose(
        credit.metrics["length/difficulty_weight"]?.mean ?? .nan, (right + 3 * wrong) / 4))
    let alone = method.credit(batch([true], [5]))
    #expect(alone.advantages.rows == [0])
    #expect(alone.metrics["length/difficulty_weight"]?.weight == 0)
  }

  // MARK: LASER

  @Test func aTargetPaysABonus() {
    let rule: LASER = made { $0.target = 150 }
    #expect(
      rewards(rule, [true, true, true, false], [150, 151, 1, 1]) == [1.5, 1, 1.5, 0])
  }

  @Test(arguments: [(nil, "is missing"), (500, "is 500"), (900, "is 900")])
  func aTargetMustBeSetBelowTheLimit(target: Int?, expected: String) {
    let rule: LASER = made { $0.target = target }
    let error = #expect(throws: SettingError.self) { try rule.validate(maxCompletion: 500) }
    #expect(error?.description.contains("method.target-length \(expected)") == true)
    #expect(throws: Never.self) {
      try (made { $0.target = 499 } as LASER).validate(maxCompletion: 500)
    }
  }

  // MARK: all

  @Test func whatWasCutOffCountsAsWrong() {
    var batch = batch([true, true], [500, 100])
    batch.faults = [.overlong, .none]
    #expect(LengthShaping(KimiLength()).shape(batch).rewards == [-0.5, 1.5])
    #expect(isClose(LengthShaping(AroraZanette()).shape(batch).rewards, [0, 0.95]))
    #expect(LengthShaping(GRPOLEAD()).shape(batch).rewards == [-1, 1])
    let advantages = GRPOLEAD().advantage(GRPOSettings()).advantages(of: [-1, 1], in: batch).rows
    #expect(isClose(abs(advantages[0]), abs(advantages[1])), "rho = 1/2 from both sides")
  }

  @Test func groupsAreShapedApart() {
    let shaped = LengthShaping(ShorterBetter()).shape(
      batch([true, true, true], [10, 50, 20], groups: [4, 9, 4]))
    #expect(isClose(shaped.rewards, [2, 2, 1.99]))
  }

  @Test func measurements() {
    let metrics = LengthShaping(made { $0.target = 250 } as LASER).shape(
      batch([true, false, true, true], [120, 400, 310, 250], groups: [0, 0, 1, 1])
    ).metrics
    #expect(metrics["length/outcome"]?.mean == 0.75)
    #expect(isClose(metrics["length/correct_mean"]?.mean ?? .nan, 680.0 / 3))
    #expect(metrics["length/wrong_mean"]?.mean == 400)
    #expect(metrics["length/within_target"]?.mean == 0.5)
    #expect(isClose(metrics["length/target_distance"]?.mean ?? .nan, (130 + 150 + 60) / 4.0))
    #expect(metrics["length/groups_at_most_one_correct"]?.mean == 0.5)
  }

  @Test func keysAreThoseOfTheRule() throws {
    let keys = try Methods.named("kimi-k1.5", settings: SettingDocument()).settings.map(\.name)
    #expect(keys.prefix(2) == ["length-weight", "length-warmup-steps"])
    #expect(keys.contains("clip-low") && !keys.contains("length-alpha"))
    let scale = try Methods.named("arora-zanette", settings: SettingDocument())
      .departuresFromGRPO.map(\.key)
    #expect(scale == ["length-alpha", "advantage-scale"])
  }
}
