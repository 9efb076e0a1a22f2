import Torch

/// The keys and values that packed sequences have in every layer, for those that go on from them.
public final class PackedCache: KeyValueCache {
  private let layout: Tensor
  private var layers: [(key: Tensor, value: Tensor)] = []

  /// An empty cache for one forward pass.
  init(_ packed: PackedSequences) { layout = packed.layout }

  /// Nothing comes before packed sequences.
  public let length = 0

  /// The keys `[layers, keyValueHeads, tokens, width]`.
  public var keys: Tensor { .concatenated(layers.map(\.key)) }

  /// The values, like `keys`.
  public var values: Tensor { .concatenated(layers.map(\.value)) }

  /// Attention inside of each sequence.
  public func attention(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor?, causal: Bool,
    scale: Double
  ) -> Tensor {
    precondition(layer == layers.count, "layers come in their order, once")
    layers.append((key, value))
    return Tensor.packedAttention(
      query: query, key: key, value: value, layout: layout, scale: scale)
  }
}
