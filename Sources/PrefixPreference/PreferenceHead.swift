import Settings
import Torch

/// The trainable part of the preference model: a multi-layer perceptron with one hidden layer on
/// frozen features.
public struct PreferenceHead {
  /// How the head compares two prefixes (WS-GRPO; f and g are `z = w2 . relu(W1 x + b1) + b2`).
  public enum Kind: String, SettingChoice, Codable {
    /// P(A,B) = sigmoid(f([h_A ; h_B])): the paper's classifier on features of two prefixes.
    case pairwise
    /// P(A,B) = sigmoid((f([h_A ; h_B]) - f([h_B ; h_A])) / 2), so that P(A,B) + P(B,A) = 1.
    case antisymmetric
    /// P(A,B) = sigmoid(g(h_A) - g(h_B)), which also gives every prefix a value sigmoid(g(h)).
    case bradleyTerry = "bradley-terry"

    /// Whether P(A,B) + P(B,A) = 1 holds by construction.
    public var isAntisymmetric: Bool { self != .pairwise }
  }

  /// How two prefixes are compared.
  public let kind: Kind
  /// W1 `[hidden, input]`.
  public let firstWeight: Tensor
  /// b1 `[hidden]`.
  public let firstBias: Tensor
  /// w2 `[1, hidden]`.
  public let secondWeight: Tensor
  /// b2 `[1]`.
  public let secondBias: Tensor
  /// What features are standardised with before the head reads them; nil: they are read as they are.
  public var scaling: FeatureScaling?

  /// A head with given weights.
  public init(
    kind: Kind, firstWeight: Tensor, firstBias: Tensor, secondWeight: Tensor,
    secondBias: Tensor, scaling: FeatureScaling? = nil
  ) {
    self.kind = kind
    self.firstWeight = firstWeight
    self.firstBias = firstBias
    self.secondWeight = secondWeight
    self.secondBias = secondBias
    self.scaling = scaling
  }

  /// A head with random weights: all uniform in ±1/sqrt(inputs of the layer), PyTorch's default for
  /// linear layers.
  ///
  /// - Parameters:
  ///   - width: the width of a feature vector.
  ///   - arrangement: what a feature vector describes. `joint` excludes `bradley-terry`.
  ///   - hidden: the width of the hidden layer.
  public init(
    kind: Kind, width: Int, arrangement: FeatureArrangement, hidden: Int,
    generator: RandomGenerator
  ) {
    precondition(
      kind != .bradleyTerry || arrangement == .separate,
      "a Bradley-Terry head compares features of separate prefixes")
    let input = Self.inputWidth(kind, width: width, arrangement: arrangement)
    func uniform(_ shape: [Int], inputs: Int) -> Tensor {
      (generator.uniform(shape) * 2 - 1) * (1 / Double(inputs).squareRoot())
    }
    self.init(
      kind: kind, firstWeight: uniform([hidden, input], inputs: input),
      firstBias: uniform([hidden], inputs: input),
      secondWeight: uniform([1, hidden], inputs: hidden),
      secondBias: uniform([1], inputs: hidden))
  }

  /// The number of inputs of the first layer.
  static func inputWidth(_ kind: Kind, width: Int, arrangement: FeatureArrangement) -> Int {
    arrangement == .separate && kind != .bradleyTerry ? 2 * width : width
  }

  /// The weights under the names they are saved with.
  public var parameters: [(name: String, tensor: Tensor)] {
    [
      ("mlp.0.weight", firstWeight), ("mlp.0.bias", firstBias), ("mlp.2.weight", secondWeight),
      ("mlp.2.bias", secondBias),
    ]
  }

  /// z(A,B) of n ordered pairs, `[n]`: P(A,B) = sigmoid(z) is the probability that A is preferred.
  ///
  /// - Parameters:
  ///   - features: already standardised.
  ///   - dropout: applied to the hidden layer while training.
  public func logits(_ features: PairFeatures, dropout: Dropout? = nil) -> Tensor {
    switch (kind, features) {
    case (.pairwise, .separate(let a, let b)):
      scalar(.concatenated([a, b], dim: 1), dropout)
    case (.pairwise, .joint(let ordered, _)):
      scalar(ordered, dropout)
    case (.antisymmetric, .separate(let a, let b)):
      (scalar(.concatenated([a, b], dim: 1), dropout)
        - scalar(.concatenated([b, a], dim: 1), dropout)) * 0.5
    case (.antisymmetric, .joint(let ordered, let reversed)):
      (scalar(ordered, dropout) - scalar(PairFeatures.read(reversed), dropout)) * 0.5
    case (.bradleyTerry, .separate(let a, let b)):
      scalar(a, dropout) - scalar(b, dropout)
    case (.bradleyTerry, .joint):
      preconditionFailure("a Bradley-Terry head compares features of separate prefixes")
    }
  }

  /// g(h) of n prefixes, `[n]`; for the head `bradley-terry`.
  public func values(_ features: Tensor) -> Tensor {
    precondition(kind == .bradleyTerry, "only a Bradley-Terry head values a prefix by itself")
    return scalar(features, nil)
  }

  private func scalar(_ input: Tensor, _ dropout: Dropout?) -> Tensor {
    var hidden = input.linear(firstWeight, bias: firstBias).relu()
    if let dropout { hidden = dropout(hidden) }
    return hidden.linear(secondWeight, bias: secondBias).squeezed(1)
  }

  /// The mean over n pairs of softplus(-z(winner, loser)) + softplus(z(loser, winner)): binary
  /// cross-entropy in both orders (WS-GRPO, phase I). Both inputs are `[n]`.
  public static func loss(winnerFirst: Tensor, loserFirst: Tensor) -> Tensor {
    ((-winnerFirst).softplus() + loserFirst.softplus()).mean()
  }
}

extension PairFeatures {
  /// The same pairs in the other order.
  var reversed: PairFeatures {
    switch self {
    case .separate(let first, let second): .separate(first: second, second: first)
    case .joint(let ordered, let reversed):
      .joint(ordered: Self.read(reversed), reversed: ordered)
    }
  }

  /// The vectors of the other order. It is the caller's error when they were not read.
  static func read(_ reversed: Tensor?) -> Tensor {
    guard let reversed else { preconditionFailure("the pairs were read in one order only") }
    return reversed
  }

  /// The features standardised.
  func scaled(_ scaling: FeatureScaling?) -> PairFeatures {
    guard let scaling else { return self }
    return switch self {
    case .separate(let first, let second):
      .separate(first: scaling(first), second: scaling(second))
    case .joint(let ordered, let reversed):
      .joint(ordered: scaling(ordered), reversed: reversed.map { scaling($0) })
    }
  }
}

/// Standardisation of features by the training features' mean and deviation, dimension by dimension.
/// [R]: the paper feeds the encoder's output to the head as it is. Hidden states of language models
/// have a few dimensions that are larger by orders of magnitude, which would drown the others.
public struct FeatureScaling {
  /// The mean, `[width]`.
  public let mean: Tensor
  /// The standard deviation (population), `[width]`; 1 where a dimension does not vary.
  public let deviation: Tensor

  /// A scaling with given statistics.
  public init(mean: Tensor, deviation: Tensor) {
    self.mean = mean
    self.deviation = deviation
  }

  /// A dimension whose deviation is below this share of the largest is rounding noise.
  private static let leastDeviation = 1e-6

  /// The statistics of `features` `[n, width]`, gathered in double precision.
  public init(of features: Tensor) {
    let wide = features.to(.float64)
    mean = wide.mean(0).to(features.dtype)
    let deviation = wide.variance(0, correction: 0).sqrt()
    let varies = deviation .> deviation.max() * Self.leastDeviation
    self.deviation = Tensor.where(varies, deviation, deviation * 0 + 1).to(features.dtype)
  }

  func callAsFunction(_ features: Tensor) -> Tensor { (features - mean) / deviation }
}
