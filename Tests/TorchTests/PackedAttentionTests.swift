import Testing
import Torch

/// Attention of packed sequences against its definition, sequence by sequence in double precision.
@Suite("Packed attention")
struct PackedAttentionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let heads, keyHeads, width: Int
    /// Positions of each sequence; negative for a branch.
    let sequences: [Int]
    var length: Int { sequences.map(abs).reduce(0, +) }
    var layout: Tensor { Tensor(rows: sequences.map { [abs($0), $0 < 0 ? 1 : 0] }) }
    var testDescription: String { "\(heads)/\(keyHeads) heads of \(width), \(sequences)" }
  }

  static let shapes = [
    Shape(heads: 4, keyHeads: 4, width: 24, sequences: [30, -41, -1, -18, 7, -66, 50]),
    Shape(heads: 4, keyHeads: 2, width: 32, sequences: [5, -3, 1, -100, -2]),
    Shape(heads: 6, keyHeads: 1, width: 42, sequences: [17, 16, -15]),
    Shape(heads: 2, keyHeads: 2, width: 6, sequences: [1]),
    Shape(heads: 2, keyHeads: 1, width: 64, sequences: [33, -31, -33]),
  ]

  /// softmax(q kᵀ scale) v of every sequence after its stem.
  private func definition(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ shape: Shape, scale: Double
  ) -> Tensor {
    let group = shape.heads / shape.keyHeads
    let (query, key, value) = (
      query.to(.float64), key.to(.float64).repeatInterleaved(group, dim: 1),
      value.to(.float64).repeatInterleaved(group, dim: 1)
    )
    var stem = 0..<0
    var start = 0
    var parts: [Tensor] = []
    for signed in shape.sequences {
      let own = start..<start + abs(signed)
      if signed > 0 { stem = own }
      func seen(_ tensor: Tensor) -> Tensor {
        let part = tensor.narrow(2, from: own.lowerBound, count: own.count)
        if signed > 0 { return part }
        return .concatenated(
          [tensor.narrow(2, from: stem.lowerBound, count: stem.count), part], dim: 2)
      }
      let before = signed > 0 ? 0 : stem.count
      let visible = Tensor.full([own.count, before + own.count], 1, dtype: .bool)
        .lowerTriangle(diagonal: before)
      let scores =
        (query.narrow(2, from: own.lowerBound, count: own.count)
        .matmul(seen(key).transposed()) * scale).maskedFill(visible.logicalNot(), -.infinity)
      parts.append(scores.softmax().matmul(seen(value)))
      start = own.upperBound
    }
    return .concatenated(parts, dim: 2)
  }

  /// Laid out as a model gives them, heads inside.
  private func inputs(_ shape: Shape) throws -> [Tensor] {
    let generator = try RandomGenerator(seed: 3)
    return [shape.heads, shape.keyHeads, shape.keyHeads].map {
      generator.normal([1, shape.length, $0, shape.width]).transposed(1, 2)
    }
  }

  private func attention(_ inputs: [Tensor], _ shape: Shape) -> Tensor {
    Tensor.packedAttention(
      query: inputs[0], key: inputs[1], value: inputs[2], layout: shape.layout, scale: 0.3)
  }

  @Test(arguments: shapes, [DType.float32, .float64])
  func agreesWithItsDefinition(_ shape: Shape, _ dtype: DType) throws {
    let plain = try inputs(shape).map { $0.to(dtype) }
    let tolerance = dtype == .float32 ? 2e-5 : 1e-12
    let expected = definition(plain[0], plain[1], plain[2], shape, scale: 0.3)
    let found = attention(plain, shape)
    #expect(found.shape == [1, shape.heads, shape.length, shape.width])
    #expect((found.to(.float64) - expected).abs().max().item < tolerance)

    let leaves = plain.map { tensor in
      let leaf = tensor.detached()
      leaf.requiresGradient = true
      return leaf
    }
    let output = attention(leaves, shape)
    #expect((output.detached().to(.float64) - expected).abs().max().item < tolerance)
    let slopes = gradient(of: output.squared().sum(), withRespectTo: leaves)
    let truth = gradient(
      of: definition(leaves[0], leaves[1], leaves[2], shape, scale: 0.3).squared().sum(),
      withRespectTo: leaves)
    for (found, expected) in zip(slopes, truth) {
      let (found, expected) = (try #require(found), try #require(expected))
      let largest = max(1, expected.to(.float64).abs().max().item)
      let difference = (found.to(.float64) - expected.to(.float64)).abs().max().item
      #expect(difference < tolerance * largest)
    }
  }

  @Test func keepsNaN() throws {
    let shape = Shape(heads: 1, keyHeads: 1, width: 8, sequences: [3, -2, 4])
    let plain = try inputs(shape)
    plain[1].select(2, 1).fill(.nan)
    // Positions 1 and 2 of the stem and all of the branch see it.
    #expect(attention(plain, shape).floats.filter(\.isNaN).count == 4 * 8)
  }
}
