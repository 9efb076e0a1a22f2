import Testing

@testable import Torch

@Suite struct TensorArithmeticTests {
  private let row = Tensor([1.0, -2, 4])

  @Test func operators() {
    let column = Tensor([10.0, 20], shape: [2, 1])
    expect(column + row, [2, 3], [11, 8, 14, 21, 18, 24])
    expect(column - row, [2, 3], [9, 12, 6, 19, 22, 16])
    expect(column * row, [2, 3], [10, -20, 40, 20, -40, 80])
    expect(column / row, [2, 3], [10, -5, 2.5, 20, -10, 5])
    expect(row + 1, [3], [2, -1, 5])
    expect(1 - row, [3], [0, 3, -3])
    expect(row - 1, [3], [0, -3, 3])
    expect(2 * row, [3], [2, -4, 8])
    expect(row / 2, [3], [0.5, -1, 2])
    expect(8 / row, [3], [8, -4, 2])
    expect(-row, [3], [-1, 2, -4])
  }

  @Test func integersStayIntegers() {
    let whole = Tensor([7, -7])
    #expect((whole + 1).dtype == .int64)
    #expect((1 - whole).dtype == .int64)
    #expect(whole.clamped(min: 0).dtype == .int64)
    expect(whole.clamped(min: 0), [2], [7, 0])
    expect(whole.floorDivided(by: 2), [2], [3, -4])
    expect(whole.remainder(4), [2], [3, 1], "the divisor's sign")
    #expect(whole.floorDivided(by: 2).dtype == .int64)
    #expect((whole / 2).dtype == .float32)
    expect(whole * 0.5, [2], [3.5, -3.5])
    // Beyond single precision, and beyond what a float product would keep.
    expect((Tensor([1 << 40]) + 1) - Double(1 << 40), [1], [1])
  }

  @Test func comparisons() {
    let other = Tensor([1.0, 0, 0])
    expect(row .== other, [3], [1, 0, 0])
    expect(row .!= other, [3], [0, 1, 1])
    expect(row .< other, [3], [0, 1, 0])
    expect(row .<= other, [3], [1, 1, 0])
    expect(row .> other, [3], [0, 0, 1])
    expect(row .>= other, [3], [1, 0, 1])
    expect(row .== 4, [3], [0, 0, 1])
    expect(row .!= 4, [3], [1, 1, 0])
    expect(row .< 1, [3], [0, 1, 0])
    expect(row .<= 1, [3], [1, 1, 0])
    expect(row .> 1, [3], [0, 0, 1])
    expect(row .>= 1, [3], [1, 0, 1])
    #expect((row .> 1).dtype == .bool)
    expect(Tensor([1, .nan, .infinity]).isFinite(), [3], [1, 0, 0])
  }

  @Test func functions() {
    expect(row.abs(), [3], [1, 2, 4])
    expect(row.sign(), [3], [1, -1, 1])
    expect(row.squared(), [3], [1, 4, 16])
    expect(row.power(3), [3], [1, -8, 64])
    expect(row.relu(), [3], [1, 0, 4])
    expect(row.clamped(min: -1, max: 2), [3], [1, -1, 2])
    expect(row.clamped(), [3], [1, -2, 4])
    expect(Tensor([1.5, -1.5]).floor(), [2], [1, -2])
    expect(Tensor([0.25, 4]).sqrt(), [2], [0.5, 2])
    expect(Tensor([0.25, 4]).rsqrt(), [2], [2, 0.5])
    expect(Tensor([0.0, 1]).exp(), [2], [1, 2.718281828459045], tolerance: 1e-15)
    expect(Tensor([1e-20]).expm1(), [1], [1e-20])
    expect(Tensor([1e-20]).log1p(), [1], [1e-20])
    expect(Tensor([0.0, -800]).sigmoid(), [2], [0.5, 0])
    expect(Tensor([0.0, -800]).logSigmoid(), [2], [-0.6931471805599453, -800], tolerance: 1e-15)
    expect(Tensor([0.0, 800]).softplus(), [2], [0.6931471805599453, 800], tolerance: 1e-15)
    expect(.minimum(row, Tensor([0.0])), [3], [0, -2, 0])
    expect(.maximum(row, Tensor([0.0])), [3], [1, 0, 4])
  }

  @Test func reductions() {
    let matrix = Tensor([1.0, 2, 3, 4, 5, 9], shape: [2, 3])
    expect(matrix.sum(), [], [24])
    expect(matrix.sum(0), [3], [5, 7, 12])
    expect(matrix.sum(-1, keepDims: true), [2, 1], [6, 18])
    expect(matrix.mean(1), [2], [2, 6])
    expect(matrix.mean(), [], [4])
    expect(matrix.max(), [], [9])
    expect(matrix.min(1), [2], [1, 4])
    expect(Tensor([3.0, 4]).norm(), [], [5])
    expect(Tensor([1000.0, 1000]).logSumExp(), [], [1000.6931471805599], tolerance: 1e-15)
    expect(matrix.variance(1), [2], [1, 7])
    expect(matrix.variance(1, correction: 0, keepDims: true), [2, 1], [2.0 / 3, 14.0 / 3])
    expect(Tensor(scalar: 3.0).sum(), [], [3])
    expect(Tensor([Double]()).sum(), [], [0])
  }

  @Test func network() {
    let matrix = Tensor([1.0, 2, 3, 4], shape: [2, 2])
    expect(matrix.matmul(Tensor([1.0, 1], shape: [2, 1])), [2, 1], [3, 7])
    expect(
      matrix.linear(Tensor([1.0, -1], shape: [1, 2]), bias: Tensor([0.5])), [2, 1], [-0.5, -0.5])
    expect(Tensor([0.0, 0, .infinity * -1]).softmax(), [3], [0.5, 0.5, 0])
    expect(
      Tensor([1000.0, 1000]).logSoftmax(), [2], [-0.6931471805599453, -0.6931471805599453],
      tolerance: 1e-15)
    expect(matrix.embedding(Tensor([1, 0, 1], shape: [3, 1])), [3, 1, 2], [3, 4, 1, 2, 3, 4])
    // sqrt(mean(1, 49)) = 5.
    expect(
      Tensor([1.0, 7]).rmsNorm(Tensor([1.0, 2]), epsilon: 0), [2], [0.2, 2.8], tolerance: 1e-15)
    expect(
      Tensor([1.0, 3]).layerNorm(Tensor([1.0, 2]), bias: Tensor([0.0, 1]), epsilon: 0), [2],
      [-1, 3])
    // A quarter turn of (1, 2, 3, 4): pairs (1, 3) and (2, 4).
    let quarter = Tensor([1.0, 2, 3, 4], shape: [1, 1, 1, 4])
      .rotated(cos: .zeros([4], dtype: .float64), sin: .ones([4], dtype: .float64))
    expect(quarter, [1, 1, 1, 4], [-3, -4, 1, 2])
    // softmax over log weights 1/4 and 3/4 of the values 4 and 8.
    let scores = Tensor([1.0, 3]).log().reshaped([1, 1, 1, 2])
    let mixed = Tensor.attention(
      query: Tensor([1.0], shape: [1, 1, 1, 1]), key: scores.transposed(),
      value: Tensor([4.0, 8], shape: [1, 1, 2, 1]), scale: 1)
    expect(mixed, [1, 1, 1, 1], [7], tolerance: 1e-15)
  }

  @Test func dropout() {
    let kept = Tensor.ones([10_000]).dropout(0.25)
    let values = Set(kept.floats)
    #expect(values == [0, Float(1 / 0.75)])
    let share = kept.mean().item
    // Five standard deviations of the mean of 10,000 values, sqrt(1/3) each.
    #expect(abs(share - 1) < 5 * (1.0 / 3).squareRoot() / 100)
  }
}
