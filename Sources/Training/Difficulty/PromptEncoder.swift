import Torch

/// Turns prompts into vectors from which their difficulty is estimated. DEPO's own is a BERT-family text
/// encoder.
protocol PromptEncoder: AnyObject {
  /// The width of a vector.
  var width: Int { get }
  /// The trainable weights.
  var parameters: [(name: String, tensor: Tensor)] { get }
  /// `[N, width]`, with gradient: the vectors of prompts given by their tokens.
  func encode(_ prompts: [[Int]]) -> Tensor
}

/// The mean of trainable vectors of a prompt's tokens: small enough to be trained from nothing beside the
/// policy, with the policy's own tokenizer.
final class TokenMeanEncoder: PromptEncoder {
  let width: Int
  /// `[vocabulary, width]`.
  private let embedding: Tensor

  /// DEPO reads so many tokens of a prompt (arXiv 2602.06375).
  private static let maximumTokens = 512
  /// The deviation of initial weights, as in the authors' head.
  private static let initialDeviation = 0.02

  init(vocabulary: Int, width: Int, generator: RandomGenerator) {
    self.width = width
    embedding = (generator.normal([vocabulary, width]) * Self.initialDeviation).detached()
    embedding.requiresGradient = true
  }

  var parameters: [(name: String, tensor: Tensor)] { [("encoder.embedding", embedding)] }

  func encode(_ prompts: [[Int]]) -> Tensor {
    let prompts = prompts.map { $0.prefix(Self.maximumTokens) }
    let length = max(1, prompts.map(\.count).max() ?? 1)
    let ids = prompts.flatMap { Array($0) + [Int](repeating: 0, count: length - $0.count) }
    let counts = prompts.map { 1 / Double(max($0.count, 1)) }
    let weights = zip(prompts, counts).flatMap { prompt, weight in
      (0..<length).map { $0 < prompt.count ? Float(weight) : 0 }
    }
    let vectors = embedding.embedding(
      Tensor(ids, shape: [prompts.count, length], on: embedding.device))
    let shares = Tensor(weights, on: embedding.device).reshaped([prompts.count, length, 1])
    return (vectors * shares).sum(1)
  }
}
