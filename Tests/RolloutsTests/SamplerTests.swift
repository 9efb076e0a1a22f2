import Models
import Testing
import Torch

@testable import Rollouts

@Suite struct SamplerTests {
  private func sampled(
    _ prompts: [Prompt], completions: Int = 4, _ change: (inout SamplingSettings) -> Void = { _ in }
  ) throws -> [[Trajectory]] {
    Sampler(model: try tinyModel(), settings: settings(change), endTokens: endTokens)
      .sample(prompts, completions: completions, stream: RandomStream(seed: 1))
  }

  private func expectSame(_ left: [[Trajectory]], _ right: [[Trajectory]]) {
    #expect(left.map { $0.map(\.completionIDs) } == right.map { $0.map(\.completionIDs) })
    #expect(left.map { $0.map(\.finish) } == right.map { $0.map(\.finish) })
    for (left, right) in zip(left.joined(), right.joined()) {
      #expect(largestDifference(left.logProbabilities, right.logProbabilities) < 1e-5)
    }
  }

  @Test(arguments: [1, 3, 64]) func batchRowsChangeNothing(batchRows: Int) throws {
    let whole = try sampled(unequalPrompts)
    #expect(Set(whole.joined().map(\.completionIDs.count)).count > 3, "rows end together")
    expectSame(try sampled(unequalPrompts) { $0.batchRows = batchRows }, whole)
  }

  @Test func theOrderOfPromptsChangesNothing() throws {
    let order = [3, 0, 4, 2, 1]
    let whole = try sampled(unequalPrompts)
    expectSame(try sampled(order.map { unequalPrompts[$0] }), order.map { whole[$0] })
  }

  @Test func aPromptAloneGivesWhatItGivesInABatch() throws {
    let whole = try sampled(unequalPrompts)
    for (index, prompt) in unequalPrompts.enumerated() {
      expectSame(try sampled([prompt]), [whole[index]])
    }
  }

  @Test func fewerCompletionsAreTheFirstOfMore() throws {
    let many = try sampled(unequalPrompts, completions: 6)
    expectSame(try sampled(unequalPrompts, completions: 2), many.map { Array($0.prefix(2)) })
  }

  @Test func theKeyAndNotThePlaceNamesTheStream() throws {
    let ids = [1, 5, 9]
    let groups = try sampled([
      Prompt(ids: ids, key: 1), Prompt(ids: ids, key: 2), Prompt(ids: ids, key: 1),
    ])
    expectSame([groups[0]], [groups[2]])
    #expect(groups[0].map(\.completionIDs) != groups[1].map(\.completionIDs))
    #expect(Set(groups[0].map(\.completionIDs)).count == 4, "completions of one prompt are alike")
  }

  @Test func manyColumnsAreAsRightAsFew() throws {
    // Beyond the columns that are made room for at first.
    let long = try sampled(unequalPrompts, completions: 1) { $0.maximumCompletion = 24 }
    let model = try tinyModel()
    let longer = Sampler(
      model: model, settings: settings { $0.maximumCompletion = 300 }, endTokens: []
    ).sample(unequalPrompts, completions: 1, stream: RandomStream(seed: 1))
    #expect(longer.joined().allSatisfy { $0.completionIDs.count == 300 && $0.finish == .length })
    for (long, longer) in zip(long.joined(), longer.joined()) {
      #expect(longer.completionIDs.starts(with: long.completionIDs))
    }
    let batch = TrajectoryBatch(Array(longer.joined()), device: .cpu)
    let recorded = batch.padded(longer.joined().map(\.logProbabilities))
    let computed = withoutGradients { batch.logProbabilities(under: model, temperature: 1) }
    #expect((computed.logProbabilities - recorded).abs().max().item < 1e-4)
  }

  @Test func greedyIsTheMostLikelyTokenAtEveryPlace() throws {
    let model = try tinyModel()
    let greedy = Sampler(
      model: model,
      settings: settings {
        $0.temperature = 0
        $0.maximumCompletion = 10
      }, endTokens: []
    ).sample(unequalPrompts, completions: 1, stream: RandomStream(seed: 1))
    for (prompt, group) in zip(unequalPrompts, greedy) {
      var ids = prompt.ids
      var logProbabilities: [Float] = []
      withoutGradients {
        for _ in 0..<10 {
          let logits = model.logits(hidden: model.hiddenStates(Tensor(rows: [ids])))
            .select(1, ids.count - 1)
          let next = logits.argmax(-1).ints[0]
          logProbabilities.append(logits.logSoftmax().floats[next])
          ids.append(next)
        }
      }
      #expect(group[0].completionIDs == Array(ids.dropFirst(prompt.ids.count)))
      #expect(largestDifference(group[0].logProbabilities, logProbabilities) < 1e-5)
    }
  }

  @Test func topKOfOneIsGreedy() throws {
    let greedy = try sampled(unequalPrompts, completions: 1) { $0.temperature = 0 }
    let topOne = try sampled(unequalPrompts, completions: 2) { $0.topK = 1 }
    for (greedy, topOne) in zip(greedy, topOne) {
      #expect(topOne.allSatisfy { $0.completionIDs == greedy[0].completionIDs })
    }
  }

  @Test(arguments: [1.0, 0.7, 1.6]) func recordedLogProbabilitiesAreTheTrainers(
    temperature: Double
  ) throws {
    let model = try tinyModel()
    let trajectories = Array(
      Sampler(
        model: model,
        settings: settings {
          $0.temperature = temperature
          $0.batchRows = 7
        }, endTokens: endTokens
      ).sample(unequalPrompts, completions: 4, stream: RandomStream(seed: 2)).joined())
    let batch = TrajectoryBatch(trajectories, device: .cpu)
    // Sampler and trainer add up in different orders, so each is held to double precision.
    let exactModel = try CausalLanguageModel(
      configuration: model.configuration, seed: 3, dtype: .float64)
    for (exact, single) in zip(exactModel.parameters, model.parameters) {
      exact.tensor.copy(from: single.tensor)
    }
    func logProbabilities(under model: CausalLanguageModel, logitElements: Int) -> Tensor {
      withoutGradients {
        batch.logProbabilities(
          under: model, temperature: temperature, logitElements: logitElements
        ).logProbabilities.to(.float64)
      }
    }
    let exact = logProbabilities(under: exactModel, logitElements: 1 << 26)
    let recorded = batch.padded(trajectories.map(\.logProbabilities)).to(.float64)
    #expect((recorded - exact).abs().max().item < 1e-5)
    for logitElements in [1 << 26, 50] {
      let computed = logProbabilities(under: model, logitElements: logitElements)
      #expect((computed - exact).abs().max().item < 1e-5)
    }
    #expect(trajectories.allSatisfy { $0.logProbabilities.allSatisfy { $0 < 0 } })
  }

  @Test func anEndTokenIsTheLastAndOnlyOne() throws {
    let trajectories = try sampled(unequalPrompts, completions: 8).joined()
    let ended = trajectories.filter { $0.finish == .endToken }
    #expect(ended.count > 10)
    for trajectory in ended {
      #expect(trajectory.completionIDs.last.map(endTokens.contains) == true)
      #expect(!trajectory.completionIDs.dropLast().contains(where: endTokens.contains))
    }
    for trajectory in trajectories where trajectory.finish == .length {
      #expect(trajectory.completionIDs.count == 24)
      #expect(!trajectory.completionIDs.contains(where: endTokens.contains))
    }
    #expect(trajectories.allSatisfy { $0.logProbabilities.count == $0.completionIDs.count })
  }

  @Test(arguments: [1, 5]) func noCompletionIsLongerThanTheLimit(limit: Int) throws {
    let whole = try sampled(unequalPrompts)
    let cut = try sampled(unequalPrompts) { $0.maximumCompletion = limit }
    for (whole, cut) in zip(whole.joined(), cut.joined()) {
      #expect(cut.completionIDs == Array(whole.completionIDs.prefix(limit)))
      #expect((cut.finish == .length) == !cut.completionIDs.contains(where: endTokens.contains))
    }
  }

  @Test func everyTokenIsObservedInItsCompletionsOrder() throws {
    var seen: [RowID: [Int]] = [:]
    let sampler = Sampler(model: try tinyModel(), settings: settings(), endTokens: endTokens)
    let groups = sampler.sample(
      unequalPrompts, completions: 3, stream: RandomStream(seed: 1)
    ) { prompt, completion, id in
      seen[RowID(prompt: prompt, completion: completion), default: []].append(id)
    }
    for (prompt, group) in groups.enumerated() {
      for (completion, trajectory) in group.enumerated() {
        #expect(seen[RowID(prompt: prompt, completion: completion)] == trajectory.completionIDs)
      }
    }
  }
}
