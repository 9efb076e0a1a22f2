import Models
import Testing
import Torch

@testable import Rollouts

/// Ends a completion behind the second of the tokens `marks` that another token follows, as if it had
/// looked after every token.
private struct SecondMark: ReasoningStopper {
  struct Refusal: Error {}

  var interval: Int
  var marks: Set<Int> = [3, 7, 11, 19]
  var forced = [22, 23, 22]
  var answerTokens = 6
  var limit = 24
  var refuses = false
  private var tokens: [[Int]] = []
  private var ended: Set<Int> = []

  init(interval: Int) { self.interval = interval }

  mutating func begin(prompts: [[Int]]) {
    tokens = prompts.map { _ in [] }
    ended = []
  }

  mutating func ends(of rows: [GrowingCompletion]) throws(Refusal) -> [ReasoningEnd?] {
    if refuses { throw Refusal() }
    #expect(rows.map(\.row) == rows.map(\.row).sorted())
    return rows.map { row in
      #expect(!ended.contains(row.row), "a row was shown after its end")
      #expect(tokens[row.row] == Array(row.ids[..<row.seen]), "tokens were shown twice or never")
      tokens[row.row] = row.ids
      let places = row.ids.indices.dropLast().filter { marks.contains(row.ids[$0]) }
      let end = places.count < 2 ? nil : places[1]
      if row.isFinished || end != nil { ended.insert(row.row) }
      return end.flatMap { end in
        end + 1 + forced.count < limit
          ? ReasoningEnd(kept: end + 1, forced: forced, answerTokens: answerTokens) : nil
      }
    }
  }
}

@Suite struct ReasoningStopTests {
  private func sampled(
    _ prompts: [Prompt] = unequalPrompts, interval: Int = 1, dtype: DType = .float32,
    _ change: (inout SamplingSettings) -> Void = { _ in }
  ) throws -> [[Trajectory]] {
    try Sampler(model: model(dtype), settings: settings(change), endTokens: endTokens).sample(
      prompts, completions: 6, stream: RandomStream(seed: 1),
      stopper: SecondMark(interval: interval))
  }

  private func model(_ dtype: DType = .float32) throws -> CausalLanguageModel {
    let model = try tinyModel()
    if dtype == .float32 { return model }
    let exact = try CausalLanguageModel(configuration: model.configuration, seed: 3, dtype: dtype)
    for (exact, single) in zip(exact.parameters, model.parameters) {
      exact.tensor.copy(from: single.tensor)
    }
    return exact
  }

  private func expectSame(_ left: [[Trajectory]], _ right: [[Trajectory]]) {
    #expect(left.map { $0.map(\.completionIDs) } == right.map { $0.map(\.completionIDs) })
    #expect(left.map { $0.map(\.finish) } == right.map { $0.map(\.finish) })
    #expect(left.map { $0.map(\.stop?.forced) } == right.map { $0.map(\.stop?.forced) })
    for (left, right) in zip(left.joined(), right.joined()) {
      #expect(largestDifference(left.logProbabilities, right.logProbabilities) < 1e-5)
    }
  }

  @Test func stoppedRowsAreCutBackAndAnswer() throws {
    let free = try Sampler(model: model(), settings: settings(), endTokens: endTokens)
      .sample(unequalPrompts, completions: 6, stream: RandomStream(seed: 1))
    let stopped = try sampled()
    var (ends, limits) = (0, 0)
    for (free, its) in zip(free.joined(), stopped.joined()) {
      guard let stop = its.stop else {
        #expect(its.completionIDs == free.completionIDs)
        continue
      }
      let kept = stop.forced.lowerBound
      #expect(Array(its.completionIDs.prefix(kept)) == Array(free.completionIDs.prefix(kept)))
      #expect(Array(its.completionIDs[stop.forced]) == [22, 23, 22])
      #expect(its.completionIDs.prefix(kept).count { [3, 7, 11, 19].contains($0) } == 2)
      let answer = its.completionIDs[stop.forced.upperBound...]
      #expect((1...6).contains(answer.count) && its.completionIDs.count <= 24)
      #expect(!answer.dropLast().contains(where: endTokens.contains))
      let isEnded = answer.last.map(endTokens.contains) == true
      #expect(its.finish == (isEnded ? .endToken : .length))
      #expect(its.logProbabilities.count == kept + answer.count)
      #expect(its.sampledCount == kept + answer.count)
      #expect(stop.discarded == 1, "a row was sampled beyond the token that showed the end")
      isEnded ? (ends += 1) : (limits += 1)
    }
    #expect(ends > 3 && limits > 0, "\(ends) answers with an end, \(limits) cut off")
    #expect(stopped.joined().count { $0.stop == nil } > 3, "every row was stopped")
  }

  @Test(arguments: [DType.float32, .float64]) func theIntervalChangesNothing(dtype: DType) throws {
    let each = try sampled(dtype: dtype)
    for interval in [2, 3, 8, 1000] {
      let seldom = try sampled(interval: interval, dtype: dtype)
      expectSame(seldom, each)
      let discarded = seldom.joined().compactMap(\.stop?.discarded)
      #expect(discarded.max() ?? 0 > 1, "nothing was sampled beyond a stop")
    }
  }

  @Test(arguments: [1, 4, 64]) func batchesChangeNothing(batchRows: Int) throws {
    let whole = try sampled(interval: 3)
    expectSame(try sampled(interval: 3) { $0.batchRows = batchRows }, whole)
    let order = [3, 0, 4, 2, 1]
    expectSame(
      try sampled(order.map { unequalPrompts[$0] }, interval: 5) { $0.batchRows = batchRows },
      order.map { whole[$0] })
  }

  @Test func recordedLogProbabilitiesAreTheTrainers() throws {
    let trajectories = Array(try sampled(interval: 4).joined())
    let batch = TrajectoryBatch(trajectories, device: .cpu)
    let computed = withoutGradients {
      try? batch.logProbabilities(under: model(), temperature: 1).logProbabilities
    }
    let recorded = batch.padded(trajectories.map(\.logProbabilities))
    #expect(try ((#require(computed) - recorded).abs().max().item) < 1e-4)
  }

  @Test func theStoppersErrorComesThrough() throws {
    var stopper = SecondMark(interval: 1)
    stopper.refuses = true
    let sampler = Sampler(model: try model(), settings: settings(), endTokens: endTokens)
    #expect(throws: SecondMark.Refusal.self) {
      try sampler.sample(
        unequalPrompts, completions: 2, stream: RandomStream(seed: 1), stopper: stopper)
    }
  }
}

@Suite struct GrowingStatesTests {
  @Test func piecesAreAsOnePass() throws {
    let model = try tinyModel()
    let prompts = [[1, 5, 9], [4], [1, 5, 9], [1, 7, 3, 3, 20]]
    let rows = [
      [2, 3, 4, 5, 6, 7, 8], [9, 8, 7, 6, 5, 4, 3], [5, 5, 5, 5, 1, 1, 1], [0, 1, 2, 3, 4, 5, 6],
    ]
    let states = GrowingStates(model, prompts: prompts)
    var kept = Array(prompts.indices)
    var read = 0
    func expected(_ row: Int, upTo count: Int) -> [Float] {
      withoutGradients {
        let ids = prompts[row] + rows[row].prefix(count)
        return model.hiddenStates(Tensor(rows: [ids]), beforeFinalNorm: true)
          .select(0, 0).select(0, ids.count - 1).floats
      }
    }
    for (count, keeping) in [(3, [0, 1, 2, 3]), (1, [0, 2, 3]), (3, [2])] {
      let piece = states.read(Tensor(rows: kept.map { Array(rows[$0][read..<read + count]) }))
      #expect(piece.shape == [kept.count, count, 16])
      read += count
      for (place, row) in kept.enumerated() {
        for offset in 0..<count {
          #expect(
            largestDifference(
              piece.select(0, place).select(0, offset).floats,
              expected(row, upTo: read - count + 1 + offset)) < 1e-4)
        }
        #expect(
          largestDifference(states.last.select(0, place).floats, expected(row, upTo: read)) < 1e-4)
      }
      states.keep(keeping)
      kept = keeping.map { kept[$0] }
    }
  }
}
