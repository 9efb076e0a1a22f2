import CTorch

extension Tensor {
  /// The same elements in another type.
  public func to(_ dtype: DType) -> Tensor {
    dtype == self.dtype ? self : checked(ct_to_dtype(handle, dtype.rawValue))
  }

  /// The same elements on another device.
  ///
  /// - Throws: `TorchError` when the device is not there or has no memory left.
  public func to(_ device: Device) throws -> Tensor {
    if device == self.device { return self }
    try device.requireAvailable(for: "moving a tensor to \(device)")
    guard let moved = ct_to(handle, dtype.rawValue, device.type, device.index) else {
      throw TorchError("moving a tensor to \(device)")
    }
    return Tensor(owning: moved)
  }

  /// A copy with memory of its own; gradients flow through it.
  public func cloned() -> Tensor { checked(ct_clone(handle)) }

  /// The tensor itself when its memory is in row-major order, otherwise a copy that is.
  public func contiguous() -> Tensor {
    ct_is_contiguous(handle) ? self : checked(ct_contiguous(handle))
  }

  /// The same elements in another shape; one size may be -1, which is then computed.
  public func reshaped(_ shape: [Int]) -> Tensor {
    checked(ct_reshape(handle, int64(shape), Int32(shape.count)))
  }

  /// Two dimensions exchanged.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    checked(ct_transpose(handle, Int32(first), Int32(second)))
  }

  /// Dimensions in another order: dimension `i` of the result is dimension `order[i]` of this.
  public func permuted(_ order: [Int]) -> Tensor {
    checked(ct_permute(handle, int64(order), Int32(order.count)))
  }

  /// A dimension of size 1 put in at `dim`.
  public func unsqueezed(_ dim: Int) -> Tensor { checked(ct_unsqueeze(handle, Int32(dim))) }

  /// A dimension of size 1 taken out.
  public func squeezed(_ dim: Int) -> Tensor { checked(ct_squeeze(handle, Int32(dim))) }

  /// Dimensions of size 1 repeated without copying; -1 keeps a size.
  public func expanded(_ shape: [Int]) -> Tensor {
    checked(ct_expand(handle, int64(shape), Int32(shape.count)))
  }

  /// `count` entries of `dim` from `start` on, sharing memory.
  public func narrow(_ dim: Int, from start: Int, count: Int) -> Tensor {
    checked(ct_narrow(handle, Int32(dim), Int64(start), Int64(count)))
  }

  /// The entry `index` of `dim`, without that dimension, sharing memory.
  public func select(_ dim: Int, _ index: Int) -> Tensor {
    checked(ct_select(handle, Int32(dim), Int64(index)))
  }

  /// The order of `dim` reversed.
  public func flipped(_ dim: Int) -> Tensor { checked(ct_flip(handle, Int32(dim))) }

  /// The lower triangle of the last two dimensions, zeros elsewhere.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor {
    checked(ct_tril(handle, Int64(diagonal)))
  }

  /// Every entry of `dim` repeated `count` times in a row.
  public func repeatInterleaved(_ count: Int, dim: Int) -> Tensor {
    checked(ct_repeat_interleave(handle, Int64(count), Int32(dim)))
  }

  /// Constant padding of the last dimension.
  public func paddedLast(before: Int = 0, after: Int = 0, value: Double = 0) -> Tensor {
    checked(ct_pad(handle, [Int64(before), Int64(after)], 2, value))
  }

  /// Tensors put one after the other along an existing dimension.
  public static func concatenated(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { checked(ct_cat($0, $1, Int32(dim))) }
  }

  /// Tensors of one shape along a new dimension.
  public static func stacked(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { checked(ct_stack($0, $1, Int32(dim))) }
  }
}

// MARK: - Indexing

extension Tensor {
  /// The entries `index` `[n]` of `dim`.
  public func indexSelect(_ dim: Int, _ index: Tensor) -> Tensor {
    checked(ct_index_select(handle, Int32(dim), index.handle))
  }

  /// `result[i][j] = self[i][index[i][j]]` along `dim`; `index` has this tensor's rank.
  public func gather(_ dim: Int, _ index: Tensor) -> Tensor {
    checked(ct_gather(handle, Int32(dim), index.handle))
  }

  /// A copy in which `self[i][index[i][j]] = source[i][j]` along `dim`.
  public func scatter(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    checked(ct_scatter(handle, Int32(dim), index.handle, source.handle))
  }

  /// A copy in which `self[i][index[i][j]] += source[i][j]` along `dim`.
  public func scatterAdd(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    checked(ct_scatter_add(handle, Int32(dim), index.handle, source.handle))
  }

  /// A copy to whose entries `index` of `dim` the entries of `source` are added.
  public func indexAdd(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    checked(ct_index_add(handle, Int32(dim), index.handle, source.handle))
  }

  /// `value` where `mask` is true.
  public func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor {
    checked(ct_masked_fill(handle, mask.handle, value))
  }

  /// The elements where `mask` is true, in one dimension.
  public func maskedSelect(_ mask: Tensor) -> Tensor {
    checked(ct_masked_select(handle, mask.handle))
  }

  /// The positions of non-zero elements, `[count, rank]`.
  public func nonzero() -> Tensor { checked(ct_nonzero(handle)) }

  /// `onTrue` where `condition` holds, otherwise `onFalse`.
  public static func `where`(_ condition: Tensor, _ onTrue: Tensor, _ onFalse: Tensor) -> Tensor {
    checked(ct_where(condition.handle, onTrue.handle, onFalse.handle))
  }

  /// `result[i] = self[rows[i], columns[i]]` over the first two dimensions.
  public subscript(rows rows: Tensor, columns columns: Tensor) -> Tensor {
    checked(ct_index2(handle, rows.handle, columns.handle))
  }

  /// In place, `self[rows[i], columns[i]] = source[i]` over the first two dimensions.
  public func put(rows: Tensor, columns: Tensor, _ source: Tensor) {
    check(ct_index_put2_(handle, rows.handle, columns.handle, source.handle))
  }
}

// MARK: - In place

extension Tensor {
  /// Overwrites the elements with those of `source` (converted and broadcast).
  public func copy(from source: Tensor) { check(ct_copy_(handle, source.handle)) }

  /// Overwrites every element.
  public func fill(_ value: Double) { check(ct_fill_(handle, value)) }

  /// Adds `alpha * other` in place.
  public func addInPlace(_ other: Tensor, alpha: Double = 1) {
    check(ct_add_scaled_(handle, other.handle, alpha))
  }

  /// Multiplies in place.
  public func scaleInPlace(_ factor: Double) { check(ct_mul_scalar_(handle, factor)) }
}
