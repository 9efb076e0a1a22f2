import Models
import Torch

/// Keys and values of all layers for a batch of rows whose next token goes to the same column.
///
/// Memory is `[layer, row, head, column, width]`, so that dropping finished rows is one selection; the
/// number of columns doubles when it is used up. On the CPU the keys lie as
/// `[layer, row, head, width, column]`: a query's scores are then sums over vectors of columns.
final class RolloutCache: KeyValueCache {
  private var keys: Memory
  private var values: Memory
  private(set) var length: Int
  private let layerCount: Int

  private init(keys: Memory, values: Memory, length: Int) {
    self.keys = keys
    self.values = values
    self.length = length
    layerCount = values.storage.size(0)
  }

  /// An empty cache for `rows` rows with room for `capacity` columns.
  convenience init(model: CausalLanguageModel, rows: Int, capacity: Int) {
    let configuration = model.configuration
    func memory(transposed: Bool) -> Memory {
      let inner = [capacity, configuration.headWidth]
      return Memory(
        storage: .uninitialized(
          [configuration.layerCount, rows, configuration.keyValueHeadCount]
            + (transposed ? inner.reversed() : inner),
          dtype: model.dtype, device: model.device),
        columnDim: transposed ? 4 : 3)
    }
    self.init(
      keys: memory(transposed: model.device == .cpu), values: memory(transposed: false), length: 0)
  }

  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor) {
    let total = length + key.size(2)
    if total > values.capacity { grow(to: max(total, 2 * values.capacity)) }
    keys.write(key, layer: layer, from: length)
    values.write(value, layer: layer, from: length)
    let isFirst = length == 0
    // Every layer writes the same columns; they count once the last layer has written them.
    if layer == layerCount - 1 { length = total }
    if isFirst { return (key, value) }
    return (keys.columns(total, layer: layer), values.columns(total, layer: layer))
  }

  /// The cache of the rows `index` `[n]` of this one, which may repeat, with room for `columns` more.
  func selecting(_ index: Tensor, columns: Int) -> RolloutCache {
    let selected = RolloutCache(
      keys: keys.selecting(index, length: length), values: values.selecting(index, length: length),
      length: length)
    selected.grow(to: length + columns)
    return selected
  }

  private func grow(to capacity: Int) {
    keys.grow(to: capacity, keeping: length)
    values.grow(to: capacity, keeping: length)
  }
}

/// Keys, or values, of all layers.
private struct Memory {
  private(set) var storage: Tensor
  let columnDim: Int

  var capacity: Int { storage.size(columnDim) }

  /// Stores `[row, head, column, width]` from a column on.
  func write(_ new: Tensor, layer: Int, from column: Int) {
    view(layer).narrow(2, from: column, count: new.size(2)).copy(from: new)
  }

  /// The first `count` columns of a layer, `[row, head, column, width]`.
  func columns(_ count: Int, layer: Int) -> Tensor { view(layer).narrow(2, from: 0, count: count) }

  func selecting(_ index: Tensor, length: Int) -> Memory {
    Memory(
      storage: storage.narrow(columnDim, from: 0, count: length).indexSelect(1, index),
      columnDim: columnDim)
  }

  mutating func grow(to minimum: Int, keeping length: Int) {
    guard minimum > capacity else { return }
    var shape = storage.shape
    shape[columnDim] = minimum
    let larger = Tensor.uninitialized(shape, dtype: storage.dtype, device: storage.device)
    larger.narrow(columnDim, from: 0, count: length)
      .copy(from: storage.narrow(columnDim, from: 0, count: length))
    storage = larger
  }

  private func view(_ layer: Int) -> Tensor {
    let memory = storage.select(0, layer)
    return columnDim == 3 ? memory : memory.transposed(2, 3)
  }
}
