import Settings
import Testing

@testable import PolicyOptimization

@Suite struct SequencePackingTests {
  private func packing(_ capacity: Int, window: Int) -> SequencePacking {
    SequencePacking(capacity: capacity, window: window)
  }

  @Test func theLongestThatFitsGoesInAndTheOldestOfEquals() throws {
    let rows = try packing(10, window: 8).rows(lengths: [5, 2, 5, 3, 3, 5])
    #expect(rows == [[0, 2], [1, 5, 3], [4]])
  }

  @Test func theWindowLimitsTheLook() throws {
    #expect(try packing(4, window: 1).rows(lengths: [2, 4, 2, 1]) == [[0], [1], [2, 3]])
    #expect(try packing(4, window: 2).rows(lengths: [2, 4, 2, 1]) == [[0, 2], [1], [3]])
  }

  @Test func everySequenceIsPlacedOnceWithinTheCapacity() throws {
    let lengths = (0..<200).map { ($0 * 37) % 61 }
    let packing = packing(64, window: 16)
    let rows = try packing.rows(lengths: lengths)
    #expect(rows.joined().sorted() == Array(lengths.indices))
    #expect(rows.allSatisfy { row in row.reduce(0) { $0 + lengths[$1] } <= 64 })
    #expect(packing.fill(rows, lengths: lengths) > 0.9)
  }

  @Test func whatDoesNotFitIsNamed() {
    #expect(
      throws: SettingError("sequence 1 has 11 tokens, more than a row's 10")
    ) { try packing(10, window: 1).rows(lengths: [10, 11]) }
  }

  @Test func nothingGivesNoRows() throws {
    #expect(try packing(10, window: 1).rows(lengths: []).isEmpty)
    #expect(packing(10, window: 1).fill([], lengths: []) == 1)
    #expect(packing(10, window: 1).fill([[0], [1]], lengths: [5, 10]) == 0.75)
  }
}
