import PolicyOptimization
import Rollouts
import Testing

@testable import Training

@Suite struct MicroBatchesTests {
  /// `count` rows of a prompt of `prompt` tokens that no other has; the completions' last token is not
  /// passed.
  private func group(_ id: Int, prompt: Int, passed: [Int]) -> [Trajectory] {
    passed.map {
      Trajectory(
        promptIDs: [id] + Array(repeating: 0, count: prompt - 1),
        completionIDs: Array(repeating: 2, count: $0 + 1), logProbabilities: [], finish: .length)
    }
  }

  private func plan(_ rows: [Trajectory], capacity: Int, window: Int = 32) -> MicroBatches {
    MicroBatches(rows, packing: SequencePacking(capacity: capacity, window: window))
  }

  @Test func aPromptThatFillsTheRoomIsTakenBeforeTheNextInLine() {
    let rows =
      group(1, prompt: 2, passed: [2, 2]) + group(2, prompt: 3, passed: [3])
      + group(3, prompt: 2, passed: [1, 1])
    let best = plan(rows, capacity: 10)
    #expect(best.rows == [[0, 1, 3, 4], [2]])
    #expect(best.fill == 0.8)
    #expect(plan(rows, capacity: 10, window: 1).rows == [[0, 1], [2, 3, 4]])
  }

  @Test func whatFitsTogetherKeepsItsOrder() {
    let rows =
      group(1, prompt: 1, passed: [1]) + group(2, prompt: 1, passed: [5])
      + group(3, prompt: 1, passed: [9])
    #expect(plan(rows, capacity: 100).rows == [[0, 1, 2]])
  }

  @Test func aPromptWithTooManyCompletionsIsCutAndALongRowStandsAlone() {
    let rows = group(1, prompt: 2, passed: [3, 3, 3]) + group(2, prompt: 20, passed: [9])
    let cut = plan(rows, capacity: 8)
    #expect(cut.rows == [[0, 1], [2], [3]])
    #expect(cut.fill == 21.0 / 24)
  }

  @Test(arguments: [1, 30, 64, 200, 1 << 20]) func everyRowIsTakenOnceWithinTheBudget(
    capacity: Int
  ) {
    let stream = RandomStream(seed: 3)
    let rows = (0..<15).flatMap { index in
      group(
        index, prompt: 1 + Int(stream.bits(index) % 12),
        passed: (0..<4).map { Int(stream.bits(1000 + 4 * index + $0) % 30) })
    }
    let batches = plan(rows, capacity: capacity).rows
    #expect(batches.joined().sorted() == Array(rows.indices))
    for batch in batches where batch.count > 1 {
      let prompts = Dictionary(batch.map { (rows[$0].promptIDs, rows[$0].promptIDs.count) }) { $1 }
      let own = batch.reduce(0) { $0 + rows[$1].completionIDs.count - 1 }
      #expect(prompts.values.reduce(own, +) <= capacity)
    }
    if capacity == 1 { #expect(batches.count == rows.count) }
    if capacity == 1 << 20 { #expect(batches == [Array(rows.indices)]) }
  }

  @Test func nothingGivesNoMicroBatch() {
    #expect(plan([], capacity: 10).rows.isEmpty)
  }
}
