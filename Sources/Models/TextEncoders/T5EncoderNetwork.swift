import Foundation
import Torch

/// The encoder of T5: pre-norm layers with one table of relative position biases.
struct T5EncoderNetwork: EncoderNetwork {
  private let words: Tensor
  /// `[buckets, heads]`, added to the scores of every layer.
  private let positionBias: Tensor
  private let layers: [T5Layer]
  private let finalNorm: RMSNorm
  private let buckets: (count: Int, maximumDistance: Int)

  init(_ configuration: TextEncoderConfiguration, in place: ParameterPlace) {
    words = place.make([configuration.vocabularySize, configuration.hiddenSize])
    positionBias = place.make([configuration.relativeBuckets.count, configuration.headCount])
    layers = (0..<configuration.layerCount).map { _ in T5Layer(configuration, in: place) }
    finalNorm = RMSNorm(
      configuration.hiddenSize, epsilon: configuration.normEpsilon, in: place)
    buckets = configuration.relativeBuckets
  }

  var parameters: [Parameter] {
    var all = [
      Parameter(name: "shared.weight", tensor: words, initialization: .embedding),
      Parameter(
        name: "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
        tensor: positionBias, initialization: .normal),
    ]
    for (index, layer) in layers.enumerated() {
      all += layer.parameters("encoder.block.\(index).layer")
    }
    return all + finalNorm.parameters("encoder.final_layer_norm")
  }

  func states(_ ids: Tensor, mask: Tensor) -> Tensor {
    let bias = mask + bias(ids.size(1), device: ids.device)
    var hidden = words.embedding(ids)
    for layer in layers { hidden = layer(hidden, bias: bias) }
    return finalNorm(hidden)
  }

  /// `[1, heads, length, length]`.
  private func bias(_ length: Int, device: Device) -> Tensor {
    // From the farthest key before the last query to the farthest after the first.
    let byDistance = (1 - length..<length).map { Self.bucket($0, buckets) }
    let rows = (0..<length).map { query in
      Array(byDistance[length - 1 - query..<2 * length - 1 - query])
    }
    return positionBias.embedding(Tensor(rows: rows, on: device)).permuted([2, 0, 1]).unsqueezed(0)
  }

  /// The bucket of a key `distance` positions after its query (Raffel et al. 2020, section 2.1): half of
  /// the buckets for each side, of these half exact and the others logarithmic up to the maximum.
  static func bucket(_ distance: Int, _ buckets: (count: Int, maximumDistance: Int)) -> Int {
    let side = buckets.count / 2
    let offset = distance > 0 ? side : 0
    let steps = abs(distance)
    let exact = side / 2
    guard steps >= exact else { return offset + steps }
    // In single precision, as transformers computes it: a bucket's border may lie at a rounding.
    let ratio =
      logf(Float(steps) / Float(exact))
      / Float(log(Double(buckets.maximumDistance) / Double(exact)))
    return offset + min(side - 1, exact + Int(ratio * Float(side - exact)))
  }
}

/// Self-attention without scaling, then a feed-forward layer, each after a normalisation.
private struct T5Layer {
  private let query, key, value, output: Linear
  private let attentionNorm, norm: RMSNorm
  private let gate: Linear?
  private let up, down: Linear
  private let heads: Int
  private let activation: TextEncoderConfiguration.Activation

  init(_ configuration: TextEncoderConfiguration, in place: ParameterPlace) {
    let width = configuration.hiddenSize
    let inner = configuration.headCount * configuration.headWidth
    func linear(_ input: Int, _ output: Int) -> Linear {
      Linear(input, output, hasBias: false, in: place)
    }
    query = linear(width, inner)
    key = linear(width, inner)
    value = linear(width, inner)
    output = linear(inner, width)
    attentionNorm = RMSNorm(width, epsilon: configuration.normEpsilon, in: place)
    norm = RMSNorm(width, epsilon: configuration.normEpsilon, in: place)
    gate = configuration.isGated ? linear(width, configuration.intermediateSize) : nil
    up = linear(width, configuration.intermediateSize)
    down = linear(configuration.intermediateSize, width)
    heads = configuration.headCount
    activation = configuration.activation
  }

  func parameters(_ place: String) -> [Parameter] {
    let attention = [(query, "q"), (key, "k"), (value, "v"), (output, "o")].flatMap {
      $0.parameters("\(place).0.SelfAttention.\($1)")
    }
    let inside = "\(place).1.DenseReluDense"
    let projections =
      gate.map { $0.parameters("\(inside).wi_0") + up.parameters("\(inside).wi_1") }
      ?? up.parameters("\(inside).wi")
    return attention + attentionNorm.parameters("\(place).0.layer_norm") + projections
      + down.parameters("\(inside).wo") + norm.parameters("\(place).1.layer_norm")
  }

  func callAsFunction(_ input: Tensor, bias: Tensor) -> Tensor {
    let normal = attentionNorm(input)
    let attended =
      input
      + output(
        attention(
          query: query(normal), key: key(normal), value: value(normal), heads: heads, mask: bias,
          scale: 1))
    let middle = norm(attended)
    let active = gate.map { activation($0(middle)) * up(middle) } ?? activation(up(middle))
    return attended + down(active)
  }
}
