import Models
import Torch

/// A cache of rows that are decoded side by side, of which some finish early.
protocol DecodingCache: KeyValueCache {
  /// Rows are taken out when at least this share of them has finished.
  var compactionShare: Double { get }

  /// Whether the model must be told which columns are padding.
  var needsPaddingMask: Bool { get }

  /// Keeps the rows `rows` alone, in this order, with room for `columns` more columns.
  func keep(_ rows: [Int], columns: Int)
}

/// Keys and values of all layers for a batch of rows whose next token goes to the same column.
///
/// Memory is `[layer, row, head, column, width]`, so that dropping finished rows is one selection; the
/// number of columns doubles when it is used up.
final class RolloutCache: AppendingCache, DecodingCache {
  private(set) var keys: Tensor
  private(set) var values: Tensor
  private(set) var length = 0

  /// Selecting copies the cache, so it must pay for itself.
  let compactionShare = 0.2
  let needsPaddingMask = true

  /// The rows that go on from their beginnings, which end in one column, with room for `columns` more.
  init(_ begun: Prefill, columns: Int) {
    let pads = begun.pads
    let length = begun.ranges.map(\.count).max() ?? 0
    self.length = length
    // Padding is masked, and what is masked must still be a number.
    func padded(_ packed: Tensor) -> Tensor {
      let shape = [packed.size(0), pads.count, packed.size(1), length, packed.size(3)]
      let rows = Tensor.zeros(shape, dtype: packed.dtype, device: packed.device)
      for (row, range) in begun.ranges.enumerated() {
        rows.select(1, row).narrow(2, from: pads[row], count: range.count)
          .copy(from: packed.narrow(2, from: range.lowerBound, count: range.count))
      }
      return rows
    }
    keys = padded(begun.keys)
    values = padded(begun.values)
    keep(begun.places, columns: columns)
  }

  private var capacity: Int { values.size(3) }

  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor) {
    let start = length
    let count = key.size(2)
    let total = start + count
    if total > capacity { grow(to: max(total, 2 * capacity)) }
    // Every layer writes the same columns; they count once the last layer has written them.
    if layer == values.size(0) - 1 { length = total }
    func written(_ new: Tensor, to memory: Tensor) -> Tensor {
      let place = memory.select(0, layer)
      place.narrow(2, from: start, count: count).copy(from: new)
      return start == 0 ? new : place.narrow(2, from: 0, count: total)
    }
    return (written(key, to: keys), written(value, to: values))
  }

  /// Rows may repeat.
  func keep(_ rows: [Int], columns: Int) {
    let index = Tensor(rows, on: keys.device)
    keys = keys.narrow(3, from: 0, count: length).indexSelect(1, index)
    values = values.narrow(3, from: 0, count: length).indexSelect(1, index)
    grow(to: length + columns)
  }

  private func grow(to minimum: Int) {
    guard minimum > capacity else { return }
    func grown(_ memory: Tensor) -> Tensor {
      var shape = memory.shape
      shape[3] = minimum
      let larger = Tensor.uninitialized(shape, dtype: memory.dtype, device: memory.device)
      larger.narrow(3, from: 0, count: length).copy(from: memory.narrow(3, from: 0, count: length))
      return larger
    }
    keys = grown(keys)
    values = grown(values)
  }
}
