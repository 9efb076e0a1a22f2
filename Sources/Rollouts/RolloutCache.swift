import Models
import Torch

/// Keys and values of all layers for a batch of rows whose next token goes to the same column.
///
/// Memory is `[layer, key or value, row, head, column, width]`, so that dropping finished rows is one
/// selection; the number of columns doubles when it is used up.
final class RolloutCache: KeyValueCache {
  private var storage: Tensor
  private var capacity: Int
  private(set) var length: Int
  private let layerCount: Int

  private init(storage: Tensor, length: Int) {
    self.storage = storage
    self.length = length
    capacity = storage.size(4)
    layerCount = storage.size(0)
  }

  /// An empty cache for `rows` rows with room for `capacity` columns.
  init(model: CausalLanguageModel, rows: Int, capacity: Int) {
    let configuration = model.configuration
    storage = .uninitialized(
      [
        configuration.layerCount, 2, rows, configuration.keyValueHeadCount, capacity,
        configuration.headWidth,
      ], dtype: model.dtype, device: model.device)
    self.capacity = capacity
    length = 0
    layerCount = configuration.layerCount
  }

  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor) {
    let count = key.size(2)
    if length + count > capacity { grow(to: max(length + count, 2 * capacity)) }
    let memory = storage.select(0, layer)
    let keys = memory.select(0, 0)
    let values = memory.select(0, 1)
    keys.narrow(2, from: length, count: count).copy(from: key)
    values.narrow(2, from: length, count: count).copy(from: value)
    let total = length + count
    // Every layer writes the same columns; they count once the last layer has written them.
    if layer == layerCount - 1 { length = total }
    return (keys.narrow(2, from: 0, count: total), values.narrow(2, from: 0, count: total))
  }

  /// The cache of the rows `index` `[n]` of this one, which may repeat, with room for `columns` more.
  func selecting(_ index: Tensor, columns: Int) -> RolloutCache {
    let rows = storage.narrow(4, from: 0, count: length).indexSelect(2, index)
    let selected = RolloutCache(storage: rows, length: length)
    selected.grow(to: length + columns)
    return selected
  }

  private func grow(to minimum: Int) {
    var shape = storage.shape
    shape[4] = max(minimum, capacity)
    let larger = Tensor.uninitialized(shape, dtype: storage.dtype, device: storage.device)
    larger.narrow(4, from: 0, count: length).copy(from: storage.narrow(4, from: 0, count: length))
    storage = larger
    capacity = shape[4]
  }
}
