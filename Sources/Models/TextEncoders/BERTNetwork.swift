import Torch

/// BERT's encoder, and DistilBERT's, which differs in names and has no kinds of text.
struct BERTNetwork: EncoderNetwork {
  private let words: Tensor
  private let positions: Tensor
  private let types: Tensor?
  private let norm: LayerNorm
  private let layers: [BERTLayer]
  private let isDistilled: Bool

  init(_ configuration: TextEncoderConfiguration, in place: ParameterPlace) {
    let width = configuration.hiddenSize
    words = place.make([configuration.vocabularySize, width])
    positions = place.make([configuration.maximumLength ?? 0, width])
    types = configuration.typeCount > 0 ? place.make([configuration.typeCount, width]) : nil
    norm = LayerNorm(width, epsilon: configuration.normEpsilon, in: place)
    layers = (0..<configuration.layerCount).map { _ in BERTLayer(configuration, in: place) }
    isDistilled = configuration.family == .distilbert
  }

  var parameters: [Parameter] {
    func embedding(_ name: String, _ tensor: Tensor) -> Parameter {
      Parameter(name: "embeddings.\(name).weight", tensor: tensor, initialization: .embedding)
    }
    var all = [embedding("word_embeddings", words), embedding("position_embeddings", positions)]
    if let types { all.append(embedding("token_type_embeddings", types)) }
    all += norm.parameters("embeddings.LayerNorm")
    for (index, layer) in layers.enumerated() {
      all +=
        isDistilled
        ? layer.parameters("transformer.layer.\(index)", names: .distilbert)
        : layer.parameters("encoder.layer.\(index)", names: .bert)
    }
    return all
  }

  func states(_ ids: Tensor, mask: Tensor) -> Tensor {
    var hidden = words.embedding(ids) + positions.narrow(0, from: 0, count: ids.size(1))
    if let types { hidden = hidden + types.select(0, 0) }
    hidden = norm(hidden)
    for layer in layers { hidden = layer(hidden, mask: mask) }
    return hidden
  }
}

/// A post-norm transformer layer.
private struct BERTLayer {
  /// The names of a layer's parts in checkpoints.
  struct Names {
    let query, key, value, attended, attentionNorm, up, down, norm: String

    static let bert = Names(
      query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
      attended: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
      up: "intermediate.dense", down: "output.dense", norm: "output.LayerNorm")
    static let distilbert = Names(
      query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
      attended: "attention.out_lin", attentionNorm: "sa_layer_norm", up: "ffn.lin1",
      down: "ffn.lin2", norm: "output_layer_norm")
  }

  private let query, key, value, attended, up, down: Linear
  private let attentionNorm, norm: LayerNorm
  private let heads: Int
  private let activation: TextEncoderConfiguration.Activation

  init(_ configuration: TextEncoderConfiguration, in place: ParameterPlace) {
    let width = configuration.hiddenSize
    func linear(_ input: Int, _ output: Int) -> Linear {
      Linear(input, output, hasBias: true, in: place)
    }
    query = linear(width, width)
    key = linear(width, width)
    value = linear(width, width)
    attended = linear(width, width)
    up = linear(width, configuration.intermediateSize)
    down = linear(configuration.intermediateSize, width)
    attentionNorm = LayerNorm(width, epsilon: configuration.normEpsilon, in: place)
    norm = LayerNorm(width, epsilon: configuration.normEpsilon, in: place)
    heads = configuration.headCount
    activation = configuration.activation
  }

  func parameters(_ place: String, names: Names) -> [Parameter] {
    let linear = [
      (query, names.query), (key, names.key), (value, names.value), (attended, names.attended),
      (up, names.up), (down, names.down),
    ].flatMap { $0.parameters("\(place).\($1)") }
    return linear + attentionNorm.parameters("\(place).\(names.attentionNorm)")
      + norm.parameters("\(place).\(names.norm)")
  }

  func callAsFunction(_ input: Tensor, mask: Tensor) -> Tensor {
    let width = input.size(2) / heads
    let mixed = attention(
      query: query(input), key: key(input), value: value(input), heads: heads, mask: mask,
      scale: 1 / Double(width).squareRoot())
    let middle = attentionNorm(input + attended(mixed))
    return norm(middle + down(activation(up(middle))))
  }
}

extension TextEncoderConfiguration.Activation {
  func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .relu: input.relu()
    case .gelu: input.gelu()
    case .geluTanh: input.gelu(approximated: true)
    }
  }
}

/// Attention over all positions of `[rows, length, heads * width]` projections, in their shape.
func attention(
  query: Tensor, key: Tensor, value: Tensor, heads: Int, mask: Tensor, scale: Double
) -> Tensor {
  let (rows, length, width) = (query.size(0), query.size(1), query.size(2))
  func split(_ tensor: Tensor) -> Tensor {
    tensor.reshaped([rows, length, heads, width / heads]).transposed(1, 2)
  }
  return Tensor.attention(
    query: split(query), key: split(key), value: split(value), mask: mask, scale: scale
  ).transposed(1, 2).reshaped([rows, length, width])
}
