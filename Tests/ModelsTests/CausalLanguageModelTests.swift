import Testing
import Torch

@testable import Models

@Suite("Causal language model")
struct CausalLanguageModelTests {
  private func small(
    _ family: ModelFamily = .llama, tied: Bool = false, padTokenID: Int? = nil
  ) throws -> ModelConfiguration {
    try ModelConfiguration(
      family: family, vocabularySize: 200, hiddenSize: 64, intermediateSize: 96, layerCount: 2,
      headCount: 4, keyValueHeadCount: 2, tiesEmbeddings: tied, padTokenID: padTokenID)
  }

  @Test(arguments: ModelFamily.allCases)
  func randomWeights(_ family: ModelFamily) throws {
    let configuration = try small(family, padTokenID: 7)
    let model = try CausalLanguageModel(configuration: configuration, seed: 5)
    for (name, tensor) in model.parameters {
      if name.hasSuffix("norm.weight") {
        #expect(tensor.floats.allSatisfy { $0 == 1 }, "\(name)")
      } else if name.hasSuffix("bias") {
        #expect(tensor.floats.allSatisfy { $0 == 0 }, "\(name)")
      } else {
        // 2,048 or more draws: the estimate is within 10 % in all but one of 10^9 cases.
        let deviation = tensor.reshaped([-1]).variance(0).sqrt().item
        #expect(abs(deviation - 0.02) < 0.002, "\(name): \(deviation)")
        #expect(abs(tensor.mean().item) < 0.003, "\(name)")
      }
    }
    let embedding = model.parameters[0].tensor
    #expect(embedding.select(0, 7).floats.allSatisfy { $0 == 0 })
    #expect(embedding.select(0, 8).floats.contains { $0 != 0 })
  }

  @Test func seedsFixTheWeights() throws {
    func weights(_ seed: UInt64) throws -> [Float] {
      try CausalLanguageModel(configuration: small(), seed: seed).parameters
        .flatMap(\.tensor.floats)
    }
    #expect(try weights(1) == weights(1))
    #expect(try weights(1) != weights(2))
  }

  @Test func tiedOutput() throws {
    let tied = try CausalLanguageModel(configuration: small(tied: true), seed: 1)
    #expect(tied.outputWeight === tied.parameters[0].tensor)
    #expect(!tied.parameters.contains { $0.name == "lm_head.weight" })
    let untied = try CausalLanguageModel(configuration: small(), seed: 1)
    #expect(untied.parameters.last?.name == "lm_head.weight")
    #expect(untied.outputWeight === untied.parameters.last?.tensor)
  }

  @Test func trainability() throws {
    let model = try CausalLanguageModel(configuration: small(), seed: 1)
    let ids = Tensor(rows: [[1, 2, 3]])
    #expect(!model.trainable)
    #expect(!model.hiddenStates(ids).requiresGradient)
    model.trainable = true
    #expect(model.trainable)
    #expect(model.parameters.allSatisfy { $0.tensor.requiresGradient })
    #expect(model.hiddenStates(ids).requiresGradient)
    #expect(!withoutGradients { model.hiddenStates(ids) }.requiresGradient)
    model.trainable = false
    #expect(!model.hiddenStates(ids).requiresGradient)
  }

  /// Sampling multiplies by all of a layer's projections at once; it must see every change of the
  /// parameters, made by an optimizer or by a copy.
  @Test(arguments: ModelFamily.allCases)
  func samplingSeesChangedWeights(_ family: ModelFamily) throws {
    let model = try CausalLanguageModel(configuration: small(family), seed: 1)
    let ids = Tensor(rows: [[1, 2, 3, 4], [9, 8, 7, 6]])
    model.trainable = true
    let optimizer = AdamW([.init(model.parameters)])
    for _ in 0..<2 {
      let before = withoutGradients { model.hiddenStates(ids) }
      model.hiddenStates(ids).squared().mean().backward()
      for (name, parameter) in model.parameters where parameter.gradient == nil {
        // The final norm is before the output weight, which has no part in the hidden states.
        #expect(name == "lm_head.weight")
      }
      optimizer.step(learningRate: 0.01)
      optimizer.clearGradients()
      let sampled = withoutGradients { model.hiddenStates(ids) }
      let trained = model.hiddenStates(ids).detached()
      #expect((sampled - trained).abs().max().item < 1e-5)
      #expect((sampled - before).abs().max().item > 1e-3)
    }
    let other = try CausalLanguageModel(configuration: small(family), seed: 2)
    model.update(from: other)
    let states = withoutGradients { model.hiddenStates(ids) }
    #expect(states.floats == withoutGradients { other.hiddenStates(ids) }.floats)
  }

  /// Gradients do not depend on which parameters gather them.
  @Test func someParametersFrozen() throws {
    let model = try CausalLanguageModel(configuration: small(.qwen2), seed: 3)
    let ids = Tensor(rows: [[1, 2, 3, 4]])
    let watched = try #require(
      model.parameters.first { $0.name == "model.layers.0.self_attn.v_proj.weight" }
    ).tensor
    model.trainable = true
    model.hiddenStates(ids).squared().mean().backward()
    let whole = try #require(watched.gradient).cloned()
    model.trainable = false
    watched.clearGradient()
    watched.requiresGradient = true
    model.hiddenStates(ids).squared().mean().backward()
    let alone = try #require(watched.gradient)
    #expect((whole - alone).abs().max().item <= 1e-6 * whole.abs().max().item)
  }

  @Test func copiesAreApart() throws {
    let model = try CausalLanguageModel(configuration: small(), seed: 1)
    model.trainable = true
    let copy = try model.copy()
    #expect(!copy.trainable)
    withoutGradients { model.parameters[3].tensor.fill(0) }
    #expect(copy.parameters[3].tensor.floats.contains { $0 != 0 })
  }

  @Test func statesBeforeTheFinalNorm() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    let ids = Tensor(rows: try Fixture.llama2.expected().ids)
    let norm = try #require(model.parameters.first { $0.name == "model.norm.weight" }).tensor
    let before = withoutGradients { model.hiddenStates(ids, beforeFinalNorm: true) }
    let after = withoutGradients { model.hiddenStates(ids) }
    let root = (before.squared().mean(-1, keepDims: true) + 1e-5).sqrt()
    #expect((before / root * norm - after).abs().max().item < 1e-5)
    #expect((before - after).abs().max().item > 0.1)
  }

  /// What stands behind a position, padding included, has no influence on it.
  @Test(arguments: Fixture.allCases)
  func causality(_ fixture: Fixture) throws {
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let rows = try fixture.expected().ids
    let changed = rows.map { Array($0.prefix(6)) + Array(repeating: 0, count: $0.count - 6) }
    let (first, second) = withoutGradients {
      (model.hiddenStates(Tensor(rows: rows)), model.hiddenStates(Tensor(rows: changed)))
    }
    let difference = (first - second).abs()
    #expect(difference.narrow(1, from: 0, count: 6).max().item < 1e-6)
    #expect(difference.narrow(1, from: 6, count: rows[0].count - 6).max().item > 1e-2)
  }

  /// Positions past the length that the configuration names still work; tables grow.
  @Test func longContext() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    let length = model.configuration.maximumPositions + 20
    let ids = Tensor(rows: [(0..<length).map { 4 + $0 % 60 }])
    let whole = withoutGradients { model.hiddenStates(ids) }
    let cache = ConcatenatingCache(model.configuration)
    let steps = withoutGradients {
      (0..<length).map { model.hiddenStates(ids.narrow(1, from: $0, count: 1), cache: cache) }
    }
    #expect((Tensor.concatenated(steps, dim: 1) - whole).abs().max().item < 1e-4)
    let positions = Tensor.arange(0, length).unsqueezed(0)
    let explicit = withoutGradients { model.hiddenStates(ids, positions: positions) }
    #expect(explicit.floats == whole.floats)
  }
}
