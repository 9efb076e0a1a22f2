import Torch

/// What attention asks of a cache of keys and values.
public protocol KeyValueCache: AnyObject {
  /// The number of positions that every layer has, before the forward pass that is going on.
  var length: Int { get }

  /// Adds the keys and values of new positions to a layer and attends to all that it has.
  ///
  /// - Parameters:
  ///   - query: `[batch, heads, length, width]`.
  ///   - key: `[batch, keyValueHeads, length, width]`, like `value`.
  ///   - mask: added to the scores, broadcast to `[batch, heads, length, total]`; nil where every
  ///     position attends to all, or `causal` says it.
  ///   - causal: whether new position i attends to the new positions up to i; nothing comes before.
  /// - Returns: `[batch, heads, length, width]`.
  func attention(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor?, causal: Bool,
    scale: Double
  ) -> Tensor
}

/// A cache that gives out all keys and values of a layer.
public protocol AppendingCache: KeyValueCache {
  /// Adds the keys and values of new positions, `[batch, keyValueHeads, length, width]`, to those of a
  /// layer.
  ///
  /// - Returns: all of the layer's, the new ones last: `[batch, keyValueHeads, total, width]`.
  func append(layer: Int, key: Tensor, value: Tensor) -> (key: Tensor, value: Tensor)
}

extension AppendingCache {
  /// Attention to what `append` gives.
  public func attention(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor?, causal: Bool,
    scale: Double
  ) -> Tensor {
    let (keys, values) = append(layer: layer, key: key, value: value)
    let groupSize = query.size(1) / key.size(1)
    if query.size(2) == 1, groupSize > 1 {
      // One position: the heads that share a key are the rows of one small product.
      let joined = query.reshaped([query.size(0), key.size(1), groupSize, query.size(3)])
      return Tensor.attention(query: joined, key: keys, value: values, mask: mask, scale: scale)
        .reshaped(query.shape)
    }
    return Tensor.attention(
      query: query, key: keys, value: values, mask: mask, causal: causal, scale: scale)
  }
}
