import Settings
import Testing

@testable import PolicyOptimization

/// The weights of right answers by hand; the golden file and DisCO's tests hold the rest.
@Suite struct DRPOTests {
  private func weights(
    _ lengths: [Int], rewards: [Double], temperature: Double? = 0.1, scale: Int? = 8192,
    maxCompletion: Int = 8192
  ) throws -> [Double] {
    var settings = DRPOSettings()
    settings.lengthTemperature = temperature
    settings.lengthScale = scale
    let batch = GroupBatch(
      groupIDs: rewards.map { _ in 0 }, rewards: rewards, correct: rewards.map { $0 == 1 },
      lengths: lengths, maxCompletion: maxCompletion)
    return try DRPO.method(settings).credit(batch).advantages.rows
  }

  @Test func theWeightsOfTheGuide() throws {
    let found = try weights([1000, 3000, 700, 900], rewards: [1, 1, 0, 0])
    #expect(isClose(found, [0.91993073, 0.08006927, -0.5, -0.5], 5e-9))
  }

  @Test func lengthNeverEntersTheNegatives() throws {
    let short = try weights([10, 20, 30, 40], rewards: [1, 0, 1, 0])
    let long = try weights([10, 8000, 30, 1], rewards: [1, 0, 1, 0])
    #expect(short == long)
    #expect(short[0] > short[2])
  }

  @Test func aTemperatureOfInfinityIsDisCO() throws {
    let lengths = [1000, 3000, 700, 900]
    #expect(try weights(lengths, rewards: [1, 1, 1, 0], temperature: nil)[1] == 1.0 / 3)
    let step = SmallStep(rewards: [1, 1, 0], logProbabilities: [[-1], [-2], [-3]])
    var settings = DRPOSettings()
    settings.lengthTemperature = nil
    let found = try step.run(DRPO.method(settings))
    let expected = try step.run(DisCO.method(DisCOSettings()))
    #expect(found.loss == expected.loss)
    #expect(found.gradient == expected.gradient)
  }

  @Test func theScaleIsTheLimitNotTheLongestRow() throws {
    let alone = try weights([100, 200, 5], rewards: [1, 1, 0], scale: nil, maxCompletion: 1000)
    let beside = try weights([100, 200, 999], rewards: [1, 1, 0], scale: nil, maxCompletion: 1000)
    #expect(alone == beside)
    // 100 tokens of 1000 at lambda = .1 are a factor e.
    #expect(isClose(alone[0] / alone[1], 2.718281828459045))
  }

  @Test func aSingleRightAnswerHasAllTheWeight() throws {
    #expect(try weights([8000, 1, 1], rewards: [1, 0, 0]) == [1, -0.5, -0.5])
  }

  @Test func equalLengthsShareAlike() throws {
    #expect(isClose(try weights([7, 7, 3], rewards: [1, 1, 0]), [0.5, 0.5, -1]))
  }

  @Test func groupsWithoutBothClassesHaveNoLengthSignal() throws {
    #expect(try weights([1, 900], rewards: [1, 1]) == [0, 0])
    #expect(try weights([1, 900], rewards: [0, 0]) == [0, 0])
    #expect(try weights([5], rewards: [1]) == [0])
  }

  @Test func emptyRightAnswersAreNotTheShortest() throws {
    #expect(try weights([0, 500, 40], rewards: [1, 1, 0]) == [0, 1, -1])
  }

  @Test func aSmallScaleStaysFinite() throws {
    let found = try weights([8000, 8001, 1], rewards: [1, 1, 0], temperature: 1e-6, scale: 1)
    #expect(found == [1, 0, -1])
  }

  @Test func theLossWeighsTheScores() throws {
    var settings = DRPOSettings()
    settings.lengthScale = 10
    settings.lengthTemperature = 0.1 / 0.6931471805599453  // a token more halves the weight
    settings.disco.variant = .basic
    let step = SmallStep(
      rewards: [1, 1, 0], logProbabilities: [[-1, 0], [-2, -2], [-3, -3]],
      mask: [[true, false], [true, true], [true, true]])
    let result = try step.run(DRPO.method(settings))
    #expect(isClose(result.loss, 4.0 / 3 - 3))
    #expect(isClose(result.gradient[1], [-1.0 / 6, -1.0 / 6]))
    let metrics = result.metrics
    #expect(isClose(metrics["discriminative/positive_length"]?.mean ?? .nan, 1.5))
    #expect(isClose(metrics["discriminative/weighted_positive_length"]?.mean ?? .nan, 4.0 / 3))
    #expect(isClose(metrics["discriminative/effective_positives"]?.mean ?? .nan, 9.0 / 5))
  }

  @Test func settingsAreItsOwnAndDisCOs() throws {
    var document = SettingDocument()
    for override in [
      "method.length-temperature=null", "method.length-scale=64", "method.score=l-ratio",
    ] {
      try document.append(override: override)
    }
    let settings = try DRPOSettings(document)
    #expect(settings.lengthTemperature == nil)
    #expect(settings.lengthScale == 64)
    #expect(settings.disco.temperature == 1)
    #expect(throws: SettingError.self) {
      var document = SettingDocument()
      try document.append(override: "method.length-temperature=0")
      _ = try DRPOSettings(document)
    }
  }
}
