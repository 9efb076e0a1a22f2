import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test func creation() {
    expect(Tensor([1.5, -2] as [Float]), [2], [1.5, -2])
    expect(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]), [2, 3], [1, 2, 3, 4, 5, 6])
    expect(Tensor(scalar: 2.5), [], [2.5])
    expect(Tensor(rows: [[1, 2], [3, 4], [5, 6]]), [3, 2], [1, 2, 3, 4, 5, 6])
    expect(Tensor([Float](), shape: [0, 4]), [0, 4], [])
    expect(.zeros([2, 1]), [2, 1], [0, 0])
    expect(.ones([2], dtype: .int64), [2], [1, 1])
    expect(.full([3], -.infinity, dtype: .float64), [3], [-.infinity, -.infinity, -.infinity])
    expect(.arange(5), [5], [0, 1, 2, 3, 4])
    expect(.arange(2, 5, dtype: .float32), [3], [2, 3, 4])
    #expect(Tensor.uninitialized([3, 2], dtype: .bfloat16).shape == [3, 2])
    let double = Tensor([1.0])
    #expect(double.zeros([2]).dtype == .float64)
  }

  @Test func everySwiftTypeHasItsElementType() {
    #expect(Tensor([1.0] as [Float]).dtype == .float32)
    #expect(Tensor([1.0]).dtype == .float64)
    #expect(Tensor([1]).dtype == .int64)
    #expect(Tensor([1] as [Int32]).dtype == .int32)
    #expect(Tensor([1] as [UInt8]).dtype == .uint8)
    #expect(Tensor([true]).dtype == .bool)
    #expect(Tensor([Int.max, Int.min]).ints == [Int.max, Int.min])
  }

  @Test func reading() {
    let matrix = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect((matrix.rank, matrix.count, matrix.size(0), matrix.size(-1)) == (2, 6, 2, 3))
    #expect(matrix.transposed().ints == [1, 4, 2, 5, 3, 6])
    #expect(matrix.array(of: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect((Tensor([0.0, 0.5])).array(of: Bool.self) == [false, true])
    #expect(Tensor(scalar: 2.5).item == 2.5)
    #expect(Tensor([7]).intItem == 7)
    #expect(Tensor(scalar: true).item == 1)
    let recorded = Tensor([1.0])
    recorded.requiresGradient = true
    #expect((recorded * 2).doubles == [2])
    #expect(Tensor([Int]()).ints == [])
  }

  @Test func conversion() throws {
    let values = Tensor([-1.5, 0, 2.75])
    expect(values.to(.int64), [3], [-1, 0, 2])
    expect(values.to(.bool), [3], [1, 0, 1])
    #expect(values.to(.float64) === values)
    expect(Tensor([1.00390625]).to(.bfloat16), [1], [1], "eight bits of precision")
    #expect(try values.to(.cpu) === values)
    for type in DType.allCases {
      #expect(Tensor.zeros([1], dtype: type).dtype == type)
    }
  }

  @Test func descriptionShowsTheFirstElements() {
    #expect("\(Tensor([1.5, 2]))" == "Tensor([2], float64, cpu: 1.5, 2.0)")
    #expect("\(Tensor.arange(20))".hasSuffix("6.0, 7.0, ...)"))
    #expect("\(Tensor([Float]()))" == "Tensor([0], float32, cpu: )")
  }

  @Test func copiesAndViews() {
    let matrix = Tensor([1.0, 2, 3, 4], shape: [2, 2])
    let view = matrix.select(0, 1)
    let copy = matrix.cloned()
    view.fill(9)
    expect(matrix, [2, 2], [1, 2, 9, 9], "a view shares memory")
    expect(copy, [2, 2], [1, 2, 3, 4])
    matrix.narrow(1, from: 0, count: 1).copy(from: Tensor([5, 6], shape: [2, 1]))
    expect(matrix, [2, 2], [5, 2, 6, 9], "converted and put in place")
    matrix.addInPlace(.ones([2, 2], dtype: .float64), alpha: -2)
    expect(matrix, [2, 2], [3, 0, 4, 7])
    matrix.scaleInPlace(0.5)
    expect(matrix, [2, 2], [1.5, 0, 2, 3.5])
    let whole = Tensor([2, 3])
    whole.scaleInPlace(3)
    whole.addInPlace(Tensor([1, 1]), alpha: 2)
    expect(whole, [2], [8, 11])
    #expect(matrix.contiguous() === matrix)
    #expect(matrix.transposed().contiguous().doubles == [1.5, 2, 0, 3.5])
  }
}
