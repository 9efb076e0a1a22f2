import Testing
import Torch

/// Attention against its definition, composed in double precision.
@Suite("Attention")
struct AttentionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let batch, heads, keyHeads, length, total, width: Int
    var testDescription: String {
      "\(batch) rows, \(heads)/\(keyHeads) heads of \(width), \(length) to \(total)"
    }
  }

  static let shapes = [
    Shape(batch: 3, heads: 4, keyHeads: 4, length: 1, total: 50, width: 24),
    Shape(batch: 2, heads: 6, keyHeads: 2, length: 1, total: 65, width: 64),
    Shape(batch: 2, heads: 4, keyHeads: 1, length: 3, total: 33, width: 42),
    Shape(batch: 1, heads: 2, keyHeads: 2, length: 2, total: 1, width: 6),
    Shape(batch: 70, heads: 8, keyHeads: 4, length: 1, total: 128, width: 32),
    Shape(batch: 2, heads: 4, keyHeads: 2, length: 9, total: 20, width: 16),
  ]

  /// softmax(q kᵀ scale + mask) v, with zeros where a query attends to nothing.
  private func composed(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor?, scale: Double
  ) -> Tensor {
    let group = query.size(1) / key.size(1)
    let keys = key.to(.float64).repeatInterleaved(group, dim: 1)
    let values = value.to(.float64).repeatInterleaved(group, dim: 1)
    var scores = query.to(.float64).matmul(keys.transposed()) * scale
    if let mask { scores = scores + mask.to(.float64) }
    let top = scores.max(-1, keepDims: true).clamped(min: -1e30)
    let weights = (scores - top).exp()
    let sums = weights.sum(-1, keepDims: true)
    return (weights / sums.clamped(min: 1e-30)).matmul(values)
  }

  private func difference(_ found: Tensor, _ expected: Tensor) -> Double {
    (found.to(.float64) - expected).abs().max().item
  }

  @Test(arguments: shapes)
  func agreesWithItsDefinition(_ shape: Shape) throws {
    let generator = try RandomGenerator(seed: 3)
    // Laid out as a model gives them: queries with the heads inside, keys in a longer cache.
    let query = generator.normal([shape.batch, shape.length, shape.heads, shape.width])
      .transposed(1, 2)
    func cached() -> Tensor {
      generator.normal([shape.batch, shape.keyHeads, shape.total + 5, shape.width])
        .narrow(2, from: 2, count: shape.total)
    }
    let (key, value) = (cached(), cached())
    let scale = 1 / Double(shape.width).squareRoot()
    let plain = Tensor.attention(query: query, key: key, value: value, scale: scale)
    #expect(plain.shape == [shape.batch, shape.heads, shape.length, shape.width])
    #expect(
      difference(plain, composed(query, key, value, mask: nil, scale: scale)) < 2e-6)

    let allowed = generator.uniform([shape.batch, 1, shape.length, shape.total]) .> 0.3
    let mask = Tensor.zeros(allowed.shape).maskedFill(allowed.logicalNot(), -.infinity)
    mask.select(0, 0).fill(-.infinity)
    let masked = Tensor.attention(query: query, key: key, value: value, mask: mask, scale: scale)
    #expect(
      difference(masked, composed(query, key, value, mask: mask, scale: scale)) < 2e-6)
    #expect(masked.select(0, 0).abs().max().item == 0)
    let truth = Tensor.attention(
      query: query, key: key, value: value, mask: mask .== 0, scale: scale)
    #expect(difference(truth, composed(query, key, value, mask: mask, scale: scale)) < 2e-6)
  }

  /// A NaN in a query or a key stays visible, so that a broken model cannot go unnoticed.
  @Test func keepsNaN() throws {
    let generator = try RandomGenerator(seed: 6)
    let (query, key) = (generator.normal([2, 1, 1, 8]), generator.normal([2, 1, 40, 8]))
    query.select(0, 0).fill(.nan)
    key.select(0, 1).narrow(1, from: 3, count: 1).fill(.nan)
    let found = Tensor.attention(
      query: query, key: key, value: generator.normal([2, 1, 40, 8]), scale: 1)
    #expect(found.floats.filter(\.isNaN).count == 16)
  }

  /// With gradients the result is the same, and the gradients are those of the definition.
  @Test func gradients() throws {
    let generator = try RandomGenerator(seed: 5)
    let leaves = [[2, 4, 1, 16], [2, 2, 30, 16], [2, 2, 30, 16]].map { generator.normal($0) }
    for leaf in leaves { leaf.requiresGradient = true }
    let output = Tensor.attention(query: leaves[0], key: leaves[1], value: leaves[2], scale: 0.25)
    let decoded = withoutGradients {
      Tensor.attention(query: leaves[0], key: leaves[1], value: leaves[2], scale: 0.25)
    }
    #expect(difference(output.detached(), decoded.to(.float64)) < 2e-6)
    let found = gradient(of: output.squared().sum(), withRespectTo: leaves)
    let definition = composed(leaves[0], leaves[1], leaves[2], mask: nil, scale: 0.25)
    let expected = gradient(of: definition.squared().sum(), withRespectTo: leaves)
    for (one, other) in zip(found, expected) {
      let (one, other) = (try #require(one), try #require(other))
      #expect(difference(one, other.to(.float64)) < 1e-5)
    }
  }
}
