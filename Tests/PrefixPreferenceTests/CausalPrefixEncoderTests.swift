import Testing
import Torch

@testable import PrefixPreference

@Suite("Causal prefix encoder")
struct CausalPrefixEncoderTests {
  private func vectors(
    _ encoder: CausalPrefixEncoder, _ rollouts: [RolloutSteps],
    _ prefixes: PrefixSelection = .everyStep
  ) throws -> Tensor {
    try #require(encoder.encode(rollouts, prefixes: prefixes).separate)
  }

  private func difference(_ left: Tensor, _ right: Tensor) -> Double {
    (left - right).abs().max().item
  }

  @Test(
    "one pass gives the features of separately encoded prefixes",
    arguments: CausalPrefixEncoder.Layer.allCases)
  func onePass(layer: CausalPrefixEncoder.Layer) throws {
    let encoder = CausalPrefixEncoder(try tinyModel(), layer: layer)
    let rollouts = randomRollouts(8)
    let separate = rollouts.flatMap { rollout in
      rollout.lastTokenOfStep.map { end in
        RolloutSteps(
          promptIDs: rollout.promptIDs, completionIDs: Array(rollout.completionIDs[...end]),
          lastTokenOfStep: [end])
      }
    }
    let expected = Tensor.concatenated(
      try separate.map { try vectors(encoder, [$0], .completeSolution) })
    let found = try vectors(encoder, rollouts)
    #expect(found.shape == [separate.count, 16])
    #expect(difference(found, expected) < 1e-5)
  }

  @Test("batches of any budget give the features of single passes", arguments: [1, 20, 64, 10000])
  func batching(budget: Int) throws {
    let model = try tinyModel()
    // Several of a question next to each other, as in a group.
    let different = randomRollouts(17)
    let rollouts = different.indices.map { different[$0].asked(different[$0 / 3].promptIDs) }
    let one = CausalPrefixEncoder(model)
    let expected = Tensor.concatenated(try rollouts.map { try vectors(one, [$0]) })
    let found = try vectors(CausalPrefixEncoder(model, batchTokens: budget), rollouts)
    #expect(difference(found, expected) < 1e-5)
  }

  @Test("the final layer is the normalised residual stream")
  func layers() throws {
    let model = try tinyModel()
    let rollouts = randomRollouts(3)
    let norm = try #require(model.parameters.first { $0.name == "model.norm.weight" }).tensor
    let before = try vectors(CausalPrefixEncoder(model), rollouts)
    let after = try vectors(CausalPrefixEncoder(model, layer: .final), rollouts)
    let expected = before.rmsNorm(norm, epsilon: model.configuration.rmsNormEpsilon)
    #expect(difference(after, expected) < 1e-5)
    #expect(difference(after, before) > 0.01)
  }

  @Test("likelihoods are the model's own of every token up to the prefix's end")
  func likelihoods() throws {
    let model = try tinyModel(endTokens: [2])
    let rollouts =
      randomRollouts(5) + [
        RolloutSteps(promptIDs: [5, 6], completionIDs: [7, 8, 9, 2], lastTokenOfStep: [0, 3]),
        RolloutSteps(promptIDs: [3, 4, 5], completionIDs: [], lastTokenOfStep: []),
      ]
    for budget in [1, 10_000] {
      let encoder = CausalPrefixEncoder(model, likelihoods: true, batchTokens: budget)
      let found = try vectors(encoder, rollouts)
      #expect(found.shape[1] == 16 + 4)
      let plain = try vectors(CausalPrefixEncoder(model, batchTokens: budget), rollouts)
      #expect(difference(found.narrow(1, from: 0, count: 16), plain) < 1e-6)
      var row = 0
      for rollout in rollouts {
        let ids = rollout.promptIDs + rollout.completionIDs
        let logits = withoutGradients {
          model.logits(hidden: model.hiddenStates(Tensor(ids, shape: [1, ids.count])))
        }.to(.float64).logSoftmax().doubles
        let vocabulary = logits.count / ids.count
        let own = rollout.completionIDs.enumerated().map { index, id in
          logits[(rollout.promptIDs.count + index - 1) * vocabulary + id]
        }
        var start = 0
        for end in rollout.lastTokenOfStep {
          let last = rollout.completionIDs[end] == 2 ? end : end + 1
          let step = own[start..<last]
          let prefix = own[..<last]
          let expected = [
            step.reduce(0, +) / Double(step.count), step.min() ?? 0,
            prefix.reduce(0, +) / Double(prefix.count), prefix.min() ?? 0,
          ]
          let numbers = found.select(0, row).narrow(0, from: 16, count: 4).doubles
          #expect(zip(numbers, expected).allSatisfy { abs($0 - $1) < 1e-4 })
          start = last
          row += 1
        }
        if rollout.lastTokenOfStep.isEmpty {
          #expect(found.select(0, row).narrow(0, from: 16, count: 4).doubles == [0, 0, 0, 0])
          row += 1
        }
      }
      #expect(row == found.size(0))
    }
  }

  @Test(
    "a complete solution has the features that it has among its prefixes", arguments: [true, false])
  func selections(likelihoods: Bool) throws {
    let encoder = CausalPrefixEncoder(try tinyModel(), likelihoods: likelihoods)
    let rollouts = [
      RolloutSteps(
        promptIDs: [3, 4, 5], completionIDs: [6, 7, 8, 9, 5], lastTokenOfStep: [0, 2, 4]),
      RolloutSteps(promptIDs: [3, 4], completionIDs: [7, 5], lastTokenOfStep: [0, 1]),
    ]
    let every = try vectors(encoder, rollouts)
    let whole = try vectors(encoder, rollouts, .completeSolution)
    #expect(every.shape[0] == 5 && whole.shape[0] == 2)
    let last = every.indexSelect(0, Tensor([2, 4]))
    #expect(difference(whole, last) < 1e-5)
    let mixed = try #require(
      encoder.encode(rollouts, prefixes: [.completeSolution, .everyStep]).separate)
    #expect(difference(mixed, every.indexSelect(0, Tensor([2, 3, 4]))) < 1e-5)
  }

  @Test("a rollout without steps is encoded at its prompt's last token")
  func emptyRollout() throws {
    let encoder = CausalPrefixEncoder(try tinyModel())
    let empty = RolloutSteps(promptIDs: [3, 4, 5], completionIDs: [], lastTokenOfStep: [])
    let step = RolloutSteps(promptIDs: [3, 4], completionIDs: [5], lastTokenOfStep: [0])
    for prefixes in [PrefixSelection.everyStep, .completeSolution] {
      let found = try vectors(encoder, [empty], prefixes)
      #expect(found.shape == [1, 16])
      #expect(difference(found, try vectors(encoder, [step], prefixes)) < 1e-5)
    }
    #expect(try vectors(encoder, []).shape == [0, 16])
  }

  @Test("an end token is no part of the step that it ends")
  func endTokens() throws {
    let encoder = CausalPrefixEncoder(try tinyModel(endTokens: [2, 3]))
    func rollout(_ ids: [Int], ends: [Int]) -> RolloutSteps {
      RolloutSteps(promptIDs: [5, 6], completionIDs: ids, lastTokenOfStep: ends)
    }
    let bare = try vectors(encoder, [rollout([7, 8, 9], ends: [0, 2])])
    let ended = try vectors(encoder, [rollout([7, 8, 9, 3, 2], ends: [0, 4])])
    #expect(difference(bare, ended) < 1e-5)
    // Inside a step it is a token like others.
    let inside = try vectors(encoder, [rollout([7, 2, 9], ends: [0, 2])])
    #expect(difference(bare, inside) > 0.01)
    // A completion of an end token alone is the prompt.
    let alone = try vectors(encoder, [rollout([2], ends: [0])])
    #expect(difference(alone, try vectors(encoder, [rollout([], ends: [])])) < 1e-5)
    #expect(encoder.identity != CausalPrefixEncoder(try tinyModel()).identity)
  }

  @Test("the fingerprint follows weights and architecture, not where or how often it is taken")
  func fingerprints() throws {
    let model = try tinyModel()
    let identity = CausalPrefixEncoder(model).identity
    #expect(CausalPrefixEncoder(try model.copy()).identity == identity)
    #expect(CausalPrefixEncoder(try tinyModel(seed: 2)).identity != identity)
    #expect(CausalPrefixEncoder(model, layer: .final).identity != identity)
    #expect(CausalPrefixEncoder(model, likelihoods: true).identity != identity)
    #expect(CausalPrefixEncoder(model, batchTokens: 3).identity == identity)
    let changed = try model.copy()
    withoutGradients { changed.parameters[4].tensor.reshaped([-1]).select(0, 7).fill(0.125) }
    #expect(CausalPrefixEncoder(changed).identity.fingerprint != identity.fingerprint)
  }
}
