import Testing

@testable import Torch

/// Operations that run as one vectorised pass in single precision, against the same mathematics
/// composed of simple operations in double precision. Widths around the width of the vector loops,
/// and sizes large enough to be split among threads.
@Suite(.serialized) struct FusedOperationTests {
  private typealias Operation = ([Tensor]) -> Tensor

  private static func random(_ shape: [Int], seed: UInt64, scale: Double = 1) throws -> Tensor {
    try RandomGenerator(seed: seed).normal(shape) * scale
  }

  /// Compares values and gradients of `fused` in float32 and `composed` in float64.
  private func compare(
    _ inputs: [Tensor], differentiable: Int, tolerance: Double, _ fused: Operation,
    _ composed: Operation, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let narrow = inputs.map { $0.detached() }
    let wide = inputs.map { $0.dtype == .float32 ? $0.to(.float64) : $0 }
    for tensors in [narrow, wide] {
      for tensor in tensors.prefix(differentiable) { tensor.requiresGradient = true }
    }
    let found = fused(narrow)
    let wanted = composed(wide)
    #expect(found.dtype == .float32)
    expect(
      found.detached(), wanted.shape, wanted.doubles, tolerance: tolerance, comment,
      sourceLocation: sourceLocation)
    let constant = withoutGradients { fused(narrow) }
    #expect(constant.floats == found.floats, "without history", sourceLocation: sourceLocation)
    let upstream = try Self.random(wanted.shape, seed: 99)
    found.backward(gradient: upstream)
    wanted.backward(gradient: upstream.to(.float64))
    for index in 0..<differentiable {
      let gradient = try #require(narrow[index].gradient)
      let expected = try #require(wide[index].gradient)
      // A sum over many rows is compared relative to its size.
      let scale = max(1, expected.abs().max().item)
      expect(
        gradient / scale, expected.shape, (expected / scale).doubles, tolerance: tolerance,
        "\(comment), gradient \(index)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [1, 3, 31, 32, 33, 96, 257])
  func rmsNorm(_ width: Int) throws {
    for rows in [1, 7, 1500] {
      let inputs = [
        try Self.random([rows, width], seed: 1, scale: 3), try Self.random([width], seed: 2),
      ]
      try compare(
        inputs, differentiable: 2, tolerance: 3e-6, { $0[0].rmsNorm($0[1], epsilon: 1e-5) },
        { $0[0] * ($0[0].squared().mean(-1, keepDims: true) + 1e-5).rsqrt() * $0[1] },
        "\(rows) x \(width)")
    }
  }

  @Test func rmsNormOfViews() throws {
    let inputs = [try Self.random([5, 40, 6], seed: 1), try Self.random([40], seed: 2)]
    try compare(
      inputs, differentiable: 2, tolerance: 3e-6,
      { $0[0].transposed().rmsNorm($0[1], epsilon: 1e-5) },
      {
        let x = $0[0].transposed()
        return x * (x.squared().mean(-1, keepDims: true) + 1e-5).rsqrt() * $0[1]
      }, "transposed")
  }

  @Test func rmsNormOfHalfPrecisionIsComputedInSinglePrecision() throws {
    let input = try Self.random([4, 32], seed: 1)
    let weight = try Self.random([32], seed: 2)
    for type in [DType.bfloat16, .float16] {
      let low = input.to(type)
      let found = low.rmsNorm(weight.to(type), epsilon: 1e-5)
      #expect(found.dtype == type)
      let wanted = low.to(.float32).rmsNorm(weight.to(type).to(.float32), epsilon: 1e-5)
      let precision = type == .bfloat16 ? 1.0 / 128 : 1.0 / 1024
      expect(found, [4, 32], wanted.doubles, tolerance: precision)
    }
  }

  @Test(arguments: [2, 16, 24, 64])
  func rotary(_ width: Int) throws {
    let angles = try Self.random([3, 1, 70, width], seed: 5)
    // [batch, length, heads, width] seen as [batch, heads, length, width], as models hold it.
    let inputs = [try Self.random([3, 70, 6, width], seed: 4), angles.cos(), angles.sin()]
    func composed(_ x: Tensor, _ cos: Tensor, _ sin: Tensor) -> Tensor {
      let half = width / 2
      let first = x.narrow(-1, from: 0, count: half)
      let second = x.narrow(-1, from: half, count: half)
      return x * cos + .concatenated([-second, first], dim: -1) * sin
    }
    try compare(
      inputs, differentiable: 1, tolerance: 2e-6,
      { $0[0].transposed(1, 2).rotated(cos: $0[1], sin: $0[2]) },
      { composed($0[0].transposed(1, 2), $0[1], $0[2]) }, "heads inside")
    let shared = [inputs[0], angles.select(0, 0).select(0, 0), angles.select(0, 1).select(0, 0)]
    try compare(
      shared, differentiable: 1, tolerance: 2e-6,
      {
        let x = $0[0].transposed(1, 2).contiguous()
        return x.rotated(cos: $0[1], sin: $0[2])
      },
      { composed($0[0].transposed(1, 2), $0[1], $0[2]) }, "heads outside")
    // A part of wider rows, as a joint projection of query, key and value gives.
    let joint = [try Self.random([3, 70, 6, 2 * width], seed: 4), angles.cos(), angles.sin()]
    try compare(
      joint, differentiable: 1, tolerance: 2e-6,
      {
        $0[0].narrow(-1, from: width, count: width).transposed(1, 2)
          .rotated(cos: $0[1], sin: $0[2])
      },
      {
        composed($0[0].narrow(-1, from: width, count: width).transposed(1, 2), $0[1], $0[2])
      }, "a part of rows")
  }

  @Test(arguments: [1, 7, 32, 100])
  func siluMultiplied(_ width: Int) throws {
    for rows in [1, 900] {
      let inputs = [
        try Self.random([rows, 1, width], seed: 1, scale: 6),
        try Self.random([rows, 1, width], seed: 2),
      ]
      try compare(
        inputs, differentiable: 2, tolerance: 2e-6, { .siluMultiplied(gate: $0[0], up: $0[1]) },
        { $0[0] * $0[0].sigmoid() * $0[1] }, "\(rows) x \(width)")
    }
    let joint = [try Self.random([5, 3, 2 * width], seed: 3)]
    try compare(
      joint, differentiable: 1, tolerance: 2e-6,
      {
        .siluMultiplied(
          gate: $0[0].narrow(-1, from: 0, count: width),
          up: $0[0].narrow(-1, from: width, count: width))
      },
      {
        let gate = $0[0].narrow(-1, from: 0, count: width)
        return gate * gate.sigmoid() * $0[0].narrow(-1, from: width, count: width)
      }, "halves of rows")
    try compare(
      [try Self.random([4, width, 3], seed: 1), try Self.random([4, width, 3], seed: 2)],
      differentiable: 2, tolerance: 2e-6,
      { .siluMultiplied(gate: $0[0].transposed(), up: $0[1].transposed()) },
      { ($0[0] * $0[0].sigmoid() * $0[1]).transposed() }, "transposed")
  }

  @Test func siluMultipliedAtTheEdges() {
    let gate = Tensor([0, -200, 200, .nan, 88.5, -88.5, 1e-30] as [Float])
    let found = Tensor.siluMultiplied(gate: gate, up: .ones([7])).floats
    #expect(found[0] == 0)
    #expect(abs(found[1]) < 1e-30)
    #expect(found[2] == 200)
    #expect(found[3].isNaN)
    #expect(found[4] == 88.5)
    #expect(abs(found[5]) < 1e-30)
    #expect(found[6] == 0.5e-30)
    #expect(Tensor.siluMultiplied(gate: .zeros([0, 4]), up: .zeros([0, 4])).shape == [0, 4])
  }

  @Test(arguments: [(9, 5, 4), (300, 32, 65), (70, 16, 5000)])
  func tokenLogProbabilities(_ rows: Int, _ width: Int, _ vocabulary: Int) throws {
    let targets = Tensor((0..<rows).map { $0 * 31 % vocabulary })
    let inputs = [
      try Self.random([rows, width], seed: 1, scale: 1.5),
      try Self.random([vocabulary, width], seed: 2), targets,
    ]
    for chunk in [1, 64, 1000] {
      try compare(
        inputs, differentiable: 2, tolerance: 1e-5,
        {
          Tensor.tokenLogProbabilities(
            hidden: $0[0], weight: $0[1], targets: $0[2], temperature: 0.8, chunkRows: chunk
          ).logProbabilities
        },
        {
          ($0[0].matmul($0[1].transposed()) / 0.8).logSoftmax()
            .gather(1, $0[2].unsqueezed(1)).squeezed(1)
        }, "chunks of \(chunk)")
      let entropies = Tensor.tokenLogProbabilities(
        hidden: inputs[0], weight: inputs[1], targets: targets, temperature: 0.8, chunkRows: chunk
      ).entropies
      let logs = (inputs[0].to(.float64).matmul(inputs[1].to(.float64).transposed()) / 0.8)
        .logSoftmax()
      expect(entropies, [rows], (-(logs.exp() * logs).sum(1)).doubles, tolerance: 1e-5)
    }
  }

  /// A frozen output layer, as with adapters, gets no gradient and costs none.
  @Test func tokenLogProbabilitiesOfAFrozenWeight() throws {
    let hidden = try Self.random([4, 3], seed: 1)
    let weight = try Self.random([5, 3], seed: 2)
    hidden.requiresGradient = true
    Tensor.tokenLogProbabilities(
      hidden: hidden, weight: weight, targets: Tensor([0, 1, 2, 3]), temperature: 1, chunkRows: 2
    ).logProbabilities.sum().backward()
    #expect(hidden.gradient?.shape == [4, 3])
    #expect(weight.gradient == nil)
  }

  /// The number of threads changes who computes a row, not what is computed, and the sum over rows is
  /// in blocks of its own.
  @Test func threadsDoNotChangeTheNumbers() throws {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    func results(_ threads: Int) throws -> [[Float]] {
      Runtime.threadCount = threads
      let x = try Self.random([2000, 64], seed: 1)
      let weight = try Self.random([64], seed: 2)
      x.requiresGradient = true
      weight.requiresGradient = true
      let y = Tensor.siluMultiplied(gate: x.rmsNorm(weight, epsilon: 1e-6), up: x)
      y.sum().backward()
      return [y.floats, try #require(x.gradient).floats, try #require(weight.gradient).floats]
    }
    let one = try results(1)
    #expect(try results(2) == one)
    #expect(try results(5) == one)
  }
}
