import Torch

/// The preference model of WS-GRPO: a frozen encoder and a trained head, which together say which of
/// two partial solutions of a question is the better one.
public struct PreferenceModel {
  /// The frozen encoder.
  public let encoder: any PrefixEncoder
  /// The trained head, on the encoder's device.
  public let head: PreferenceHead

  /// Ordered pairs that the head compares at once; bounds the memory of its hidden layer.
  static let pairsPerCall = 4096

  /// A model of parts that fit each other.
  ///
  /// - Throws: `PreferenceError.headNeedsSeparateFeatures` for `bradley-terry` on an encoder that
  ///   reads pairs.
  public init(encoder: any PrefixEncoder, head: PreferenceHead) throws {
    try Self.check(head.kind, fits: encoder)
    self.encoder = encoder
    self.head = head
  }

  static func check(_ kind: PreferenceHead.Kind, fits encoder: any PrefixEncoder) throws {
    guard kind != .bradleyTerry || encoder.identity.arrangement == .separate else {
      throw PreferenceError.headNeedsSeparateFeatures(
        head: kind.rawValue, encoder: encoder.identity.kind)
    }
  }

  /// Scores every prefix of every rollout against the one before it, with one forward pass of a
  /// causal encoder per rollout, batched by its token budget.
  ///
  /// - Parameter orders: which judgements are wanted. An encoder that reads pairs at once reads every
  ///   pair in each of them.
  /// - Returns: one entry per rollout, in order. How rollouts are batched changes scores by rounding
  ///   only.
  /// - Throws: `PreferenceError.notFinite` when the encoder or head gives NaN or an infinity, and
  ///   what the encoder throws.
  public func score(
    _ rollouts: [RolloutSteps], orders: Set<PairOrder> = .both
  ) throws -> [PrefixScores] {
    try withoutGradients {
      let encoded = try encoder.encode(rollouts, prefixes: .everyStep)
      var next = 0
      let prefixes = rollouts.map { rollout in
        let first = next
        next += PrefixSelection.everyStep.count(rollout)
        return first..<first + rollout.stepCount
      }
      return try scores(of: encoded, prefixes: prefixes, orders: orders)
    }
  }
}

extension PreferenceModel {
  /// The scores of rollouts whose prefixes s_1:1 ... s_1:n have the given numbers.
  func scores(
    of encoded: any EncodedPrefixes, prefixes: [Range<Int>], orders: Set<PairOrder> = .both
  ) throws -> [PrefixScores] {
    let old = prefixes.flatMap { $0.dropLast() }
    let new = old.map { $0 + 1 }
    let (oldNew, newOld) = try preferences(of: encoded, old: old, new: new, orders: orders)
    let values =
      head.kind == .bradleyTerry ? try standings(of: encoded).map(sigmoid) : nil
    var next = 0
    return prefixes.map { prefixes in
      let pairs = next..<next + max(prefixes.count, 1) - 1
      next = pairs.upperBound
      return PrefixScores(
        oldNew: oldNew.isEmpty ? [] : Array(oldNew[pairs]),
        newOld: newOld.isEmpty ? [] : Array(newOld[pairs]),
        values: values.map { Array($0[prefixes]) })
    }
  }

  /// P(old, new) and P(new, old) of pairs of encoded prefixes; none in an order that is not wanted.
  func preferences(
    of encoded: any EncodedPrefixes, old: [Int], new: [Int], orders: Set<PairOrder> = .both
  ) throws -> (oldNew: [Double], newOld: [Double]) {
    if head.kind.isAntisymmetric {
      if orders.isEmpty { return ([], []) }
      let oldNew = try logits(of: encoded, first: old, second: new).map(sigmoid)
      return (
        orders.contains(.oldNew) ? oldNew : [],
        orders.contains(.newOld) ? oldNew.map { 1 - $0 } : []
      )
    }
    func judged(_ order: PairOrder, _ first: [Int], _ second: [Int]) throws -> [Double] {
      guard orders.contains(order) else { return [] }
      return try logits(of: encoded, first: first, second: second).map(sigmoid)
    }
    return (try judged(.oldNew, old, new), try judged(.newOld, new, old))
  }

  /// z(A,B) of ordered pairs of encoded prefixes.
  func logits(of encoded: any EncodedPrefixes, first: [Int], second: [Int]) throws -> [Double] {
    var logits: [Double] = []
    for start in stride(from: 0, to: first.count, by: Self.pairsPerCall) {
      let range = start..<min(start + Self.pairsPerCall, first.count)
      let features = try encoded.pairs(
        first: Array(first[range]), second: Array(second[range]),
        bothOrders: head.kind.isAntisymmetric)
      logits += head.logits(features.scaled(head.scaling)).doubles
    }
    try Self.requireFinite(logits, "a preference")
    return logits
  }

  /// What every encoded prefix is worth as a logit: g(h) with the head `bradley-terry`, otherwise
  /// half of z(h, r) - z(r, h), with r the mean of the training features or, without scaling, of the
  /// encoded prefixes. Empty for an encoder that reads pairs at once.
  func standings(of encoded: any EncodedPrefixes) throws -> [Double] {
    guard let vectors = encoded.separate else { return [] }
    let mean = head.scaling?.mean ?? vectors.mean(0)
    var standings: [Double] = []
    for start in stride(from: 0, to: encoded.count, by: Self.pairsPerCall) {
      let part = vectors.narrow(
        0, from: start, count: min(Self.pairsPerCall, encoded.count - start))
      let pairs = PairFeatures.separate(
        first: part, second: mean.unsqueezed(0).expanded(part.shape)
      ).scaled(head.scaling)
      guard case .separate(let features, _) = pairs else { continue }
      let logits =
        head.kind == .bradleyTerry
        ? head.values(features)
        : (head.logits(pairs) - head.logits(pairs.reversed)) * 0.5
      standings += logits.doubles
    }
    try Self.requireFinite(standings, "a prefix value")
    return standings
  }

  private static func requireFinite(_ values: [Double], _ what: String) throws {
    guard values.allSatisfy(\.isFinite) else { throw PreferenceError.notFinite(what: what) }
  }
}
