import Testing

@testable import PolicyOptimization

@Suite struct SelectionTests {
  private let batch = GroupBatch(
    groupIDs: [5, 2, 5, 2, 8, 1, 1], rewards: [0, 0, 0, 0, 0, 0.2, 0.9],
    correct: [true, true, false, true, true, false, false], lengths: [1, 1, 1, 1, 1, 1, 1],
    maxCompletion: 1)

  @Test func onlyMixedGroupsAreKeptByOutcome() {
    // Group 2 is all right, 8 a group of one, 1 all wrong although its rewards differ.
    let selection = DynamicSampling(maximumRounds: 3)
    #expect(selection.keptGroups(in: batch) == [5])
    #expect(selection.keptRows(in: batch) == [true, false, true, false, false, false, false])
  }

  @Test func otherwiseEveryGroupIsKeptInItsOrder() {
    #expect(AllPrompts().keptGroups(in: batch) == [5, 2, 8, 1])
    #expect(AllPrompts().keptRows(in: batch) == [Bool](repeating: true, count: 7))
  }
}
