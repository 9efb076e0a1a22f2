import Torch

/// What attention asks of a cache of keys and values.
public protocol KeyValueCache: AnyObject {
  /// The number of positions that every layer has, before the forward pass that is going on.
  var length: Int { get }

  /// Adds the keys and values of new positions, `[batch, keyValueHeads, length, width]`, to those of a
  /// layer.
  ///
  /// - Returns: all of the layer's, the new ones last: `[batch, keyValueHeads, total, width]`.
  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor)
}
