import Foundation
import Models
import Tokenizers
import Torch

/// Turns prompts into vectors from which their difficulty is estimated.
protocol PromptEncoder: AnyObject {
  /// The width of a vector.
  var width: Int { get }
  /// The trainable weights.
  var parameters: [(name: String, tensor: Tensor)] { get }
  /// `[N, width]`, with gradient: the vectors of prompts given by the policy's tokens.
  func encode(_ prompts: [[Int]]) -> Tensor
}

/// DEPO reads so many tokens of a prompt (arXiv 2602.06375).
private let maximumPromptTokens = 512

/// DEPO's own: a pretrained text encoder that is trained on; a prompt's vector is the state of its first
/// token, BERT's CLS.
final class TextPromptEncoder: PromptEncoder {
  private let encoder: TextEncoder
  private let tokenizer: Tokenizer
  private let policyTokenizer: Tokenizer
  private let maximumTokens: Int

  /// - Throws: errors of the folder's model and tokenizer.
  init(folder: URL, policyTokenizer: Tokenizer, device: Device) throws {
    let text = try LoadedTextEncoder(folder: folder, device: device)
    encoder = text.encoder
    encoder.trainable = true
    tokenizer = text.tokenizer
    self.policyTokenizer = policyTokenizer
    maximumTokens = min(
      maximumPromptTokens, encoder.configuration.maximumLength ?? maximumPromptTokens)
  }

  var width: Int { encoder.configuration.hiddenSize }

  var parameters: [(name: String, tensor: Tensor)] {
    encoder.parameters.map { ("encoder.\($0.name)", $0.tensor) }
  }

  func encode(_ prompts: [[Int]]) -> Tensor {
    encoder.hiddenStates(prompts.map(row)).select(1, 0).to(.float32)
  }

  /// A prompt in the encoder's tokens; where it is too long, its end gives way and the last token, which
  /// closes a text, stays.
  private func row(_ prompt: [Int]) -> [Int] {
    let ids = tokenizer.encode(policyTokenizer.decode(prompt))
    // A text without any token still needs a state; the first token of the vocabulary pads.
    if ids.isEmpty { return [0] }
    return ids.count <= maximumTokens
      ? ids : Array(ids.prefix(maximumTokens - 1)) + ids.suffix(1)
  }
}

/// The mean of trainable vectors of a prompt's tokens: small enough to be trained from nothing beside the
/// policy, with the policy's own tokenizer.
final class TokenMeanEncoder: PromptEncoder {
  let width: Int
  /// `[vocabulary, width]`.
  private let embedding: Tensor

  /// The deviation of initial weights, as in the authors' head.
  private static let initialDeviation = 0.02

  init(vocabulary: Int, width: Int, generator: RandomGenerator) {
    self.width = width
    embedding = (generator.normal([vocabulary, width]) * Self.initialDeviation).detached()
    embedding.requiresGradient = true
  }

  var parameters: [(name: String, tensor: Tensor)] { [("encoder.embedding", embedding)] }

  func encode(_ prompts: [[Int]]) -> Tensor {
    let prompts = prompts.map { $0.prefix(maximumPromptTokens) }
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
