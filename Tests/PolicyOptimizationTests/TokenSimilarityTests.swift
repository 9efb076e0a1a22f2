import Testing

@testable import PolicyOptimization

@Suite struct TokenSimilarityTests {
  @Test(
    arguments: [
      ([1, 2, 3], [1, 2, 3], 1.0), ([1, 2, 3], [1, 9, 3], 2.0 / 3),
      ([1, 2, 3, 4], [2, 3, 4], 0.75),
      ([1, 2], [3, 4], 0), ([], [1, 2], 0), ([], [], 1),
      ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], 0.2),
    ] as [([Int], [Int], Double)])
  func edits(left: [Int], right: [Int], expected: Double) {
    #expect(isClose(TokenSimilarity.edit(left, right), expected))
    #expect(isClose(TokenSimilarity.edit(right, left), expected))
  }

  @Test(
    arguments: [
      ([1, 2, 3], [3, 2, 1], 1.0), ([1, 1, 2], [1, 2, 2], 2.0 / 3), ([1, 1, 1], [1], 0.5),
      ([1, 2], [3, 4], 0), ([], [1], 0), ([], [], 1),
    ] as [([Int], [Int], Double)])
  func overlaps(left: [Int], right: [Int], expected: Double) {
    #expect(isClose(TokenSimilarity.overlap(left, right), expected))
    #expect(isClose(TokenSimilarity.overlap(right, left), expected))
  }
}
