import Testing

@testable import PolicyOptimization

@Suite struct GroupAdvantageTests {
  private func advantages(
    _ rewards: [Double], _ groups: [Int]? = nil, scale: AdvantageScale = .groupStd,
    deviation: DeviationKind = .sample, epsilon: Double = 0
  ) -> [Double] {
    GroupAdvantage(scale: scale, deviation: deviation, epsilon: epsilon)
      .advantages(rewards: rewards, groupIDs: groups ?? rewards.map { _ in 0 })
  }

  @Test func theSampleDeviationOfTwoRightAndTwoWrong() {
    // mu = 1/2, sigma = sqrt(4 * 1/4 / 3) = .57735, A = ±.5 / .57745.
    let expected = 0.5 / ((1.0 / 3).squareRoot() + 1e-4)
    #expect(
      isClose(
        advantages([1, 0, 0, 1], epsilon: 1e-4), [expected, -expected, -expected, expected]))
    #expect(isClose(expected, 0.86588, 5e-6))
  }

  @Test func thePopulationDeviationOfTwoRightAndTwoWrongIsOneHalf() {
    #expect(isClose(advantages([1, 0, 0, 1], deviation: .population), [1, -1, -1, 1]))
  }

  @Test func withoutScaleTheRewardIsCentred() {
    #expect(isClose(advantages([1, 0, 0, 0], scale: .none), [0.75, -0.25, -0.25, -0.25]))
  }

  @Test func leavingOneOutSubtractsTheMeanOfTheOthers() {
    let rewards = [3.0, 1, 4, 1.5]
    let expected = rewards.indices.map { row in
      let others = rewards.indices.filter { $0 != row }.map { rewards[$0] }
      return rewards[row] - others.reduce(0, +) / 3
    }
    #expect(isClose(advantages(rewards, scale: .rloo), expected))
  }

  @Test func theBatchDeviationSpansTheGroups() {
    // Rewards 0, 2, 5, 7: deviations from each group's mean are ±1; the batch's sigma² is 29/4.
    let found = advantages(
      [0, 5, 2, 7], [4, 9, 4, 9], scale: .batchStd, deviation: .population)
    let unit = 1 / 7.25.squareRoot()
    #expect(isClose(found, [-unit, -unit, unit, unit]))
  }

  @Test(arguments: AdvantageScale.allCases)
  func groupsOfOneAndTiedGroupsGetNothing(scale: AdvantageScale) {
    let rewards = [1.0, 0.3, 0.1 + 0.2, 0.3, 0]
    let found = advantages(rewards, [1, 2, 2, 2, 3], scale: scale)
    #expect(found == [0, 0, 0, 0, 0], "0.1 + 0.2 differs from 0.3 by rounding only")
  }

  @Test func interleavedGroupsAreComparedApart() {
    #expect(
      isClose(advantages([1, 10, 0, 30], [7, -3, 7, -3], scale: .none), [0.5, -10, -0.5, 10]))
  }

  @Test func aRewardThatIsNotANumberShows() {
    let found = advantages([1, .nan, 0, 1], [0, 0, 1, 1])
    #expect(found[0].isNaN && found[1].isNaN)
    #expect(found[2].isFinite && found[3].isFinite)
  }
}
