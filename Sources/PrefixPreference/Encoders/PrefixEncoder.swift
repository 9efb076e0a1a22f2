import Settings
import Torch

/// A frozen encoder of questions and partial solutions, whose features the preference head compares.
///
/// An encoder either reads every prefix by itself (the causal prefix encoder: one vector per prefix,
/// all prefixes of a rollout from one pass), or a question with two prefixes at once through a
/// template (the paper's classifier: one vector per ordered pair). Both answer the same call, so that
/// training, scoring and measuring do not know which it is.
public protocol PrefixEncoder {
  /// What fixes its features; a head is of no use with another encoder's.
  var identity: EncoderIdentity { get }
  /// Where its features lie, and where the head works.
  var device: Device { get }

  /// Encodes prefixes of `rollouts`, numbered rollout by rollout in the order of the steps.
  ///
  /// What is selected does not change a prefix's features.
  ///
  /// - Parameter prefixes: for each rollout which of its prefixes.
  func encode(
    _ rollouts: [RolloutSteps], prefixes: [PrefixSelection]
  ) throws -> any EncodedPrefixes
  /// Keeps the features read so far for further runs, where the encoder has a place for them.
  func saveFeatures() throws
}

extension PrefixEncoder {
  /// Encodes the same prefixes of all rollouts.
  public func encode(
    _ rollouts: [RolloutSteps], prefixes: PrefixSelection
  ) throws -> any EncodedPrefixes {
    try encode(rollouts, prefixes: Array(repeating: prefixes, count: rollouts.count))
  }

  /// Keeps nothing.
  public func saveFeatures() throws {}
}

/// Which prefixes of a rollout are to be encoded.
public enum PrefixSelection: Sendable {
  /// s_1:t for every step t, the last of them the whole solution.
  case everyStep
  /// The whole solution alone.
  case completeSolution

  /// The number of prefixes of a rollout: never 0, because a rollout without steps counts as its
  /// prompt alone.
  public func count(_ rollout: RolloutSteps) -> Int {
    switch self {
    case .everyStep: max(1, rollout.stepCount)
    case .completeSolution: 1
    }
  }

  /// The positions of the prefixes' last tokens in prompt and completion together.
  func lastTokens(_ rollout: RolloutSteps) -> [Int] {
    let ends =
      rollout.lastTokenOfStep.isEmpty
      ? [rollout.promptIDs.count - 1]
      : rollout.lastTokenOfStep.map { rollout.promptIDs.count + $0 }
    return switch self {
    case .everyStep: ends
    case .completeSolution: ends.suffix(1)
    }
  }
}

/// What fixes an encoder's features.
public struct EncoderIdentity: Sendable, Codable, Hashable {
  /// The kind of encoder, as `causal`.
  public let kind: String
  /// Whether one vector describes a prefix or an ordered pair of prefixes.
  public let arrangement: FeatureArrangement
  /// The width of a feature vector.
  public let width: Int
  /// What else the features depend on, as the layer, in the keys' own names.
  public let options: [String: String]
  /// A hash of the encoder's configuration and weights in hexadecimal.
  public let fingerprint: String

  /// An encoder of `kind`.
  public init(
    kind: String, arrangement: FeatureArrangement, width: Int, options: [String: String],
    fingerprint: String
  ) {
    self.kind = kind
    self.arrangement = arrangement
    self.width = width
    self.options = options
    self.fingerprint = fingerprint
  }

  /// What makes this encoder another than `other`; nil when nothing does.
  func difference(from other: EncoderIdentity) -> String? {
    func says(_ what: String, _ found: some Equatable, _ expected: some Equatable) -> String {
      "\(what) is \(found), expected \(expected)"
    }
    if kind != other.kind { return says("the kind", kind, other.kind) }
    if arrangement != other.arrangement {
      return says("the arrangement", arrangement.rawValue, other.arrangement.rawValue)
    }
    if width != other.width { return says("the feature width", width, other.width) }
    for name in Set(options.keys).union(other.options.keys).sorted()
    where options[name] != other.options[name] {
      return says(name, options[name] ?? "none", other.options[name] ?? "none")
    }
    return fingerprint == other.fingerprint
      ? nil : says("the fingerprint of its weights", fingerprint, other.fingerprint)
  }
}

/// What a feature vector describes.
public enum FeatureArrangement: String, SettingChoice, Codable {
  /// One prefix.
  case separate
  /// An ordered pair of prefixes, read at once.
  case joint
}

/// Prefixes that an encoder has read, numbered as they were given.
public protocol EncodedPrefixes {
  /// The number of prefixes.
  var count: Int { get }
  /// What the head reads for the ordered pairs (first[i], second[i]).
  ///
  /// - Parameter bothOrders: whether an encoder that reads pairs at once is to read (second[i], first[i])
  ///   too.
  func pairs(first: [Int], second: [Int], bothOrders: Bool) throws -> PairFeatures
  /// One vector per prefix, `[count, width]`; nil when the encoder reads pairs at once.
  var separate: Tensor? { get }
}

/// The head's input for n ordered pairs of prefixes (A, B). All tensors are `[n, width]`.
public enum PairFeatures {
  /// h_A and h_B.
  case separate(first: Tensor, second: Tensor)
  /// The encoder's vector of (A, B), and of (B, A) where both orders were read.
  case joint(ordered: Tensor, reversed: Tensor?)
}

/// Prefixes with one feature vector each.
public struct SeparateFeatures: EncodedPrefixes {
  /// `[count, width]`, single precision.
  public let vectors: Tensor

  /// Features of `vectors.size(0)` prefixes.
  public init(_ vectors: Tensor) { self.vectors = vectors }

  /// The number of prefixes.
  public var count: Int { vectors.size(0) }
  /// The vectors.
  public var separate: Tensor? { vectors }
  /// The vectors of the pairs' two sides.
  public func pairs(first: [Int], second: [Int], bothOrders: Bool) -> PairFeatures {
    .separate(
      first: vectors.indexSelect(0, Tensor(first, on: vectors.device)),
      second: vectors.indexSelect(0, Tensor(second, on: vectors.device)))
  }
}
