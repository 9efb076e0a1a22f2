import Torch

/// A weight with its name in the checkpoint and what it is before any training.
struct Parameter {
  /// How transformers initialises a weight.
  enum Initialization {
    /// Normal with mean 0 and the configuration's `initializer_range`.
    case normal
    /// The same, with the row of the padding id zero.
    case embedding
    case zeros
    case ones
  }

  let name: String
  let tensor: Tensor
  let initialization: Initialization
}

/// Where and of which type a model's weights are made.
struct ParameterPlace {
  let dtype: DType
  let device: Device

  func make(_ shape: [Int]) -> Tensor { .uninitialized(shape, dtype: dtype, device: device) }
}
