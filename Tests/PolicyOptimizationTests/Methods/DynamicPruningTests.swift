import Settings
import Testing
import Torch

@testable import PolicyOptimization

/// Selection and weights by hand; the golden file holds the rest, the average over all draws included.
@Suite struct DynamicPruningTests {
  private let unbiased = Pruning(rate: 0.5, mode: .unbiased)

  private func candidates(_ draws: [Double]) -> [PromptCandidate] {
    draws.enumerated().map { PromptCandidate(id: "\($0)", draw: $1) }
  }

  private func screening(
    _ scores: [Double?], _ change: (inout DynamicPruningSettings) -> Void = { _ in }
  ) -> PromptPruning {
    var settings = DynamicPruningSettings()
    change(&settings)
    var screening = PromptPruning(settings)
    for (place, score) in scores.enumerated() { screening.state["\(place)"] = score }
    return screening
  }

  @Test func promptsByHand() {
    // H = (.9, .2, .1, unseen), mean .4: one of the second and third goes, the other weighs 2.
    let screening = screening([0.9, 0.2, 0.1, nil])
    let decision = screening.screen(
      candidates([0.1, 0.7, 0.6, 0.1]), progress: TrainingProgress())
    #expect(decision.kept == [0, 1, 3])
    #expect(isClose(decision.weights ?? [], [0.75, 1.5, 0.75]))  // times the kept share, 3/4
    #expect(decision.metrics["pruning/prompts_dropped"]?.mean == 1)
    #expect(isClose(decision.metrics["pruning/prompts_seen_share"]?.mean ?? .nan, 0.75))
    #expect(isClose(decision.metrics["pruning/score_mean"]?.mean ?? .nan, 0.4))
    #expect(decision.metrics["pruning/score_median"]?.mean == 0.2)
    #expect(decision.metrics["pruning/score_p90"]?.mean == 0.9)
    let other = screening.screen(
      candidates([0.1, 0.5, 0.6, 0.1]), progress: TrainingProgress())
    #expect(other.kept == [0, 2, 3])
  }

  @Test func withoutHistoryNothingIsDropped() {
    let decision = screening([nil, nil]).screen(candidates([0, 0]), progress: TrainingProgress())
    #expect(decision.kept == [0, 1])
    #expect(decision.weights == [1, 1])
  }

  @Test func scoresAreTheLatestMeanOfAdvantages() {
    var screening = screening([nil, 0.4])
    screening.observe([
      PromptOutcome(id: "0", advantages: [1, -0.5, -0.5]), PromptOutcome(id: "2", advantages: []),
    ])
    #expect(isClose(screening.state["0"] ?? .nan, 2.0 / 3))
    #expect(screening.state["1"] == 0.4, "a prompt that was not rolled out keeps its score")
    #expect(screening.state["2"] == nil)
    screening.observe([PromptOutcome(id: "0", advantages: [0, 0, 0])])
    #expect(screening.state["0"] == 0)
  }

  @Test func completionsByHand() {
    // |A| = (1.5, .5, .5, .5), mean .75: k = floor(1.5) = 1, and 3 / 2 on the survivors.
    let weights = unbiased.weights(scores: [1.5, 0.5, 0.5, 0.5], draws: [0, 0.3, 0.2, 0.9])
    #expect(weights == [1, 1.5, 0, 1.5])
    #expect(unbiased.weights(scores: [0.8, 0.8, 0.8], draws: [0, 0, 0]) == [1, 1, 1])
    #expect(unbiased.weights(scores: [0.3], draws: [0]) == [1])
    #expect(unbiased.weights(scores: [], draws: []).isEmpty)
  }

  @Test func tiesBrokenByRoundingAreTies() {
    #expect(unbiased.prunable([0.5, 0.5 + 1e-7]).isEmpty)
    #expect(unbiased.prunable([0.5, 0.5 + 1e-5]) == [0])
  }

  @Test func aWholeNumberOfMembersIsNotLostToRounding() {
    #expect(Pruning(rate: 0.3, mode: .unbiased).dropCount(of: 10) == 3)
    #expect(Pruning(rate: 0.7, mode: .unbiased).dropCount(of: 10) == 7)
    #expect(Pruning(rate: 0.999, mode: .unbiased).dropCount(of: 5) == 4)
  }

  @Test func everyWeightAveragesToOne() {
    let scores: [Double?] = [2, 0.1, 0.2, 0.3, 0.4]
    // Equally spaced draws stand for their order alone, and all orders for the uniform law.
    var sums = [0.0, 0, 0, 0, 0]
    var count = 0.0
    func visit(_ order: [Double], _ rest: [Double]) {
      if rest.isEmpty {
        let weights = Pruning(rate: 0.6, mode: .unbiased).weights(scores: scores, draws: order)
        for (place, weight) in weights.enumerated() { sums[place] += weight }
        count += 1
      }
      for (index, draw) in rest.enumerated() {
        visit(order + [draw], rest.enumerated().filter { $0.offset != index }.map(\.element))
      }
    }
    visit([], [0.1, 0.3, 0.5, 0.7, 0.9])
    #expect(count == 120)
    #expect(isClose(sums.map { $0 / count }, [1, 1, 1, 1, 1], 1e-9))
  }

  @Test func bottomKDropsTheLowestWithoutWeights() {
    let screening = screening([0.4, nil, 0.1, 0.1, 0.7]) {
      $0.mode = .bottomK
      $0.promptRate = 0.25
    }
    let decision = screening.screen(
      candidates([0, 0, 0, 0, 0]), progress: TrainingProgress())
    #expect(decision.kept == [0, 1, 3, 4])
    #expect(decision.weights == [1, 1, 1, 1])
  }

  private func batch(_ rewards: [Double], progress: TrainingProgress) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: rewards.map { _ in 0 }, rewards: rewards, correct: rewards.map { $0 == 1 },
      lengths: rewards.indices.map { $0 + 1 }, maxCompletion: 8)
    batch.draws = rewards.indices.map { 1 / Double($0 + 2) }
    batch.progress = progress
    return batch
  }

  @Test func pruningEnds() throws {
    var settings = DynamicPruningSettings()
    settings.pruneUntil = 0.5
    let method = try DynamicPruning.method(settings)
    func weights(_ step: Int) -> [Double]? {
      method.credit(batch([1, 0, 0, 0], progress: TrainingProgress(step: step, of: 10)))
        .advantages.rowWeights
    }
    #expect(weights(4) == [1, 1.5, 1.5, 0])
    #expect(weights(5) == [1, 1, 1, 1])
  }

  @Test func degenerateGroupsLoseNothing() throws {
    let method = try DynamicPruning.method(DynamicPruningSettings())
    for rewards in [[1.0, 1, 1], [0, 0, 0], [1, 1, 0, 0], [1]] {
      let credit = method.credit(batch(rewards, progress: TrainingProgress()))
      #expect(credit.advantages.rowWeights == rewards.map { _ in 1 })
    }
  }

  @Test func promptsCountAlikeWhateverTheirCompletions() throws {
    var uneven = GroupBatch(
      groupIDs: [0, 0, 0, 0, 1, 1], rewards: [1, 0, 0, 1, 1, 0],
      correct: [true, false, false, true, true, false], lengths: [1, 1, 1, 1, 1, 1],
      maxCompletion: 2)
    uneven.draws = [0, 0, 0, 0, 0, 0]
    func weights(_ aggregation: LossAggregation) throws -> [Double] {
      var settings = DynamicPruningSettings()
      settings.promptRate = 0
      settings.grpo.aggregation = aggregation
      return try DynamicPruning.method(settings).credit(uneven).advantages.rowWeights ?? []
    }
    #expect(isClose(try weights(.seqMeanTokenMean), [0.75, 0.75, 0.75, 0.75, 1.5, 1.5]))
    #expect(try weights(.tokenMean) == [1, 1, 1, 1, 1, 1])
  }

  @Test func auditsKnowTheWeightsWithoutCompletionPruning() throws {
    var settings = DynamicPruningSettings()
    settings.auditEvery = 3
    let method = try DynamicPruning.method(settings)
    func audited(_ step: Int) -> Credit? {
      var batch = batch([1, 0, 0, 0], progress: TrainingProgress(step: step, of: 10))
      batch.promptWeights = [2, 2, 2, 2]
      return method.credit(batch).audited
    }
    #expect([0, 1, 3].allSatisfy { audited($0) == nil })
    #expect(audited(2)?.advantages.rowWeights == [2, 2, 2, 2])
    #expect(audited(2)?.advantages.auditWeights == nil)
  }

  @Test func measurements() throws {
    let method = try DynamicPruning.method(DynamicPruningSettings())
    let metrics = method.credit(batch([1, 0, 0, 0], progress: TrainingProgress())).metrics
    #expect(metrics["pruning/completions_dropped"]?.mean == 1)
    #expect(metrics["pruning/tokens_not_trained"]?.mean == 4)
    #expect(isClose(metrics["pruning/weight_mean"]?.mean ?? .nan, 4.0 / 3))
    #expect(metrics["pruning/weight_max"]?.mean == 1.5)
  }

  @Test(arguments: [
    (["method.aggregation=token-mean"], "method.aggregation is token-mean"),
    (["method.dynamic-sampling=true"], "method.dynamic-sampling is true"),
    (["method.prompt-rate=1"], "command line: method.prompt-rate is 1, expected a number in"),
    (["method.completion-rate=-0.1"], "command line: method.completion-rate is -0.1"),
  ])
  func contradictionsAreRefused(overrides: [String], message: String) throws {
    var document = SettingDocument()
    for override in overrides { try document.append(override: override) }
    let error = #expect(throws: SettingError.self) {
      try Methods.named("dppo", settings: document)
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func withoutPromptPruningTheyAreAllowed() throws {
    var document = SettingDocument()
    for override in ["aggregation=token-mean", "dynamic-sampling=true", "prompt-rate=0"] {
      try document.append(override: "method.\(override)")
    }
    #expect(try Methods.named("dppo", settings: document).name == "dynamic-pruning")
  }
}
