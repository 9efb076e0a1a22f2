import Models
import Torch

/// Keys and values of rows that continue prompts, in single precision on the CPU: a prompt's are kept
/// once for all its rows, without padding, and each row has a slot for those of its own tokens. Dropping
/// a row forgets its slot and copies nothing.
final class SharedPromptCache: DecodingCache {
  private struct Row {
    let prompt: Int
    let promptLength: Int
    var slot: Int
  }

  /// By layer: memory of the prompts.
  private let stems: [DecodingMemory]
  private var rows: [Row]
  private var layout: Tensor
  /// Own keys `[layer, slot, head, block, width, column]` and values `[layer, slot, head, column, width]`.
  private var keys: Tensor
  private var values: Tensor
  /// By layer: views of `keys` and `values`.
  private var own: [DecodingMemory]
  /// The columns of the prompts, with padding.
  private let promptColumns: Int
  /// The tokens that every row has had since.
  private var column = 0

  let compactionShare = 0.0
  let needsPaddingMask = false
  var length: Int { promptColumns + column }

  /// Whether a model's keys and values can be kept so.
  static func serves(_ model: CausalLanguageModel) -> Bool {
    model.device == .cpu && model.dtype == .float32
  }

  /// The rows that go on from their prompts, with room for `columns` tokens of their own at first.
  init(_ begun: Prefill, columns: Int) {
    promptColumns = begun.ranges.map(\.count).max() ?? 0
    stems = Self.layers(of: Self.memory(of: begun))
    rows = begun.places.enumerated().map {
      Row(prompt: $1, promptLength: begun.ranges[$1].count, slot: $0)
    }
    layout = Self.layout(rows)
    let (layerCount, heads, width) = (begun.keys.size(0), begun.keys.size(1), begun.keys.size(3))
    (keys, values) = Self.room(
      [layerCount, rows.count, heads], columns: columns, width: width)
    own = Self.layers(of: (keys, values))
  }

  func attention(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor?, causal: Bool,
    scale: Double
  ) -> Tensor {
    precondition(
      mask == nil && query.size(2) == 1, "rows are decoded a token at a time, without a mask")
    if column == values.size(3) { grow() }
    let heads = Tensor.decodingAttention(
      query: query, key: key, value: value, stems: stems[layer], own: own[layer], layout: layout,
      column: column, scale: scale)
    if layer == stems.count - 1 { column += 1 }
    return heads
  }

  func keep(_ kept: [Int], columns: Int) {
    rows = kept.map { rows[$0] }
    layout = Self.layout(rows)
  }

  /// Doubles the room, for the rows that are left.
  private func grow() {
    let slots = Tensor(rows.map(\.slot))
    let larger = Self.room(
      [keys.size(0), rows.count, keys.size(2)], columns: 2 * column, width: values.size(4))
    larger.keys.narrow(3, from: 0, count: keys.size(3)).copy(from: keys.indexSelect(1, slots))
    larger.values.narrow(3, from: 0, count: column).copy(from: values.indexSelect(1, slots))
    (keys, values) = larger
    own = Self.layers(of: larger)
    for index in rows.indices { rows[index].slot = index }
    layout = Self.layout(rows)
  }

  /// `[rows, 3]` as `Tensor.decodingAttention` takes it.
  private static func layout(_ rows: [Row]) -> Tensor {
    Tensor(rows.flatMap { [$0.prompt, $0.promptLength, $0.slot] }, shape: [rows.count, 3])
  }

  /// Memory of whole blocks for `shape` (layers, sequences, heads).
  private static func room(
    _ shape: [Int], columns: Int, width: Int
  ) -> (keys: Tensor, values: Tensor) {
    let blocks = DecodingMemory.blockCount(columns)
    let block = DecodingMemory.keyBlock
    return (
      .uninitialized(shape + [blocks, width, block]),
      .uninitialized(shape + [blocks * block, width])
    )
  }

  private static func layers(of memory: (keys: Tensor, values: Tensor)) -> [DecodingMemory] {
    (0..<memory.keys.size(0)).map {
      DecodingMemory(keys: memory.keys.select(0, $0), values: memory.values.select(0, $0))
    }
  }

  /// The prompts' keys and values, a prompt's from the first column on and in blocks.
  private static func memory(of begun: Prefill) -> (keys: Tensor, values: Tensor) {
    let (layerCount, heads, width) = (begun.keys.size(0), begun.keys.size(1), begun.keys.size(3))
    let memory = room(
      [layerCount, begun.ranges.count, heads],
      columns: begun.ranges.map(\.count).max() ?? 0, width: width)
    let block = DecodingMemory.keyBlock
    for (row, range) in begun.ranges.enumerated() {
      let count = range.count
      func columns(_ tensor: Tensor) -> Tensor {
        tensor.narrow(2, from: range.lowerBound, count: count)
      }
      let blocks = DecodingMemory.blockCount(count)
      let filled = columns(begun.keys).transposed(2, 3)
        .paddedLast(after: blocks * block - count)
        .reshaped([layerCount, heads, width, blocks, block])
      memory.keys.select(1, row).narrow(2, from: 0, count: blocks)
        .copy(from: filled.permuted([0, 1, 3, 2, 4]))
      memory.values.select(1, row).narrow(2, from: 0, count: count)
        .copy(from: columns(begun.values))
    }
    return memory
  }
}
