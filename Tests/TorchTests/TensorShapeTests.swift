import Testing

@testable import Torch

@Suite struct TensorShapeTests {
  private let matrix = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func shapes() {
    expect(matrix.reshaped([3, -1]), [3, 2], [1, 2, 3, 4, 5, 6])
    expect(matrix.transposed(), [3, 2], [1, 4, 2, 5, 3, 6])
    expect(matrix.transposed(0, 1), [3, 2], [1, 4, 2, 5, 3, 6])
    expect(matrix.reshaped([1, 2, 3]).permuted([2, 0, 1]), [3, 1, 2], [1, 4, 2, 5, 3, 6])
    expect(matrix.unsqueezed(1), [2, 1, 3], [1, 2, 3, 4, 5, 6])
    expect(matrix.unsqueezed(-1), [2, 3, 1], [1, 2, 3, 4, 5, 6])
    expect(matrix.unsqueezed(0).squeezed(0), [2, 3], [1, 2, 3, 4, 5, 6])
    expect(Tensor([7, 8], shape: [2, 1]).expanded([-1, 3]), [2, 3], [7, 7, 7, 8, 8, 8])
    expect(matrix.narrow(1, from: 1, count: 2), [2, 2], [2, 3, 5, 6])
    expect(matrix.narrow(0, from: 2, count: 0), [0, 3], [])
    expect(matrix.select(-1, 0), [2], [1, 4])
    expect(matrix.flipped(0), [2, 3], [4, 5, 6, 1, 2, 3])
    expect(matrix.lowerTriangle(), [2, 3], [1, 0, 0, 4, 5, 0])
    expect(matrix.lowerTriangle(diagonal: 1), [2, 3], [1, 2, 0, 4, 5, 6])
    expect(matrix.repeatInterleaved(2, dim: 0), [4, 3], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    expect(
      matrix.paddedLast(before: 1, after: 1, value: -1), [2, 5], [-1, 1, 2, 3, -1, -1, 4, 5, 6, -1])
    expect(
      .concatenated([matrix, matrix.flipped(0)]), [4, 3], [1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3])
    expect(
      .concatenated([matrix, .ones([2, 1], dtype: .int64)], dim: 1), [2, 4],
      [
        1, 2, 3, 1, 4, 5, 6, 1,
      ])
    expect(.stacked([Tensor([1, 2]), Tensor([3, 4])], dim: 1), [2, 2], [1, 3, 2, 4])
  }

  @Test func indexing() {
    let ids = Tensor([2, 0])
    expect(matrix.indexSelect(1, ids), [2, 2], [3, 1, 6, 4])
    expect(matrix.gather(1, Tensor([2, 0], shape: [2, 1])), [2, 1], [3, 4])
    let two = Tensor([70, 80], shape: [2, 1])
    expect(matrix.scatter(1, Tensor([2, 0], shape: [2, 1]), two), [2, 3], [1, 2, 70, 80, 5, 6])
    expect(
      matrix.scatterAdd(1, Tensor([2, 2], shape: [1, 2]), Tensor([10, 20], shape: [1, 2])), [2, 3],
      [1, 2, 33, 4, 5, 6])
    expect(
      matrix.indexAdd(0, Tensor([1, 1]), Tensor([10, 0, 0, 1, 0, 0], shape: [2, 3])), [2, 3],
      [1, 2, 3, 15, 5, 6])
    expect(matrix[rows: Tensor([0, 1, 1]), columns: Tensor([2, 0, 1])], [3], [3, 4, 5])
    let copy = matrix.cloned()
    copy.put(rows: Tensor([0, 1]), columns: Tensor([1, 2]), Tensor([-1, -2]))
    expect(copy, [2, 3], [1, -1, 3, 4, 5, -2])
    expect(matrix, [2, 3], [1, 2, 3, 4, 5, 6], "the others left it alone")
  }

  @Test func masks() {
    let mask = matrix .> 2
    expect(mask, [2, 3], [0, 0, 1, 1, 1, 1])
    expect(matrix.maskedFill(mask, 0), [2, 3], [1, 2, 0, 0, 0, 0])
    #expect(matrix.maskedFill(mask, 0).dtype == .int64)
    expect(matrix.maskedSelect(mask), [4], [3, 4, 5, 6])
    expect(mask.nonzero(), [4, 2], [0, 2, 1, 0, 1, 1, 1, 2])
    expect(.where(mask, matrix, -matrix), [2, 3], [-1, -2, 3, 4, 5, 6])
    expect(mask.logicalNot(), [2, 3], [1, 1, 0, 0, 0, 0])
    expect(mask .& (matrix .< 5), [2, 3], [0, 0, 1, 1, 0, 0])
    expect(mask .| (matrix .== 1), [2, 3], [1, 0, 1, 1, 1, 1])
    #expect((mask.any().item, mask.all().item) == (1, 0))
  }

  @Test func orderAndSums() {
    let values = Tensor([3.0, 1, 2, 3], shape: [1, 4])
    let ascending = values.sorted(1)
    expect(ascending.values, [1, 4], [1, 2, 3, 3])
    expect(ascending.indices, [1, 4], [1, 2, 0, 3], "equal values keep their order")
    let descending = values.sorted(1, descending: true)
    expect(descending.indices, [1, 4], [0, 3, 2, 1], "also from the top down")
    let top = values.topK(2)
    expect(top.values, [1, 2], [3, 3])
    #expect(Set(top.indices.ints) == [0, 3])
    expect(values.argmax(1), [1], [0], "the first of equals")
    expect(values.cumulativeSum(1), [1, 4], [3, 4, 6, 9])
    expect(Tensor([true, true]).sum(), [], [2])
  }
}
