import Torch

/// Grouped-query self-attention (Ainslie et al. 2023) with rotary positions, `self_attn` in checkpoints.
struct Attention {
  private let headCount: Int
  private let keyValueHeadCount: Int
  private let headWidth: Int
  private let scale: Double

  /// `q_proj`, `k_proj`, `v_proj`.
  private let projections: LinearStack
  /// `o_proj`.
  private let output: Linear
  /// `q_norm`, over every head's width (Qwen3).
  private let queryNorm: RMSNorm?
  /// `k_norm`.
  private let keyNorm: RMSNorm?

  init(_ configuration: ModelConfiguration, in place: ParameterPlace) {
    headCount = configuration.headCount
    keyValueHeadCount = configuration.keyValueHeadCount
    headWidth = configuration.headWidth
    scale = 1 / Double(headWidth).squareRoot()
    let queryWidth = headCount * headWidth
    let keyValueWidth = keyValueHeadCount * headWidth
    projections = LinearStack(
      configuration.hiddenSize, [queryWidth, keyValueWidth, keyValueWidth],
      hasBias: configuration.attentionBias, in: place)
    output = Linear(
      queryWidth, configuration.hiddenSize, hasBias: configuration.attentionOutputBias, in: place)
    let norm = { RMSNorm($0, epsilon: configuration.rmsNormEpsilon, in: place) }
    queryNorm = configuration.usesQueryKeyNorm ? norm(headWidth) : nil
    keyNorm = configuration.usesQueryKeyNorm ? norm(headWidth) : nil
  }

  func parameters(_ name: String) -> [Parameter] {
    var all = linears(name).flatMap { $0.linear.parameters($0.name) }
    if let queryNorm { all += queryNorm.parameters("\(name).q_norm") }
    if let keyNorm { all += keyNorm.parameters("\(name).k_norm") }
    return all
  }

  func linears(_ name: String) -> [NamedLinear] {
    zip(["q_proj", "k_proj", "v_proj", "o_proj"], projections.parts + [output]).map {
      ("\(name).\($0)", $1)
    }
  }

  /// Adds adapters' updates to copies of the weights, or gives the copies up.
  func setMerged(_ isMerged: Bool) {
    isMerged ? projections.merge() : projections.unmerge()
    isMerged ? output.merge() : output.unmerge()
  }

  /// - Parameter input: `[batch, length, hidden]`; the result has its shape.
  func callAsFunction(_ input: Tensor, layer: Int, pass: ForwardPass) -> Tensor {
    let (query, key, value) =
      projections.isSplit(pass) ? projectedByParts(input, pass) : projected(input, pass)
    let heads =
      if let layout = pass.layout {
        Tensor.packedAttention(query: query, key: key, value: value, layout: layout, scale: scale)
      } else if let cache = pass.cache {
        cache.attention(
          layer: layer, query: query, key: key, value: value, mask: pass.mask,
          causal: pass.isCausal, scale: scale)
      } else {
        Tensor.attention(
          query: query, key: key, value: value, mask: pass.mask, causal: pass.isCausal,
          scale: scale)
      }
    return output(
      heads.transposed(1, 2).reshaped([pass.batch, pass.length, headCount * headWidth]))
  }

  /// Queries, keys and values `[batch, heads, length, width]`, turned, by one product.
  private func projected(
    _ input: Tensor, _ pass: ForwardPass
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    let turnedCount = headCount + keyValueHeadCount
    let all = heads(projections.whole(input), turnedCount + keyValueHeadCount, pass)
    let value = all.narrow(1, from: turnedCount, count: keyValueHeadCount)
    if let queryNorm, let keyNorm {
      let query = queryNorm(all.narrow(1, from: 0, count: headCount))
      let key = keyNorm(all.narrow(1, from: headCount, count: keyValueHeadCount))
      return (turned(query, pass), turned(key, pass), value)
    }
    let queryAndKey = turned(all.narrow(1, from: 0, count: turnedCount), pass)
    return (
      queryAndKey.narrow(1, from: 0, count: headCount),
      queryAndKey.narrow(1, from: headCount, count: keyValueHeadCount), value
    )
  }

  /// The same with a product for each, so that each weight gathers its gradient.
  private func projectedByParts(
    _ input: Tensor, _ pass: ForwardPass
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    var query = heads(projections.parts[0](input), headCount, pass)
    var key = heads(projections.parts[1](input), keyValueHeadCount, pass)
    let value = heads(projections.parts[2](input), keyValueHeadCount, pass)
    if let queryNorm, let keyNorm { (query, key) = (queryNorm(query), keyNorm(key)) }
    return (turned(query, pass), turned(key, pass), value)
  }

  /// `[batch, length, count * width]` to `[batch, count, length, width]`.
  private func heads(_ tensor: Tensor, _ count: Int, _ pass: ForwardPass) -> Tensor {
    tensor.reshaped([pass.batch, pass.length, count, headWidth]).transposed(1, 2)
  }

  private func turned(_ tensor: Tensor, _ pass: ForwardPass) -> Tensor {
    tensor.rotated(cos: pass.rotation.cos, sin: pass.rotation.sin)
  }
}
