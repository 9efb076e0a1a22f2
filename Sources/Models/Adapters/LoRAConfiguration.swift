/// Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685): the weight W of a linear map is frozen, and
/// scaling · B A is added to it, with A `[rank, in]` and B `[out, rank]` trained.
public struct LoRAConfiguration: Sendable, Equatable {
  /// The rank of B A, PEFT's `r`.
  public let rank: Int
  /// The numerator of the scaling, PEFT's `lora_alpha`.
  public let alpha: Double
  /// Which linear maps are adapted, PEFT's `target_modules`.
  public let targets: LoRATargets
  /// The layers that are adapted, PEFT's `layers_to_transform`; nil for all.
  public let layers: Set<Int>?
  /// The share of a map's inputs that are dropped on the way to A while training, PEFT's `lora_dropout`.
  public let dropout: Double
  /// Whether the scaling is alpha / sqrt(rank) (Kalajdzievski 2023, arXiv 2312.03732), PEFT's
  /// `use_rslora`, instead of alpha / rank.
  public let usesRankStabilizedScaling: Bool
  /// Whether a target that fits no module is passed over as long as others do, as PEFT does when it reads an
  /// adapter's folder.
  var passesOverUnknownTargets = false

  /// What B A is multiplied with.
  public var scaling: Double {
    alpha / (usesRankStabilizedScaling ? Double(rank).squareRoot() : Double(rank))
  }

  /// - Throws: `ModelError` for a rank below 1, an alpha that is not positive, or a dropout outside
  ///   [0, 1).
  public init(
    rank: Int, alpha: Double, targets: LoRATargets = .allLinear, layers: Set<Int>? = nil,
    dropout: Double = 0, usesRankStabilizedScaling: Bool = false
  ) throws(ModelError) {
    func unsupported(_ problem: String) -> ModelError {
      ModelError(kind: .unsupported, path: "adapter", problem: problem)
    }
    guard rank >= 1 else { throw unsupported("the rank is \(rank), expected 1 or more") }
    guard alpha > 0, alpha.isFinite else {
      throw unsupported("alpha is \(alpha), expected a number above 0")
    }
    guard (0..<1).contains(dropout) else {
      throw unsupported("the dropout is \(dropout), expected 0 or more and less than 1")
    }
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
    self.layers = layers
    self.dropout = dropout
    self.usesRankStabilizedScaling = usesRankStabilizedScaling
  }

  /// The number of elements of all A and B for a model.
  ///
  /// - Throws: `ModelError` for a target that the model does not have, naming the nearest, or a rank above
  ///   the adapted maps' widths.
  public func parameterCount(for model: ModelConfiguration) throws(ModelError) -> Int {
    try adapted(of: model).map { rank * ($0.inputWidth + $0.outputWidth) }.reduce(0, +)
  }

  /// The number of elements of the weights that are adapted in a model.
  ///
  /// - Throws: `ModelError` for a target that the model does not have, naming the nearest, or a rank above
  ///   the adapted maps' widths.
  public func adaptedWeightCount(of model: ModelConfiguration) throws(ModelError) -> Int {
    try adapted(of: model).map { $0.inputWidth * $0.outputWidth }.reduce(0, +)
  }

  /// The names of the linear maps that are adapted in a model: `model.layers.0.self_attn.q_proj`.
  ///
  /// - Throws: `ModelError` for a target that the model does not have, naming the nearest, or a rank above
  ///   the adapted maps' widths.
  public func modules(of model: ModelConfiguration) throws(ModelError) -> Set<String> {
    Set(try adapted(of: model).map(\.name))
  }

  private func adapted(
    of model: ModelConfiguration
  ) throws(ModelError) -> [ModelConfiguration.LinearShape] {
    let shapes = model.linearShapes
    let names = try modules(among: shapes.map(\.name))
    let adapted = shapes.filter { names.contains($0.name) }
    let widest = adapted.map { max($0.inputWidth, $0.outputWidth) }.max() ?? 0
    guard rank <= widest else {
      throw ModelError(
        kind: .unsupported, path: "adapter",
        problem:
          "the rank is \(rank), expected at most \(widest), the width of the widest adapted map")
    }
    return adapted
  }
}

extension ModelConfiguration {
  /// A linear map of a decoder layer with its name and widths.
  struct LinearShape: Equatable {
    let name: String
    let inputWidth: Int
    let outputWidth: Int
  }

  /// All linear maps of the decoder layers, in the order of the parameters.
  var linearShapes: [LinearShape] {
    let queryWidth = headCount * headWidth
    let keyValueWidth = keyValueHeadCount * headWidth
    let maps: [(name: String, input: Int, output: Int)] = [
      ("self_attn.q_proj", hiddenSize, queryWidth), ("self_attn.k_proj", hiddenSize, keyValueWidth),
      ("self_attn.v_proj", hiddenSize, keyValueWidth), ("self_attn.o_proj", queryWidth, hiddenSize),
      ("mlp.gate_proj", hiddenSize, intermediateSize),
      ("mlp.up_proj", hiddenSize, intermediateSize),
      ("mlp.down_proj", intermediateSize, hiddenSize),
    ]
    return (0..<layerCount).flatMap { layer in
      maps.map {
        LinearShape(
          name: "model.layers.\(layer).\($0.name)", inputWidth: $0.input, outputWidth: $0.output)
      }
    }
  }
}
