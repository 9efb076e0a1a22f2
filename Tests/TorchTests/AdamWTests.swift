import Testing

@testable import Torch

private struct Golden: Decodable {
  struct Step: Decodable {
    let gradients: [String: GoldenTensor]
    let parameters: [String: GoldenTensor]
  }
  struct Clipping: Decodable {
    let gradients: [GoldenTensor]
    let maximum: Double
    let norm: Double
    let clipped: [GoldenTensor]
  }
  let start: [String: GoldenTensor]
  let steps: [Step]
  let state: [String: GoldenTensor]
  let clipping: Clipping
}

@Suite struct AdamWTests {
  private func optimizer(_ parameters: [String: Tensor]) throws -> AdamW {
    for tensor in parameters.values { tensor.requiresGradient = true }
    func named(_ name: String) throws -> AdamW.NamedParameter {
      (name, try #require(parameters[name]))
    }
    return AdamW(
      [
        .init([try named("a"), try named("b")], weightDecay: 0.1),
        .init([try named("c")], learningRateFactor: 0.5),
      ], betas: (0.8, 0.95), epsilon: 1e-6)
  }

  private func set(_ gradients: [String: GoldenTensor], on parameters: [String: Tensor]) {
    for (name, tensor) in parameters {
      tensor.clearGradient()
      guard let gradient = gradients[name] else { continue }
      (tensor * gradient.tensor(tensor.dtype)).sum().backward()
    }
  }

  @Test(arguments: [(DType.float64, 1e-12), (.float32, 1e-6)])
  func agreesWithPyTorch(_ type: DType, _ tolerance: Double) throws {
    let golden: Golden = try golden("adamw")
    let parameters = golden.start.mapValues { $0.tensor(type) }
    let optimizer = try optimizer(parameters)
    #expect(optimizer.parameters.map(\.name) == ["a", "b", "c"])
    for (index, step) in golden.steps.enumerated() {
      set(step.gradients, on: parameters)
      optimizer.step(learningRate: 0.03)
      for (name, wanted) in step.parameters {
        expect(
          try #require(parameters[name]).detached(), wanted.shape, wanted.values,
          tolerance: tolerance, "\(name) after step \(index + 1)")
      }
    }
    #expect(Set(optimizer.state.map(\.name)) == Set(golden.state.keys))
    for (name, tensor) in optimizer.state {
      let wanted = try #require(golden.state[name])
      expect(tensor, wanted.shape, wanted.values, tolerance: tolerance, "\(name)")
    }
  }

  @Test func aRestoredStateGoesOnAsIfNothingHappened() throws {
    let golden: Golden = try golden("adamw")
    let whole = golden.start.mapValues { $0.tensor(.float32) }
    let first = try optimizer(whole)
    for step in golden.steps.prefix(2) {
      set(step.gradients, on: whole)
      first.step(learningRate: 0.03)
    }
    let resumed = whole.mapValues { $0.detached().cloned() }
    let second = try optimizer(resumed)
    let saved = Dictionary(
      uniqueKeysWithValues: first.state.map { ($0.name, $0.tensor.cloned()) })
    try second.restore { saved[$0] }
    for step in golden.steps.dropFirst(2) {
      set(step.gradients, on: whole)
      set(step.gradients, on: resumed)
      first.step(learningRate: 0.03)
      second.step(learningRate: 0.03)
    }
    for (name, tensor) in whole {
      #expect(try #require(resumed[name]).floats == tensor.floats, "\(name), bit for bit")
    }
  }

  @Test func aStateThatDoesNotFitChangesNothing() throws {
    let parameters = ["a": Tensor([1.0]), "b": Tensor([2.0, 3]), "c": Tensor([4.0])]
    let optimizer = try optimizer(parameters)
    var saved = Dictionary(
      uniqueKeysWithValues: optimizer.state.map { ($0.name, Tensor.ones($0.tensor.shape)) })
    saved["second.b"] = .ones([3])
    let shape = #expect(throws: OptimizerStateError.self) {
      try optimizer.restore { saved[$0] }
    }
    #expect(
      shape?.description == "the optimizer state's second.b has shape [3], expected [2]")
    saved["second.b"] = nil
    let missing = #expect(throws: OptimizerStateError.self) {
      try optimizer.restore { saved[$0] }
    }
    #expect(missing?.description == "the optimizer state has no entry second.b")
    for (name, tensor) in optimizer.state {
      #expect(tensor.doubles.allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test func clipsTheJointNorm() throws {
    let wanted = try golden("adamw", as: Golden.self).clipping
    let parameters = wanted.gradients.map { Tensor.zeros($0.shape, dtype: .float64) }
    for (parameter, gradient) in zip(parameters, wanted.gradients) {
      parameter.requiresGradient = true
      (parameter * gradient.tensor()).sum().backward()
    }
    let unused = Tensor([1.0])
    unused.requiresGradient = true
    let optimizer = AdamW([
      .init([("x", parameters[0]), ("none", unused)]), .init([("y", parameters[1])]),
    ])
    #expect(abs(optimizer.clipGradientNorm(to: nil) - wanted.norm) < 1e-12)
    #expect(abs(optimizer.clipGradientNorm(to: 1e9) - wanted.norm) < 1e-12)
    expect(
      try #require(parameters[0].gradient), wanted.gradients[0].shape, wanted.gradients[0].values,
      "measured, not changed")
    #expect(abs(optimizer.clipGradientNorm(to: wanted.maximum) - wanted.norm) < 1e-12)
    for (parameter, clipped) in zip(parameters, wanted.clipped) {
      expect(
        try #require(parameter.gradient), clipped.shape, clipped.values, tolerance: 1e-12)
    }
    optimizer.clearGradients()
    #expect(parameters[0].gradient == nil)
    #expect(optimizer.clipGradientNorm(to: 1) == 0, "no gradients at all")
    optimizer.step(learningRate: 1)
    expect(
      parameters[0].detached(), wanted.gradients[0].shape, [0, 0, 0, 0], "no gradient, no step")
  }
}
