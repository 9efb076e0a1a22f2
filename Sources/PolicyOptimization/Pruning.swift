/// Drops members of a list by their scores and weights the others.
public struct Pruning: Sendable, Equatable {
  /// The share that is dropped of the members that may be, below 1.
  public let rate: Double
  /// Which members those are.
  public let mode: PruningMode

  /// A score below the mean by less is a tie broken by rounding.
  private static let tie = 1e-6
  /// Keeps `floor` from losing a whole number to rounding.
  private static let floorSlack = 1e-9

  /// A pruning.
  public init(rate: Double, mode: PruningMode) {
    precondition(0 <= rate && rate < 1, "a rate of \(rate) leaves no survivor")
    self.rate = rate
    self.mode = mode
  }

  /// The places of members that may be dropped: D = { score < mean of the scores }, or all that have a
  /// score where nothing is drawn. A member without a score never is.
  public func prunable(_ scores: [Double?]) -> [Int] {
    let seen = scores.compactMap(\.self)
    guard !seen.isEmpty else { return [] }
    let mean = seen.reduce(0, +) / Double(seen.count)
    return scores.indices.filter { place in
      guard let score = scores[place] else { return false }
      return mode == .bottomK || score < mean - Self.tie
    }
  }

  /// k = floor(rate n): how many of `count` prunable members are dropped.
  public func dropCount(of count: Int) -> Int {
    Int((rate * Double(count) + Self.floorSlack).rounded(.down))
  }

  /// The weight of every member: 0 for the dropped ones.
  ///
  /// - unbiased: k members of D, those with the smallest draws, are dropped, which makes every set of k
  ///   equally likely; survivors of D weigh |D| / (|D| - k) = 1/(1-P), all others 1.
  /// - bottom-k: the k lowest scores, lower places first, are dropped; all others weigh 1. Biased.
  ///
  /// - Parameter draws: independent numbers in [0, 1).
  public func weights(scores: [Double?], draws: [Double]) -> [Double] {
    precondition(scores.count == draws.count, "every score needs a draw")
    let prunable = prunable(scores)
    let count = dropCount(of: prunable.count)
    var weights = scores.map { _ in 1.0 }
    guard count > 0 else { return weights }
    let order = prunable.sorted { left, right in
      let keys =
        mode == .bottomK
        ? (scores[left] ?? 0, scores[right] ?? 0) : (draws[left], draws[right])
      return (keys.0, left) < (keys.1, right)
    }
    let survivorWeight =
      mode == .bottomK ? 1 : Double(prunable.count) / Double(prunable.count - count)
    for place in order.dropFirst(count) { weights[place] = survivorWeight }
    for place in order.prefix(count) { weights[place] = 0 }
    return weights
  }
}
