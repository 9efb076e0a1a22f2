import CTorch

/// Keys and values of n sequences of positions as `Tensor.decodingAttention` reads them, single precision
/// on the CPU.
public struct DecodingMemory {
  /// How many positions lie together in a block of keys.
  public static let keyBlock = Int(CT_KEY_BLOCK)

  /// `[n, keyValueHeads, blocks, width, keyBlock]`: a query's scores are sums over vectors of positions.
  public let keys: Tensor
  /// `[n, keyValueHeads, room, width]`.
  public let values: Tensor

  /// Memory of the given shapes; what lies behind a sequence's last position is never read.
  public init(keys: Tensor, values: Tensor) {
    self.keys = keys
    self.values = values
  }

  /// The number of blocks that `positions` take.
  public static func blockCount(_ positions: Int) -> Int { (positions + keyBlock - 1) / keyBlock }
}

extension Tensor {
  /// One decoding step's softmax attention for rows that continue stems: what rows have in common is kept
  /// and read once. Without gradients; a row's result does not depend on the other rows.
  ///
  /// - Parameters:
  ///   - query: `[rows, heads, 1, width]`.
  ///   - key: `[rows, keyValueHeads, 1, width]`, like `value`; both are written to the rows' own memory.
  ///   - stems: the positions that come first, by stem.
  ///   - own: the positions that follow, by slot.
  ///   - layout: `[rows, 3]`, int64 on the CPU: a row's stem, the number of positions of that, the row's
  ///     slot. Rows of a stem share the reading where they lie next to each other.
  ///   - column: how many positions the rows' own memory has so far.
  /// - Returns: `[rows, heads, 1, width]`.
  public static func decodingAttention(
    query: Tensor, key: Tensor, value: Tensor, stems: DecodingMemory, own: DecodingMemory,
    layout: Tensor, column: Int, scale: Double
  ) -> Tensor {
    checked(
      ct_decoding_attention(
        query.handle, key.handle, value.handle, stems.keys.handle, stems.values.handle,
        own.keys.handle, own.values.handle, layout.handle, Int64(column), scale))
  }
}
