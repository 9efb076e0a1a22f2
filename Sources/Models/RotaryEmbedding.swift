import Foundation
import Torch

/// The cosines and sines of rotary position embeddings (Su et al. 2021), in the half-split layout of
/// Hugging Face's checkpoints: one table for all layers, made once and indexed by position.
final class RotaryEmbedding {
  /// What a query and its key are turned by; each broadcasts to `[batch, heads, length, width]`.
  struct Rotation {
    let cos: Tensor
    let sin: Tensor
  }

  private let inverseFrequencies: [Float]
  private let maximumPositions: Int
  private let dtype: DType
  private let device: Device
  private var cos: Tensor
  private var sin: Tensor
  private var rowCount = 0

  init(_ configuration: ModelConfiguration, dtype: DType, device: Device) {
    inverseFrequencies = Self.inverseFrequencies(configuration)
    maximumPositions = configuration.maximumPositions
    self.dtype = dtype
    self.device = device
    cos = .zeros([0, configuration.headWidth], dtype: dtype, device: device)
    sin = cos
  }

  /// The rotation of the positions `start ..< start + length`, the same for all rows.
  func rotation(from start: Int, length: Int) -> Rotation {
    provide(start + length)
    return Rotation(
      cos: cos.narrow(0, from: start, count: length),
      sin: sin.narrow(0, from: start, count: length))
  }

  /// The rotation of explicit positions `[batch, length]`, each below the model's maximum or `total`.
  func rotation(at positions: Tensor, total: Int) -> Rotation {
    provide(max(maximumPositions, total))
    return Rotation(
      cos: cos.embedding(positions).unsqueezed(1), sin: sin.embedding(positions).unsqueezed(1))
  }

  /// Makes the tables at least `rows` long. Angles are computed in single precision, as transformers
  /// does, whatever the model's type.
  private func provide(_ rows: Int) {
    guard rows > rowCount else { return }
    var count = 64  // doubled, so that growing contexts seldom make new tables
    while count < rows { count *= 2 }
    withoutGradients {
      let positions = Tensor.arange(0, count, dtype: .float32).unsqueezed(1)
      let half = positions * Tensor(inverseFrequencies).unsqueezed(0)
      let angles = Tensor.concatenated([half, half], dim: 1)
      cos = .uninitialized(angles.shape, dtype: dtype, device: device)
      sin = .uninitialized(angles.shape, dtype: dtype, device: device)
      cos.copy(from: angles.cos())
      sin.copy(from: angles.sin())
    }
    rowCount = count
  }

  /// theta^(-2i / width) for i in 0 ..< width / 2, scaled. In single precision, step by step as
  /// transformers computes them: at a late position an angle multiplies every rounding.
  static func inverseFrequencies(_ configuration: ModelConfiguration) -> [Float] {
    let width = configuration.headWidth
    let plain = stride(from: 0, to: width, by: 2).map { index in
      1 / pow(Float(configuration.ropeTheta), Float(index) / Float(width))
    }
    switch configuration.ropeScaling {
    case .none: return plain
    case .linear(let factor): return plain.map { $0 / Float(factor) }
    case .llama3(let factor, let low, let high, let original):
      let longest = Float(Double(original) / low)
      let shortest = Float(Double(original) / high)
      return plain.map { frequency in
        let wavelength = 2 * Float.pi / frequency
        if wavelength < shortest { return frequency }
        if wavelength > longest { return frequency / Float(factor) }
        let smooth = (Float(original) / wavelength - Float(low)) / Float(high - low)
        return (1 - smooth) * frequency / Float(factor) + smooth * frequency
      }
    }
  }
}
