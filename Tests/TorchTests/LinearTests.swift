import Testing
import Torch

/// x weightᵀ + bias for as many rows as training has, in single precision, against double precision.
@Suite("Linear", .serialized)
struct LinearTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: [Int]
    let inner, columns: Int
    let hasBias: Bool
    var testDescription: String { "\(rows) x \(inner) to \(columns)\(hasBias ? ", bias" : "")" }
  }

  static let shapes = [
    Shape(rows: [1, 301], inner: 96, columns: 288, hasBias: false),
    Shape(rows: [2, 150], inner: 96, columns: 90, hasBias: true),
    Shape(rows: [257], inner: 33, columns: 7, hasBias: true),
    Shape(rows: [700], inner: 1, columns: 1, hasBias: false),
    Shape(rows: [300], inner: 1100, columns: 16, hasBias: true),
    Shape(rows: [3], inner: 24, columns: 40, hasBias: true),
    Shape(rows: [0], inner: 24, columns: 40, hasBias: true),
  ]

  private struct Result {
    var output: Tensor
    var gradients: [Tensor]
  }

  private func result(_ leaves: [Tensor], upstream: Tensor) throws -> Result {
    for leaf in leaves { leaf.requiresGradient = true }
    let output = leaves[0].linear(leaves[1], bias: leaves.count > 2 ? leaves[2] : nil)
    let found = gradient(of: (output * upstream).sum(), withRespectTo: leaves)
    return Result(output: output.detached(), gradients: try found.map { try #require($0) })
  }

  private func difference(_ found: Tensor, _ expected: Tensor) -> Double {
    if expected.count == 0 { return found.shape == expected.shape ? 0 : .infinity }
    return (found.to(.float64) - expected).abs().max().item
      / max(1, expected.abs().max().item)
  }

  @Test(arguments: shapes)
  func agreesWithDoublePrecision(_ shape: Shape) throws {
    let generator = try RandomGenerator(seed: 21)
    var leaves = [
      generator.normal(shape.rows + [shape.inner]),
      generator.normal([shape.columns, shape.inner]),
    ]
    if shape.hasBias { leaves.append(generator.normal([shape.columns])) }
    let upstream = generator.normal(shape.rows + [shape.columns])
    let expected = try result(leaves.map { $0.to(.float64) }, upstream: upstream.to(.float64))
    let found = try result(leaves, upstream: upstream)
    #expect(found.output.shape == shape.rows + [shape.columns])
    #expect(difference(found.output, expected.output) < 3e-6)
    for (one, other) in zip(found.gradients, expected.gradients) {
      #expect(one.shape == other.shape)
      #expect(difference(one, other) < 3e-6)
    }
    let plain = withoutGradients {
      leaves[0].linear(leaves[1], bias: leaves.count > 2 ? leaves[2] : nil)
    }
    #expect(plain.floats == found.output.floats)
  }

  /// Rows at a distance, and rows whose numbers are not neighbours.
  @Test func readsViews() throws {
    let generator = try RandomGenerator(seed: 22)
    let weight = generator.normal([20, 24])
    let wide = generator.normal([400, 60])
    for view in [wide.narrow(1, from: 5, count: 24), generator.normal([24, 400]).transposed(0, 1)] {
      let expected = view.to(.float64).linear(weight.to(.float64))
      #expect(difference(view.linear(weight), expected) < 3e-6)
    }
  }

  /// Without a gradient in one of the three, the others get theirs.
  @Test func gradientsOfSome() throws {
    let generator = try RandomGenerator(seed: 23)
    let (input, weight) = (generator.normal([300, 8]), generator.normal([5, 8]))
    weight.requiresGradient = true
    input.linear(weight).sum().backward()
    let found = try #require(weight.gradient)
    #expect(difference(found, input.to(.float64).sum(0).expanded([5, 8])) < 3e-6)
    #expect(input.gradient == nil)
  }

  @Test func threadsDoNotChangeTheNumbers() throws {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    let generator = try RandomGenerator(seed: 24)
    let (input, weight) = (generator.normal([3000, 50]), generator.normal([70, 50]))
    let results = [1, 2, 5].map { threads in
      Runtime.threadCount = threads
      return input.linear(weight).floats
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
