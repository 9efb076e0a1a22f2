import Settings
import Testing

@testable import PolicyOptimization

@Suite struct OverlongPenaltyTests {
  @Test func theRampFallsFromZeroToMinusOne() {
    let terms = [0, 12, 13, 14, 20, 21, 400].map {
      OverlongPenalty.term(length: $0, maxCompletion: 20, buffer: 8)
    }
    #expect(isClose(terms, [0, 0, -1.0 / 8, -2.0 / 8, -1, -1, -1]))
  }

  @Test func itIsAddedToTheReward() {
    let batch = GroupBatch(
      groupIDs: [0, 0], rewards: [1, 1], correct: [true, true], lengths: [10, 18],
      maxCompletion: 20)
    let shaped = OverlongPenalty(OutcomeReward(), buffer: .automatic).shape(batch)
    #expect(isClose(shaped.rewards, [1, 0.5]))
    #expect(shaped.metrics["overlong_penalty"] == WeightedMetric(sum: -0.5, weight: 2))
  }

  @Test func theAutomaticRampIsThatOfTheSource() {
    #expect(OverlongBuffer.automatic.tokens(maxCompletion: 20480) == 4096)
    #expect(OverlongBuffer.automatic.tokens(maxCompletion: 3) == 1)
  }

  @Test func aRampLongerThanTheLimitIsRefused() throws {
    let shaping = OverlongPenalty(OutcomeReward(), buffer: .tokens(4096))
    #expect(
      throws: SettingError(
        "method.overlong-buffer is 4096, expected at most the longest completion, 512 tokens")
    ) { try shaping.validate(maxCompletion: 512) }
    try shaping.validate(maxCompletion: 4096)
  }

  @Test(arguments: [SettingValue.int(0), .int(-2), .double(1.5), .string("some"), .bool(true)])
  func otherLengthsAreRefused(value: SettingValue) {
    #expect(OverlongBuffer(setting: value) == nil)
  }
}
