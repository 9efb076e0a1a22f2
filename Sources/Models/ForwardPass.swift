import Torch

/// What all layers of one forward pass share.
struct ForwardPass {
  let batch: Int
  let length: Int
  let rotation: RotaryEmbedding.Rotation
  /// Added to the attention scores, broadcast to `[batch, heads, length, total]`; nil where every
  /// position attends to all, or `isCausal` says it.
  let mask: Tensor?
  /// Whether position i attends to the positions up to i.
  let isCausal: Bool
  /// How sequences are packed into one row, as `Tensor.packedAttention` takes it.
  let layout: Tensor?
  let cache: (any KeyValueCache)?
  /// Whether history is recorded for gradients.
  let isRecording: Bool
}
