import Settings
import Torch

/// How a score of two prefixes becomes the probability that the first is better. The prefixes are the
/// hidden states of a frozen causal language model at their last tokens.
///
/// The functions are pure and differentiable; `score` is any network `[n, inputs] -> [n]`, such as
/// `ScoreNetwork`. Under `antisymmetric` and `bradleyTerry` P(A, B) + P(B, A) = 1 and P(A, A) = 1/2.
public enum PrefixHead: String, SettingChoice {
  /// z = f([h_A; h_B]).
  case pairwise
  /// z = (f([h_A; h_B]) - f([h_B; h_A])) / 2.
  case antisymmetric
  /// z = g(h_A) - g(h_B) (Bradley and Terry 1952); also gives every prefix a value.
  case bradleyTerry = "bradley-terry"

  /// The width of the network's input for features of a width.
  public func inputWidth(featureWidth: Int) -> Int {
    self == .bradleyTerry ? featureWidth : 2 * featureWidth
  }

  /// `[n]` z, of which P(first, second) = sigmoid(z).
  ///
  /// - Parameters: features `[n, width]`.
  public func logits(first: Tensor, second: Tensor, score: (Tensor) -> Tensor) -> Tensor {
    func joined(_ left: Tensor, _ right: Tensor) -> Tensor {
      score(Tensor.concatenated([left, right], dim: -1))
    }
    switch self {
    case .pairwise: return joined(first, second)
    case .antisymmetric: return (joined(first, second) - joined(second, first)) * 0.5
    case .bradleyTerry: return score(first) - score(second)
    }
  }

  /// The judgements of a rollout's successive prefixes: `[n - 1]` P(q, s_1:t-1, s_1:t) and
  /// P(q, s_1:t, s_1:t-1) for t = 2 ... n.
  ///
  /// - Parameter features: `[n, width]`, of the prefix of t steps at entry t - 1; n >= 1.
  public func successivePreferences(
    _ features: Tensor, score: (Tensor) -> Tensor
  ) -> (oldOverNew: Tensor, newOverOld: Tensor) {
    let pairs = features.size(0) - 1
    let old = features.narrow(0, from: 0, count: pairs)
    let new = features.narrow(0, from: 1, count: pairs)
    return (
      logits(first: old, second: new, score: score).sigmoid(),
      logits(first: new, second: old, score: score).sigmoid()
    )
  }

  /// `[n]` the value sigmoid(g(h_t)) of every prefix, in (0, 1); nil for heads that only compare.
  public func prefixValues(_ features: Tensor, score: (Tensor) -> Tensor) -> Tensor? {
    self == .bradleyTerry ? score(features).sigmoid() : nil
  }
}

/// The classifier's network: w2 · relu(W1 x + b1) + b2 (arXiv 2602.17025, appendix; ReLU is a
/// reconstruction).
public struct ScoreNetwork {
  /// W1 `[width, inputs]`.
  public var hiddenWeight: Tensor
  /// b1 `[width]`.
  public var hiddenBias: Tensor
  /// w2 `[width]`.
  public var outputWeight: Tensor
  /// b2, a scalar.
  public var outputBias: Tensor

  /// A network of these weights.
  public init(
    hiddenWeight: Tensor, hiddenBias: Tensor, outputWeight: Tensor, outputBias: Tensor
  ) {
    self.hiddenWeight = hiddenWeight
    self.hiddenBias = hiddenBias
    self.outputWeight = outputWeight
    self.outputBias = outputBias
  }

  /// `[n]` scores of `[n, inputs]`.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    inputs.linear(hiddenWeight, bias: hiddenBias).relu().matmul(outputWeight) + outputBias
  }
}
