import Testing
import Torch

/// Attention of rows that continue stems against its definition, composed in double precision.
@Suite("Decoding attention")
struct DecodingAttentionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    /// The positions of each stem.
    let stems: [Int]
    /// For every row the stem that it continues.
    let rows: [Int]
    let heads, keyHeads, width, steps: Int
    var testDescription: String {
      "stems of \(stems), \(rows.count) rows, \(heads)/\(keyHeads) heads of \(width), \(steps) steps"
    }
  }

  static let shapes = [
    Shape(
      stems: [29, 7, 16], rows: [0, 0, 0, 0, 0, 1, 2, 2, 2, 2], heads: 4, keyHeads: 4, width: 24,
      steps: 20),
    Shape(
      stems: [5, 33], rows: Array(repeating: 1, count: 19) + [0], heads: 6, keyHeads: 2, width: 64,
      steps: 3),
    Shape(stems: [1], rows: [0, 0], heads: 8, keyHeads: 4, width: 32, steps: 70),
    Shape(stems: [0, 40], rows: [1, 0, 1], heads: 3, keyHeads: 1, width: 80, steps: 17),
    Shape(stems: [3], rows: [0, 0, 0], heads: 2, keyHeads: 2, width: 7, steps: 34),
  ]

  /// Keys and values of positions, `[n, keyHeads, room, width]`, with what must not be read as NaN.
  private struct Sequences {
    let memory: DecodingMemory
    let room: Int

    init(count: Int, keyHeads: Int, positions: Int, width: Int) {
      let blocks = DecodingMemory.blockCount(positions)
      room = blocks * DecodingMemory.keyBlock
      memory = DecodingMemory(
        keys: .full([count, keyHeads, blocks, width, DecodingMemory.keyBlock], .nan),
        values: .full([count, keyHeads, room, width], .nan))
    }

    /// Writes keys and values `[keyHeads, positions, width]` from the first place on.
    func write(_ index: Int, keys: Tensor, values: Tensor) {
      for position in 0..<keys.size(1) {
        let block = DecodingMemory.keyBlock
        memory.keys.select(0, index).select(1, position / block).select(2, position % block)
          .copy(from: keys.select(1, position))
      }
      memory.values.select(0, index).narrow(1, from: 0, count: keys.size(1)).copy(from: values)
    }
  }

  /// softmax(q kᵀ scale) v for one row: q `[heads, width]`, k and v `[keyHeads, total, width]`.
  private func composed(_ query: Tensor, _ key: Tensor, _ value: Tensor, scale: Double) -> Tensor {
    let group = query.size(0) / key.size(0)
    let keys = key.to(.float64).repeatInterleaved(group, dim: 0)
    let values = value.to(.float64).repeatInterleaved(group, dim: 0)
    let scores = query.to(.float64).unsqueezed(1).matmul(keys.transposed()) * scale
    return scores.softmax().matmul(values).squeezed(1)
  }

  @Test(arguments: shapes)
  func agreesWithItsDefinition(_ shape: Shape) throws {
    let generator = try RandomGenerator(seed: 11)
    let (rows, keyHeads, width) = (shape.rows.count, shape.keyHeads, shape.width)
    let scale = 1 / Double(width).squareRoot()
    let stems = Sequences(
      count: shape.stems.count, keyHeads: keyHeads, positions: max(1, shape.stems.max() ?? 0),
      width: width)
    var before: [(keys: Tensor, values: Tensor)] = []
    for (index, count) in shape.stems.enumerated() {
      let (keys, values) = (
        generator.normal([keyHeads, count, width]), generator.normal([keyHeads, count, width])
      )
      stems.write(index, keys: keys, values: values)
      before.append((keys, values))
    }
    // Slots lie in another order than the rows.
    let own = Sequences(count: rows + 1, keyHeads: keyHeads, positions: shape.steps, width: width)
    let slots = (0..<rows).map { rows - $0 }
    let layout = Tensor(
      zip(shape.rows, slots).flatMap { [$0, shape.stems[$0], $1] }, shape: [rows, 3])
    var all = shape.rows.map { before[$0] }
    for column in 0..<shape.steps {
      // Laid out as a model gives them: one product for queries, keys and values.
      let projected = generator.normal([rows, shape.heads + 2 * keyHeads, 1, width])
      let query = projected.narrow(1, from: 0, count: shape.heads)
      let key = projected.narrow(1, from: shape.heads, count: keyHeads)
      let value = projected.narrow(1, from: shape.heads + keyHeads, count: keyHeads)
      let found = Tensor.decodingAttention(
        query: query, key: key, value: value, stems: stems.memory, own: own.memory,
        layout: layout, column: column, scale: scale)
      #expect(found.shape == [rows, shape.heads, 1, width])
      for row in 0..<rows {
        all[row].keys = .concatenated([all[row].keys, key.select(0, row)], dim: 1)
        all[row].values = .concatenated([all[row].values, value.select(0, row)], dim: 1)
        let expected = composed(
          query.select(0, row).squeezed(1), all[row].keys, all[row].values, scale: scale)
        let difference = found.select(0, row).squeezed(1).to(.float64) - expected
        #expect(difference.abs().max().item < 2e-6)
      }
    }
  }

  /// What a row gets depends neither on the rows beside it nor on the number of threads.
  @Test func rowsAreIndependent() throws {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    let generator = try RandomGenerator(seed: 12)
    let (rows, heads, width, count) = (37, 4, 24, 40)
    let stems = Sequences(count: 2, keyHeads: 2, positions: count, width: width)
    for index in 0..<2 {
      stems.write(
        index, keys: generator.normal([2, count, width]),
        values: generator.normal([2, count, width]))
    }
    let query = generator.normal([rows, heads, 1, width])
    let (key, value) = (
      generator.normal([rows, 2, 1, width]), generator.normal([rows, 2, 1, width])
    )
    func attention(of rows: [Int]) -> [Float] {
      let own = Sequences(count: rows.count, keyHeads: 2, positions: 1, width: width)
      let layout = Tensor(
        rows.enumerated().flatMap { [$1 < 20 ? 0 : 1, count, $0] }, shape: [rows.count, 3])
      let index = Tensor(rows)
      return Tensor.decodingAttention(
        query: query.indexSelect(0, index), key: key.indexSelect(0, index),
        value: value.indexSelect(0, index), stems: stems.memory, own: own.memory, layout: layout,
        column: 0, scale: 0.2
      ).floats
    }
    let size = heads * width
    let whole = attention(of: Array(0..<rows))
    for some in [[0], [36], [3, 19, 20, 30], Array(5..<24)] {
      let expected = some.flatMap { whole[$0 * size..<($0 + 1) * size] }
      #expect(attention(of: some) == expected)
    }
    Runtime.threadCount = before == 1 ? 2 : 1
    #expect(attention(of: Array(0..<rows)) == whole)
  }

  /// A NaN in a query, a key or a value stays visible, so that a broken model cannot go unnoticed.
  @Test func keepsNaN() throws {
    let generator = try RandomGenerator(seed: 13)
    let stems = Sequences(count: 1, keyHeads: 1, positions: 9, width: 8)
    stems.write(0, keys: generator.normal([1, 9, 8]), values: generator.normal([1, 9, 8]))
    let own = Sequences(count: 4, keyHeads: 1, positions: 1, width: 8)
    let tensors = (0..<3).map { _ in generator.normal([4, 1, 1, 8]) }
    for (row, tensor) in tensors.enumerated() { tensor.select(0, row).fill(.nan) }
    let layout = Tensor((0..<4).flatMap { [0, 9, $0] }, shape: [4, 3])
    let found = Tensor.decodingAttention(
      query: tensors[0], key: tensors[1], value: tensors[2], stems: stems.memory, own: own.memory,
      layout: layout, column: 0, scale: 1
    ).floats
    #expect(
      found.map(\.isNaN) == Array(repeating: true, count: 24) + Array(repeating: false, count: 8))
  }
}
