import Torch

/// A decoder language model of the Llama, Qwen2 or Qwen3 family.
///
/// ```swift
/// let model = try CausalLanguageModel.load(folder: folder)
/// let ids = Tensor(rows: [[1, 403, 407]])
/// let logits = withoutGradients { model.logits(hidden: model.hiddenStates(ids)) }  // [1, 3, vocabulary]
/// ```
public final class CausalLanguageModel {
  /// The architecture.
  public let configuration: ModelConfiguration
  /// Where the weights lie.
  public let device: Device
  /// The weights' type, in which the model computes.
  public let dtype: DType
  /// All weights under their names in Hugging Face checkpoints, always in the same order: embedding,
  /// layers, final norm, output weight where it is not tied. Each is a leaf of its own; all changes
  /// must be in place.
  public let parameters: [(name: String, tensor: Tensor)]

  /// The adapter that is beside the weights; nil for the weights alone.
  public internal(set) var adapter: LoRAAdapter?

  let entries: [Parameter]
  /// `model.embed_tokens`, `[vocabulary, hidden]`.
  private let embedding: Tensor
  private let layers: [DecoderLayer]
  /// `model.norm`.
  private let finalNorm: RMSNorm
  private let rotary: RotaryEmbedding
  /// Requires a gradient, so that what is made of it tells whether history is recorded.
  private let probe: Tensor

  /// The output weight `[vocabulary, hidden]`: `lm_head`, or the embedding where they are tied.
  public let outputWeight: Tensor

  /// A model whose weights are not written yet.
  init(uninitialized configuration: ModelConfiguration, dtype: DType, device: Device) throws {
    guard device.isAvailable else {
      throw ModelError(
        kind: .unavailableDevice, path: "\(device)", problem: "this machine has no such device")
    }
    guard dtype.isFloatingPoint else {
      throw ModelError(
        kind: .unsupported, path: "\(dtype)", problem: "a model computes in a floating-point type")
    }
    let place = ParameterPlace(dtype: dtype, device: device)
    self.configuration = configuration
    self.dtype = dtype
    self.device = device
    embedding = place.make([configuration.vocabularySize, configuration.hiddenSize])
    layers = (0..<configuration.layerCount).map { _ in DecoderLayer(configuration, in: place) }
    finalNorm = RMSNorm(
      configuration.hiddenSize, epsilon: configuration.rmsNormEpsilon, in: place)
    outputWeight =
      configuration.tiesEmbeddings
      ? embedding : place.make([configuration.vocabularySize, configuration.hiddenSize])
    rotary = RotaryEmbedding(configuration, dtype: dtype, device: device)
    probe = .zeros([])
    probe.requiresGradient = true

    var entries = [
      Parameter(
        name: "model.embed_tokens.weight", tensor: embedding, initialization: .embedding)
    ]
    for (index, layer) in layers.enumerated() {
      entries += layer.parameters("model.layers.\(index)")
    }
    entries += finalNorm.parameters("model.norm")
    if !configuration.tiesEmbeddings {
      entries.append(
        Parameter(name: "lm_head.weight", tensor: outputWeight, initialization: .normal))
    }
    self.entries = entries
    parameters = entries.map { ($0.name, $0.tensor) }
  }

  /// The number of elements of all parameters; a tied output weight counts once.
  public var parameterCount: Int { configuration.parameterCount }

  /// What training changes: the adapter's parameters where there is one, otherwise all weights.
  public var trainedParameters: [(name: String, tensor: Tensor)] {
    adapter?.parameters ?? parameters
  }

  /// Whether what training changes gathers gradients. False for a new or loaded model.
  public var trainable: Bool {
    get { trainedParameters.allSatisfy { $0.tensor.requiresGradient } }
    set { for (_, tensor) in trainedParameters { tensor.requiresGradient = newValue } }
  }

  /// The linear maps of all layers.
  var linears: [NamedLinear] {
    layers.enumerated().flatMap { $1.linears("model.layers.\($0)") }
  }

  /// Whether the adapter's updates are added to copies of the weights.
  private(set) var isMerged = false

  /// Adds the adapter's updates to copies of the weights, or gives the copies up.
  func setMerged(_ isMerged: Bool) {
    for layer in layers { layer.setMerged(isMerged) }
    self.isMerged = isMerged
  }

  /// The hidden states of a batch, `[batch, length, hidden]`, after the final norm.
  ///
  /// Rows that are filled up at the end need no mask: causal attention keeps the padding out of what
  /// comes before it. Rows that are filled up at the front need `mask` and `positions`; the states at
  /// padding are finite and without meaning.
  ///
  /// - Parameters:
  ///   - ids: token ids `[batch, length]`, int64.
  ///   - positions: `[batch, length]`, int64, each below the configuration's `maximumPositions` or the
  ///     total length; nil counts up from the cache's length.
  ///   - mask: truth values broadcasting to `[batch, 1, length, total]`, true where a position attends
  ///     to another; total is the cache's length plus `length`. nil is causal.
  ///   - cache: holds the keys and values of earlier positions and is given those of these.
  ///   - beforeFinalNorm: gives the residual stream before the final norm.
  public func hiddenStates(
    _ ids: Tensor, positions: Tensor? = nil, mask: Tensor? = nil,
    cache: (any KeyValueCache)? = nil, beforeFinalNorm: Bool = false
  ) -> Tensor {
    precondition(ids.rank == 2, "ids must be [batch, length], found \(ids.shape)")
    let length = ids.size(1)
    let past = cache?.length ?? 0
    let pass = ForwardPass(
      batch: ids.size(0), length: length,
      rotation: positions.map { rotary.rotation(at: $0, total: past + length) }
        ?? rotary.rotation(from: past, length: length),
      mask: mask.map(additive) ?? (past > 0 && length > 1 ? laterCausal(length, past) : nil),
      isCausal: mask == nil && past == 0 && length > 1, layout: nil, cache: cache,
      isRecording: isRecording)
    let hidden = passedThroughLayers(embedding.embedding(ids), pass)
    return beforeFinalNorm ? hidden : normalised(hidden)
  }

  /// The final norm of a residual stream `[..., hidden]`: what `logits(hidden:)` reads.
  public func normalised(_ residual: Tensor) -> Tensor { finalNorm(residual) }

  /// The hidden states of packed sequences, `[length, hidden]`: those of each branch are as if it followed
  /// its stem alone.
  ///
  /// - Parameter beforeFinalNorm: gives the residual stream that the last layer leaves instead of its norm.
  public func hiddenStates(_ packed: PackedSequences, beforeFinalNorm: Bool = false) -> Tensor {
    let hidden = residual(packed, cache: nil)
    return beforeFinalNorm ? hidden : normalised(hidden)
  }

  /// The residual stream of packed sequences before the final norm, `[length, hidden]`, and their keys
  /// and values.
  public func prefill(_ packed: PackedSequences) -> (residual: Tensor, cache: PackedCache) {
    let cache = PackedCache(packed)
    return (residual(packed, cache: cache), cache)
  }

  private func residual(_ packed: PackedSequences, cache: PackedCache?) -> Tensor {
    let length = packed.ids.count
    let positions = Tensor(packed.positions, shape: [1, length], on: device)
    let pass = ForwardPass(
      batch: 1, length: length,
      rotation: rotary.rotation(at: positions, total: 1 + (packed.positions.max() ?? 0)),
      mask: nil, isCausal: false, layout: cache == nil ? packed.layout : nil, cache: cache,
      isRecording: isRecording)
    let ids = Tensor(packed.ids, shape: [1, length], on: device)
    return passedThroughLayers(embedding.embedding(ids), pass).select(0, 0)
  }

  private var isRecording: Bool { probe.unsqueezed(0).requiresGradient }

  private func passedThroughLayers(_ input: Tensor, _ pass: ForwardPass) -> Tensor {
    var hidden = input
    for (index, layer) in layers.enumerated() {
      hidden = layer(hidden, index: index, pass: pass)
    }
    return hidden
  }

  /// The logits `[..., vocabulary]` of hidden states `[..., hidden]` after the final norm.
  public func logits(hidden: Tensor) -> Tensor { hidden.linear(outputWeight) }

  /// 0 where a mask is true and -infinity elsewhere, once for all layers.
  private func additive(_ mask: Tensor) -> Tensor {
    precondition(mask.dtype == .bool, "a mask must be of truth values, found \(mask.dtype)")
    return Tensor.zeros(mask.shape, dtype: dtype, device: device)
      .maskedFill(mask.logicalNot(), -.infinity)
  }

  /// The causal mask of `length` positions that follow `past` cached ones.
  private func laterCausal(_ length: Int, _ past: Int) -> Tensor {
    additive(
      .full([length, past + length], 1, dtype: .bool, device: device).lowerTriangle(diagonal: past))
  }
}
