import Torch

/// A pre-norm transformer layer, `model.layers.N` in checkpoints.
struct DecoderLayer {
  /// `input_layernorm`.
  private let attentionNorm: RMSNorm
  /// `self_attn`.
  private let attention: Attention
  /// `post_attention_layernorm`.
  private let mlpNorm: RMSNorm
  /// `mlp`.
  private let mlp: MLP

  init(_ configuration: ModelConfiguration, in place: ParameterPlace) {
    let norm = {
      RMSNorm(configuration.hiddenSize, epsilon: configuration.rmsNormEpsilon, in: place)
    }
    attentionNorm = norm()
    attention = Attention(configuration, in: place)
    mlpNorm = norm()
    mlp = MLP(configuration, in: place)
  }

  func parameters(_ name: String) -> [Parameter] {
    attention.parameters("\(name).self_attn") + mlp.parameters("\(name).mlp")
      + attentionNorm.parameters("\(name).input_layernorm")
      + mlpNorm.parameters("\(name).post_attention_layernorm")
  }

  func linears(_ name: String) -> [NamedLinear] {
    attention.linears("\(name).self_attn") + mlp.linears("\(name).mlp")
  }

  /// Adds adapters' updates to copies of the weights, or gives the copies up.
  func setMerged(_ isMerged: Bool) {
    attention.setMerged(isMerged)
    mlp.setMerged(isMerged)
  }

  /// - Parameter input: the residual stream, `[batch, length, hidden]`; the result has its shape.
  func callAsFunction(_ input: Tensor, index: Int, pass: ForwardPass) -> Tensor {
    let attended = input + attention(attentionNorm(input), layer: index, pass: pass)
    return attended + mlp(mlpNorm(attended), pass: pass)
  }
}
