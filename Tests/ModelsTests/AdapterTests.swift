import Foundation
import Testing
import Torch

@testable import Models

/// The adapters that `Scripts/golden/adapters.py` makes with peft.
enum AdapterFixture: String, CaseIterable, CustomTestStringConvertible {
  case llama2, llama3, qwen2, qwen3

  struct Expected: Decodable {
    let ids: [[Int]]
    let logits: [Double]
    let mergedLogits: [Double]
    let paddedLength: Int
    let loss: Double
    let gradients: [String: ModelsTests.Expected.Gradient]
  }

  var folder: URL { Fixture.root.appending(path: "adapters/\(rawValue)") }
  var baseFolder: URL { Fixture.root.appending(path: rawValue) }
  var testDescription: String { rawValue }

  func base() throws -> CausalLanguageModel { try .load(folder: baseFolder) }

  func adapted() throws -> CausalLanguageModel {
    let model = try base()
    try model.loadAdapter(LoRAFolder(folder))
    return model
  }

  func expected() throws -> Expected {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    return try JSONDecoder().decode(Expected.self, from: data)
  }
}

private func logits(_ model: CausalLanguageModel, _ ids: [[Int]]) -> Tensor {
  withoutGradients { model.logits(hidden: model.hiddenStates(Tensor(rows: ids))) }
}

@Suite("LoRA adapters: parity with peft")
struct AdapterParityTests {
  static let logitTolerance = 1e-5

  @Test(arguments: AdapterFixture.allCases)
  func logitsOfAnAdapterThatPeftMade(_ fixture: AdapterFixture) throws {
    let expected = try fixture.expected()
    let model = try fixture.adapted()
    #expect(
      largestDifference(logits(model, expected.ids), expected.logits, "\(fixture) logits")
        < Self.logitTolerance)
    expectRecordedLogits(
      of: model, expected.ids, expected.logits, within: Self.logitTolerance, "\(fixture)")
  }

  @Test(arguments: AdapterFixture.allCases)
  func gradientsOfAAndB(_ fixture: AdapterFixture) throws {
    let expected = try fixture.expected()
    let model = try fixture.adapted()
    model.trainable = true
    let loss = nextIDLoss(of: model, expected.ids, paddedLength: expected.paddedLength)
    #expect(abs(loss.item - expected.loss) < 1e-5)
    loss.backward()
    try expectGradients(
      of: model.trainedParameters, expected.gradients, within: ParityTests.gradientTolerance,
      "\(fixture) adapter")
    #expect(
      model.parameters.allSatisfy { $0.tensor.gradient == nil && !$0.tensor.requiresGradient })
  }

  @Test(arguments: AdapterFixture.allCases)
  func mergedWeights(_ fixture: AdapterFixture) throws {
    let expected = try fixture.expected()
    let model = try fixture.adapted()
    // For sampling: copies, and the weights are as before to the bit.
    let weights = model.parameters.map(\.tensor.floats)
    let sampled = model.withMergedAdapter { logits(model, expected.ids) }
    #expect(
      largestDifference(sampled, expected.mergedLogits, "\(fixture) sampling logits")
        < Self.logitTolerance)
    #expect(model.parameters.map(\.tensor.floats) == weights)
    let separate = logits(model, expected.ids)
    #expect(separate.floats != sampled.floats, "the copies are still in use")
    // For good.
    try model.mergeAdapter()
    #expect(model.adapter == nil)
    #expect(
      largestDifference(
        logits(model, expected.ids), expected.mergedLogits, "\(fixture) merged logits")
        < Self.logitTolerance)
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      let saved = try CausalLanguageModel.load(folder: folder)
      #expect(logits(saved, expected.ids).floats == logits(model, expected.ids).floats)
    }
  }

  @Test(arguments: AdapterFixture.allCases)
  func withoutTheAdapterTheModelIsItsBase(_ fixture: AdapterFixture) throws {
    let ids = try fixture.expected().ids
    let model = try fixture.adapted()
    let base = logits(try fixture.base(), ids).floats
    #expect(model.withoutAdapter { logits(model, ids) }.floats == base)
    #expect(logits(model, ids).floats != base)
  }

  /// Packed sequences go through kernels of their own.
  @Test(arguments: AdapterFixture.allCases)
  func packedSequencesAsRows(_ fixture: AdapterFixture) throws {
    let expected = try fixture.expected()
    let model = try fixture.adapted()
    model.trainable = true
    func gradients(_ hidden: Tensor) -> [[Float]] {
      (hidden * hidden).mean().backward()
      defer { for (_, tensor) in model.trainedParameters { tensor.clearGradient() } }
      return model.trainedParameters.map { $0.tensor.gradient?.floats ?? [] }
    }
    let rows = model.hiddenStates(Tensor(rows: expected.ids))
    var packed = PackedSequences()
    for ids in expected.ids { packed.appendStem(ids) }
    let joined = model.hiddenStates(packed)
    let difference = (joined.reshaped(rows.shape) - rows).detached().abs().max().item
    #expect(difference < Self.logitTolerance)
    for (own, other) in zip(gradients(joined), gradients(rows)) {
      let scale = other.map(abs).max() ?? 0
      #expect(!own.isEmpty && scale > 0)
      #expect(zip(own, other).allSatisfy { abs($0 - $1) <= 1e-3 * scale })
    }
  }

  @Test(arguments: AdapterFixture.allCases)
  func roundTrip(_ fixture: AdapterFixture) throws {
    let model = try fixture.adapted()
    try withTemporaryFolder { folder in
      try model.saveAdapter(to: folder, baseModel: "some/base")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["adapter_config.json", "adapter_model.safetensors"])
      #expect(LoRAFolder.isOne(folder) && !LoRAFolder.isOne(fixture.baseFolder))
      let saved = try LoRAFolder(folder)
      #expect(saved.baseModel == "some/base")
      #expect(saved.configuration == model.adapter?.configuration)
      // What peft wrote, byte for byte but for the header.
      let own = try SafetensorsFile(folder.appending(path: "adapter_model.safetensors"))
      let peft = try SafetensorsFile(fixture.folder.appending(path: "adapter_model.safetensors"))
      #expect(own.names == peft.names && own.metadata == peft.metadata)
      for name in own.names {
        #expect(try own.tensor(name).floats == peft.tensor(name).floats, "\(name)")
      }
    }
  }
}

@Suite("LoRA adapters")
struct AdapterTests {
  private func configuration(
    rank: Int = 4, targets: [String] = [LoRATargets.allLinearName], dropout: Double = 0
  ) throws -> LoRAConfiguration {
    try LoRAConfiguration(rank: rank, alpha: 8, targets: LoRATargets(targets), dropout: dropout)
  }

  @Test func aNewAdapterChangesNothingYet() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.qwen2.folder)
    let ids = try Fixture.qwen2.expected().ids
    let before = logits(model, ids)
    try model.attachAdapter(configuration(), seed: 7)
    // Sampling multiplies as without an adapter; beside the weights, products are rounded apart.
    #expect(model.withMergedAdapter { logits(model, ids) }.floats == before.floats)
    #expect(
      largestDifference(logits(model, ids), before.doubles, "new adapter")
        < AdapterParityTests.logitTolerance)
    let adapter = try #require(model.adapter)
    #expect(adapter.linears.map(\.name) == model.configuration.linearShapes.map(\.name))
    #expect(
      try adapter.parameterCount == configuration().parameterCount(for: model.configuration))
    let shapes = model.configuration.linearShapes
    for ((_, linear), shape) in zip(adapter.linears, shapes) {
      #expect(linear.weight.shape == [shape.outputWidth, shape.inputWidth])
    }
    // Kaiming-uniform with a slope of sqrt(5): uniform within 1 / sqrt(in).
    for (name, tensor) in adapter.parameters {
      let values = tensor.floats
      if name.contains("lora_B") {
        #expect(values.allSatisfy { $0 == 0 })
      } else {
        let bound = 1 / Float(tensor.size(1)).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound })
        #expect(values.contains { $0 < -bound / 2 } && values.contains { $0 > bound / 2 })
      }
    }
    let again = try CausalLanguageModel.load(folder: Fixture.qwen2.folder)
    try again.attachAdapter(configuration(), seed: 7)
    let other = try CausalLanguageModel.load(folder: Fixture.qwen2.folder)
    try other.attachAdapter(configuration(), seed: 8)
    let weights = [model, again, other].map { $0.trainedParameters.flatMap(\.tensor.floats) }
    #expect(weights[0] == weights[1] && weights[0] != weights[2])
  }

  @Test func theScalingIsThatOfItsPaper() throws {
    let plain = try LoRAConfiguration(rank: 16, alpha: 32)
    let stable = try LoRAConfiguration(rank: 16, alpha: 32, usesRankStabilizedScaling: true)
    #expect(plain.scaling == 2 && stable.scaling == 8)
  }

  @Test func dropoutIsOnInTrainingPassesAlone() throws {
    let model = try AdapterFixture.llama2.adapted()
    let ids = try AdapterFixture.llama2.expected().ids
    #expect(model.adapter?.hasDropout == true)
    let plain = logits(model, ids).floats
    #expect(logits(model, ids).floats == plain)
    func dropped(_ seed: UInt64) throws -> [Float] {
      try model.withAdapterDropout(from: RandomGenerator(seed: seed)) { logits(model, ids).floats }
    }
    let first = try dropped(1)
    #expect(try first != plain && first == dropped(1) && first != dropped(2))
    #expect(logits(model, ids).floats == plain)
  }

  /// An update that is smaller than the rounding of a weight counts, in sampling too.
  @Test(arguments: AdapterFixture.allCases)
  func halfPrecisionKeepsTheUpdatesBesideTheWeights(_ fixture: AdapterFixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.baseFolder, dtype: .bfloat16)
    try model.loadAdapter(LoRAFolder(fixture.folder))
    #expect(model.trainedParameters.allSatisfy { $0.tensor.dtype == .float32 })
    let beside = logits(model, expected.ids)
    #expect(beside.dtype == .bfloat16)
    #expect(model.withMergedAdapter { logits(model, expected.ids) }.floats == beside.floats)
    // What half precision costs the same model without the adapter, twice over.
    let fixtureOfBase = try #require(Fixture(rawValue: fixture.rawValue))
    let rounding = try #require(try fixtureOfBase.expected().roundings["bfloat16"])
    #expect(
      largestDifference(beside.to(.float32), expected.logits, "\(fixture) in bfloat16")
        < 2 * rounding)
  }

  /// Dropped inputs are zero and the others scaled up, so that the mean stays.
  @Test func dropoutKeepsTheMean() throws {
    let dropout = Dropout(0.25, generator: try RandomGenerator(seed: 3))
    let values = dropout(.ones([100, 100])).floats
    #expect(Set(values) == [0, 1 / 0.75])
    let mean = values.reduce(0, +) / Float(values.count)
    // Four standard deviations of the mean of 10 000 draws.
    #expect(abs(mean - 1) < 4 * (0.25 / 0.75 / 10_000).squareRoot())
  }

  @Test func targetsAreEndsOfNames() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    try model.attachAdapter(configuration(targets: ["v_proj", "layers.1.mlp.up_proj"]), seed: 0)
    #expect(
      model.adapter?.linears.map(\.name) == [
        "model.layers.0.self_attn.v_proj", "model.layers.1.self_attn.v_proj",
        "model.layers.1.mlp.up_proj",
      ])
    #expect(model.trainedParameters.count == 6)
    #expect(
      model.trainedParameters[0].name
        == "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight")
  }

  @Test func whatCannotBeAdaptedIsNamed() throws {
    let model = try CausalLanguageModel.load(folder: Fixture.llama2.folder)
    func problem(_ targets: [String]) throws -> String {
      let error = #expect(throws: ModelError.self) {
        try model.attachAdapter(configuration(targets: targets), seed: 0)
      }
      #expect(model.adapter == nil)
      return try #require(error).problem
    }
    #expect(try problem(["q_prj"]).contains("\"q_prj\" to adapt; the nearest is q_proj"))
    #expect(try problem(["lm_head"]).contains("\"lm_head\""))
    #expect(try problem(["q_proj", "all-linear"]).contains("must stand alone"))
    for (rank, dropout, named) in [(0, 0.0, "rank is 0"), (4, 1.0, "1.0"), (4, -0.1, "-0.1")] {
      let error = #expect(throws: ModelError.self) {
        try configuration(rank: rank, dropout: dropout)
      }
      #expect(error?.problem.contains(named) == true)
    }
    let wide = #expect(throws: ModelError.self) {
      try model.attachAdapter(configuration(rank: 1 << 40), seed: 0)
    }
    #expect(wide?.problem.contains("expected at most 24") == true)
    try model.attachAdapter(configuration(), seed: 0)
    #expect(throws: ModelError.self) { try model.attachAdapter(configuration(), seed: 0) }
    try withTemporaryFolder { folder in
      let error = #expect(throws: ModelError.self) { try model.save(to: folder) }
      #expect(error?.problem.contains("has an adapter") == true)
    }
  }
}
