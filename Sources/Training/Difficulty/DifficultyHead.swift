import Torch

/// The head of DEPO's estimator (the authors' code):
///
///     y = GELU(LN(W_in x));  twice y <- GELU(y + LN(W2 dropout(GELU(LN(W1 y)))));
///     y = dropout(GELU(LN(W_out y)));  s and d linear in y
struct DifficultyHead {
  /// A linear layer.
  struct Layer {
    /// `[out, in]`.
    let weight: Tensor
    /// `[out]`.
    let bias: Tensor
    func callAsFunction(_ input: Tensor) -> Tensor { input.linear(weight, bias: bias) }
  }

  /// A layer norm.
  struct Norm {
    // PyTorch's default.
    private static let epsilon = 1e-5
    let gain: Tensor
    let bias: Tensor
    func callAsFunction(_ input: Tensor) -> Tensor {
      input.layerNorm(gain, bias: bias, epsilon: Self.epsilon)
    }
  }

  /// A residual block.
  struct Block {
    let first: Layer
    let firstNorm: Norm
    let second: Layer
    let secondNorm: Norm
  }

  let input: Layer
  let inputNorm: Norm
  let blocks: [Block]
  let output: Layer
  let outputNorm: Norm
  let score: Layer
  let distillation: Layer

  /// The logits s and d, `[N]` each.
  ///
  /// - Parameters:
  ///   - features: `[N, width]`.
  ///   - dropout: while training.
  func callAsFunction(
    _ features: Tensor, dropout: (Tensor) -> Tensor = { $0 }
  ) -> (scores: Tensor, distillations: Tensor) {
    var y = inputNorm(input(features)).gelu()
    for block in blocks {
      let inner = dropout(block.firstNorm(block.first(y)).gelu())
      y = (y + block.secondNorm(block.second(inner))).gelu()
    }
    y = dropout(outputNorm(output(y)).gelu())
    return (score(y).squeezed(1), distillation(y).squeezed(1))
  }

  /// All weights by name.
  var parameters: [(name: String, tensor: Tensor)] {
    func named(_ name: String, _ layer: Layer) -> [(String, Tensor)] {
      [("\(name).weight", layer.weight), ("\(name).bias", layer.bias)]
    }
    func named(_ name: String, _ norm: Norm) -> [(String, Tensor)] {
      [("\(name).weight", norm.gain), ("\(name).bias", norm.bias)]
    }
    let inner = blocks.enumerated().flatMap { index, block in
      named("head.blocks.\(index).linear1", block.first)
        + named("head.blocks.\(index).norm1", block.firstNorm)
        + named("head.blocks.\(index).linear2", block.second)
        + named("head.blocks.\(index).norm2", block.secondNorm)
    }
    return named("head.input", input) + named("head.input_norm", inputNorm) + inner
      + named("head.output", output) + named("head.output_norm", outputNorm)
      + named("head.score", score) + named("head.distill", distillation)
  }
}

extension DifficultyHead {
  // The widths, the number of blocks and the initial deviations of the authors' code.
  private static let hiddenWidth = 1024
  private static let outputWidth = 512
  private static let blockCount = 2
  private static let trunkDeviation = 0.02
  private static let outputDeviation = 0.001

  /// A head with random weights for features of `width`.
  init(width: Int, generator: RandomGenerator) {
    func leaf(_ tensor: Tensor) -> Tensor {
      let leaf = tensor.detached()
      leaf.requiresGradient = true
      return leaf
    }
    func layer(_ inputs: Int, _ outputs: Int, deviation: Double = Self.trunkDeviation) -> Layer {
      let weight = generator.normal([outputs, inputs]) * deviation
      return Layer(weight: leaf(weight), bias: leaf(weight.zeros([outputs])))
    }
    func norm(_ width: Int, like layer: Layer) -> Norm {
      Norm(gain: leaf(layer.bias.zeros([width]) + 1), bias: leaf(layer.bias.zeros([width])))
    }
    input = layer(width, Self.hiddenWidth)
    inputNorm = norm(Self.hiddenWidth, like: input)
    blocks = (0..<Self.blockCount).map { _ in
      let first = layer(Self.hiddenWidth, Self.hiddenWidth)
      let second = layer(Self.hiddenWidth, Self.hiddenWidth)
      return Block(
        first: first, firstNorm: norm(Self.hiddenWidth, like: first), second: second,
        secondNorm: norm(Self.hiddenWidth, like: second))
    }
    output = layer(Self.hiddenWidth, Self.outputWidth)
    outputNorm = norm(Self.outputWidth, like: output)
    score = layer(Self.outputWidth, 1, deviation: Self.outputDeviation)
    distillation = layer(Self.outputWidth, 1, deviation: Self.outputDeviation)
  }
}
