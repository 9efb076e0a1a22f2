import CTorch

extension Tensor {
  /// Matrix product over the last two dimensions, batched over the others.
  public func matmul(_ other: Tensor) -> Tensor { checked(ct_matmul(handle, other.handle)) }

  /// `self weightᵀ + bias`: input `[..., in]`, weight `[out, in]`, bias `[out]`, result `[..., out]`.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    checked(ct_linear(handle, weight.handle, bias?.handle))
  }

  /// exp(x) over its sum along `dim`.
  public func softmax(_ dim: Int = -1) -> Tensor { checked(ct_softmax(handle, Int32(dim))) }

  /// The logarithm of `softmax`, without overflow.
  public func logSoftmax(_ dim: Int = -1) -> Tensor { checked(ct_log_softmax(handle, Int32(dim))) }

  /// Rows of this matrix `[vocabulary, width]` by ids of any shape: `[..., width]`.
  public func embedding(_ ids: Tensor) -> Tensor { checked(ct_embedding(handle, ids.handle)) }

  /// x / sqrt(mean(x²) + epsilon) · weight over the last dimension (Zhang and Sennrich 2019),
  /// computed in single precision for half-precision inputs.
  public func rmsNorm(_ weight: Tensor, epsilon: Double) -> Tensor {
    checked(ct_rms_norm(handle, weight.handle, epsilon))
  }

  /// Layer normalisation over the last dimension (Ba et al. 2016).
  public func layerNorm(_ weight: Tensor, bias: Tensor?, epsilon: Double) -> Tensor {
    checked(ct_layer_norm(handle, weight.handle, bias?.handle, epsilon))
  }

  /// Zeroes elements with `probability` and scales the others up; draws from libtorch's own generator.
  public func dropout(_ probability: Double) -> Tensor { checked(ct_dropout(handle, probability)) }

  /// Softmax attention: query `[batch, heads, length, width]`, key and value
  /// `[batch, keyValueHeads, total, width]` (heads a multiple of keyValueHeads). `mask` broadcasts to
  /// `[batch, heads, length, total]`; true means attend, a floating-point mask is added to the scores.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, causal: Bool = false,
    scale: Double
  ) -> Tensor {
    checked(ct_attention(query.handle, key.handle, value.handle, mask?.handle, causal, scale))
  }

  /// Causal softmax attention of sequences that lie one after the other without padding: query
  /// `[1, heads, length, width]`, key and value `[1, keyValueHeads, length, width]`.
  ///
  /// - Parameter layout: `[sequences, 2]`, int64 on the CPU: the number of positions of each sequence,
  ///   and 1 for a branch, whose positions also attend to all of its stem: the last sequence before it
  ///   that is no branch.
  public static func packedAttention(
    query: Tensor, key: Tensor, value: Tensor, layout: Tensor, scale: Double
  ) -> Tensor {
    checked(
      ct_packed_attention(query.handle, key.handle, value.handle, layout.handle, scale))
  }

  /// Rotary position embedding in the half-split layout of Hugging Face's Llama and Qwen (Su et al.
  /// 2021): `[batch, heads, length, width]` turned by `cos` and `sin`, which broadcast to it.
  public func rotated(cos: Tensor, sin: Tensor) -> Tensor {
    checked(ct_rotary(handle, cos.handle, sin.handle))
  }

  /// silu(gate) · up, the gated unit of Llama's and Qwen's feed-forward blocks (Shazeer 2020), for two
  /// tensors of one shape and type.
  public static func siluMultiplied(gate: Tensor, up: Tensor) -> Tensor {
    checked(ct_silu_mul(gate.handle, up.handle))
  }

  /// Log-probabilities of `targets` `[n]` under softmax(hidden · weightᵀ / temperature), and the
  /// entropy of each of the n distributions (without gradient), both in nats.
  ///
  /// The logits `[n, vocabulary]` are made and used `chunkRows` rows at a time and made again for the
  /// gradient, so that a large vocabulary never fills the memory.
  /// - Parameters:
  ///   - hidden: `[n, width]`.
  ///   - weight: the output embedding, `[vocabulary, width]`.
  public static func tokenLogProbabilities(
    hidden: Tensor, weight: Tensor, targets: Tensor, temperature: Double, chunkRows: Int
  ) -> (logProbabilities: Tensor, entropies: Tensor) {
    require(temperature > 0 && chunkRows > 0, "temperature and chunk must be positive")
    var logProbabilities: OpaquePointer?
    var entropies: OpaquePointer?
    check(
      ct_token_log_probs(
        hidden.handle, weight.handle, targets.handle, temperature, Int64(chunkRows),
        &logProbabilities, &entropies))
    return (checked(logProbabilities), checked(entropies))
  }
}
