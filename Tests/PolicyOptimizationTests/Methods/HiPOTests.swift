import Settings
import Testing

@testable import PolicyOptimization

/// Rewards and advantages by hand; the golden file holds the rest.
@Suite struct HiPOTests {
  private let settings = HiPOSettings()

  private func batch(
    _ modes: [CompletionMode], correct: [Bool], wellFormed: [Bool]? = nil, length: Int = 3,
    judge: Int = 1
  ) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: modes.map { _ in 0 }, rewards: correct.map { $0 ? 1 : 0 }, correct: correct,
      lengths: modes.map { _ in length }, maxCompletion: 8)
    batch.modes = modes
    batch.wellFormed = wellFormed ?? modes.map { _ in true }
    batch.judgeTokens = modes.map { mode in
      (0..<length).map { mode != .invalid && $0 < judge }
    }
    return batch
  }

  private func credit(_ batch: GroupBatch) throws -> Credit {
    try HiPO.method(settings).credit(batch)
  }

  private func segments(_ batch: GroupBatch) throws -> (judge: [Double], answer: [Double]) {
    ModeAdvantage(settings).segments(of: try credit(batch).rewards, in: batch)
  }

  @Test func mixedModesByHand() throws {
    let mixed = batch(
      [.on, .on, .off, .off], correct: [true, true, false, true],
      wellFormed: [true, true, true, false])
    #expect(isClose(try credit(mixed).rewards, [1.2, 1.2, 0.2, 1]))
    let (judge, answer) = try segments(mixed)
    #expect(isClose(judge, [0.489, 0.489, -0.741, -0.237], 1e-4))
    #expect(isClose(answer, [0, 0, -0.707, 0.707], 1e-4))
    let tokens = try credit(mixed).advantages.tokens
    #expect(isClose(tokens?[2] ?? [], [judge[2], answer[2], answer[2]]))
  }

  @Test func allRightNudgesTowardsNotThinking() throws {
    let (judge, answer) = try segments(
      batch([.on, .off, .on, .off], correct: [true, true, true, true]))
    #expect(isClose(judge, [0, 0.012, 0, 0.012]))
    #expect(answer == [0, 0, 0, 0])
  }

  @Test func allWrongWithEqualFormatNudgesToo() throws {
    let (judge, _) = try segments(batch([.on, .off], correct: [false, false]))
    #expect(isClose(judge, [0, 0.002]))
    let (still, answer) = try segments(
      batch([.on, .off], correct: [false, false], wellFormed: [false, false]))
    #expect(still == [0, 0])
    #expect(answer == [0, 0])
  }

  @Test func thinkingThatPaysGetsNoBonus() throws {
    let (judge, _) = try segments(batch([.on, .off], correct: [true, false]))
    #expect(judge[0] > 0.5)
    #expect(isClose(judge[0], -judge[1]))
    let (worse, _) = try segments(batch([.on, .off], correct: [false, true]))
    #expect(worse[1] > 0.5)
    #expect(isClose(worse[0], -worse[1]))
  }

  @Test func oneModeIsGRPO() throws {
    let only = batch([.off, .off, .off], correct: [true, false, false])
    let (judge, answer) = try segments(only)
    let plain = settings.grpo.advantage.advantages(
      rewards: try credit(only).rewards, groupIDs: only.groupIDs)
    #expect(isClose(answer, plain))
    #expect(isClose(judge, plain.map { 0.3 * $0 }))
  }

  @Test func oneMemberOfAModeHasNoAnswerAdvantage() throws {
    let (judge, answer) = try segments(
      batch([.on, .on, .off], correct: [true, false, false]))
    #expect(answer[2] == 0)
    #expect(answer[0] > 0)
    #expect(judge[2] < 0)
    let (lone, loneAnswer) = try segments(batch([.on], correct: [true]))
    #expect(lone == [0])
    #expect(loneAnswer == [0])
  }

  @Test func anUnreadableModeIsComparedWithTheWholeGroup() throws {
    let rows = batch([.on, .off, .invalid], correct: [true, true, true])
    #expect(try credit(rows).rewards[2] == 0)
    let (judge, answer) = try segments(rows)
    // Rbar .8, sample sd .69282
    let centred = -0.8 / (0.48.squareRoot() + 1e-4)
    #expect(isClose(answer[2], centred))
    #expect(isClose(judge[2], 0.3 * centred))
    #expect(isClose(judge[0], 0.4 + 0.3 * 0.4 / (0.48.squareRoot() + 1e-4)))
    let tokens = try credit(rows).advantages.tokens?[2] ?? []
    #expect(isClose(tokens, [centred, centred, centred]))
  }

  @Test func emptyCompletionsHaveNoTokens() throws {
    let empty = batch([.invalid, .on], correct: [false, true], length: 0)
    #expect(try credit(empty).advantages.tokens == [[], []])
  }

  @Test func measurements() throws {
    let metrics = try credit(
      batch([.on, .off, .off, .invalid], correct: [true, true, false, false])
    ).metrics
    #expect(isClose(metrics["modes/think_rate"]?.mean ?? .nan, 1.0 / 3))
    #expect(metrics["modes/think_rate_correct"]?.mean == 0.5)
    #expect(metrics["modes/think_rate_wrong"]?.mean == 0)
    #expect(metrics["modes/invalid_rate"]?.mean == 0.25)
    #expect(metrics["modes/off_accuracy"]?.mean == 0.5)
    #expect(metrics["modes/on_reward"]?.mean == 1.2)
    #expect(metrics["modes/off_tokens"]?.mean == 3)
    #expect(metrics["modes/bonus_share"]?.mean == 0)
  }

  @Test(arguments: [
    (["method.advantage-scale=none"], "method.advantage-scale is none, expected group-std"),
    (["method.think-on-tag=<think"], "method.think-on-tag is \"<think\", expected a text"),
    (["method.think-off-tag=<think_on>"], "method.think-on-tag is \"<think_on>\""),
  ])
  func contradictionsAreRefused(overrides: [String], message: String) throws {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    let error = #expect(throws: SettingError.self) {
      try Methods.named("hipo", settings: document)
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
