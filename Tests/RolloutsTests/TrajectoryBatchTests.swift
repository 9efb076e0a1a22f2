import Models
import Testing
import Torch

@testable import Rollouts

@Suite struct TrajectoryBatchTests {
  private let trajectories = [
    Trajectory(
      promptIDs: [1, 5, 9], completionIDs: [4, 7], logProbabilities: [-1, -2], finish: .endToken),
    Trajectory(promptIDs: [3], completionIDs: [], logProbabilities: [], finish: .length),
    Trajectory(
      promptIDs: [2, 2], completionIDs: [6, 8, 10, 3], logProbabilities: [-3, -4, -5, -6],
      finish: .length),
  ]

  @Test func maskAndPlacesFollowTheRows() {
    let batch = TrajectoryBatch(trajectories, device: .cpu)
    #expect(batch.width == 4)
    #expect(batch.lengths == [2, 0, 4])
    #expect(batch.mask.shape == [3, 4])
    #expect(batch.mask.ints == [1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    #expect(
      batch.padded(trajectories.map(\.logProbabilities)).floats
        == [-1, -2, 0, 0, 0, 0, 0, 0, -3, -4, -5, -6])
  }

  @Test func rowsAreAsIfAloneAndPaddingIsZero() throws {
    let model = try tinyModel()
    let (together, entropies) = withoutGradients {
      TrajectoryBatch(trajectories, device: .cpu).logProbabilities(under: model, temperature: 0.8)
    }
    #expect(together.shape == [3, 4])
    #expect(entropies.shape == [3, 4])
    for (row, trajectory) in trajectories.enumerated() {
      let alone = withoutGradients {
        TrajectoryBatch([trajectory], device: .cpu).logProbabilities(
          under: model, temperature: 0.8)
      }
      let count = trajectory.completionIDs.count
      let values = together.select(0, row).floats
      let rowEntropies = entropies.select(0, row).floats
      #expect(
        largestDifference(
          Array(values.prefix(count)), Array(alone.logProbabilities.floats.prefix(count))) < 1e-5)
      #expect(values.dropFirst(count).allSatisfy { $0 == 0 })
      #expect(rowEntropies.dropFirst(count).allSatisfy { $0 == 0 })
      #expect(rowEntropies.prefix(count).allSatisfy { $0 > 0 })
    }
  }

  /// Completions in the middle of which tokens are forced, and the same as if all had been sampled.
  private let stopped = [(2..<4, [4, 7, 6, 8, 10, 3]), (1..<3, [5, 9, 9, 1])]

  private func stopped(isMarked: Bool) -> [Trajectory] {
    stopped.map { forced, ids in
      Trajectory(
        promptIDs: [1, 5], completionIDs: ids,
        logProbabilities: ids.dropLast(isMarked ? forced.count : 0).map { _ in -1 },
        finish: .length, stop: isMarked ? ReasoningStop(forced: forced, discarded: 0) : nil)
    }
  }

  @Test func forcedTokensAreReadButHaveNoPlace() throws {
    let model = try tinyModel()
    let batch = TrajectoryBatch(stopped(isMarked: true), device: .cpu)
    #expect(batch.width == 4)
    #expect(batch.lengths == [4, 2])
    #expect(batch.mask.ints == [1, 1, 1, 1, 1, 1, 0, 0])
    let all = TrajectoryBatch(stopped(isMarked: false), device: .cpu)
    let (values, wanted) = withoutGradients {
      (
        batch.logProbabilities(under: model, temperature: 1).logProbabilities,
        all.logProbabilities(under: model, temperature: 1).logProbabilities
      )
    }
    for (row, (forced, ids)) in stopped.enumerated() {
      let sampled = ids.indices.filter { !forced.contains($0) }
      let expected = wanted.select(0, row).floats
      #expect(
        largestDifference(
          Array(values.select(0, row).floats.prefix(sampled.count)), sampled.map { expected[$0] })
          < 1e-6)
    }
  }

  @Test func forcedTokensHaveNoGradient() throws {
    func gradient(_ batch: TrajectoryBatch, _ weights: Tensor) throws -> [Float] {
      let model = try tinyModel()
      model.trainable = true
      (batch.logProbabilities(under: model, temperature: 1).logProbabilities * weights).sum()
        .backward()
      return withoutGradients { model.parameters.flatMap { $0.tensor.gradient?.floats ?? [] } }
    }
    let marked = TrajectoryBatch(stopped(isMarked: true), device: .cpu)
    let all = TrajectoryBatch(stopped(isMarked: false), device: .cpu)
    let own = try gradient(marked, Tensor([1.0, 1, 1, 1, 1, 1, 1, 1], shape: [2, 4]).to(.float32))
    let sampled = Tensor([1.0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0], shape: [2, 6]).to(.float32)
    #expect(largestDifference(own, try gradient(all, sampled)) < 1e-4)
    #expect(largestDifference(own, try gradient(all, sampled * 0 + 1)) > 1e-2)
  }

  @Test func emptyCompletionsHaveNoLogProbabilities() throws {
    let batch = TrajectoryBatch([trajectories[1]], device: .cpu)
    let (logProbabilities, entropies) = batch.logProbabilities(
      under: try tinyModel(), temperature: 1)
    #expect(batch.mask.ints == [0])
    #expect(logProbabilities.floats == [0])
    #expect(entropies.floats == [0])
  }

  @Test func theGradientReachesTheModelOnlyThroughLogProbabilities() throws {
    let model = try tinyModel()
    model.trainable = true
    let batch = TrajectoryBatch(trajectories, device: .cpu)
    let (logProbabilities, entropies) = batch.logProbabilities(under: model, temperature: 1)
    #expect(!entropies.requiresGradient)
    logProbabilities.sum().backward()
    let norms = model.parameters.map { $0.tensor.gradient?.norm().item ?? 0 }
    #expect(norms.allSatisfy { $0 > 0 })
  }

  /// Two prompts of three completions each, one of them empty, and one of a single token.
  private let groups = [[1, 5, 9], [2, 2]].flatMap { prompt in
    [[4, 7, 8], [], [6]].map {
      Trajectory(
        promptIDs: prompt, completionIDs: $0, logProbabilities: $0.map { _ in -1 },
        finish: .length)
    }
  }

  @Test func rowsThatShareAPromptAreAsIfTheyDidNot() throws {
    let model = try tinyModel()
    model.trainable = true
    func values(_ rows: [Trajectory]) -> (Tensor, [Tensor?]) {
      let result = TrajectoryBatch(rows, device: .cpu).logProbabilities(
        under: model, temperature: 1
      ).logProbabilities
      let slopes = gradient(
        of: result.squared().sum(), withRespectTo: model.parameters.map(\.tensor))
      return (result.detached(), slopes)
    }
    // In this order no neighbours share a prompt.
    let order = [0, 3, 1, 4, 2, 5]
    let (together, slopes) = values(groups)
    let (apart, apartSlopes) = values(order.map { groups[$0] })
    #expect(
      largestDifference(together.indexSelect(0, Tensor(order)).floats, apart.floats) < 1e-5)
    for (one, other) in zip(slopes, apartSlopes) {
      let (one, other) = (try #require(one).floats, try #require(other).floats)
      let scale = other.map(abs).max() ?? 0
      #expect(scale > 0 && largestDifference(one, other) < 1e-5 * max(1, scale))
    }
  }
}
