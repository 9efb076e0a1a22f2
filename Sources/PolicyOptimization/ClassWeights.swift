/// Rows of a group as positives and negatives, as the advantages of discriminative objectives: +w_i for
/// positives, -1/|N| for negatives, 0 for every row of a group that lacks one of them.
///
/// A row is positive if its reward is exactly 1 and negative if it is exactly 0; with any other reward,
/// and without a single token, it belongs to neither class.
public struct ClassWeights: AdvantageEstimator {
  /// What sets the w_i of a group's positives apart; nil for 1/|P|.
  public let brevity: Brevity?

  /// Weights.
  public init(brevity: Brevity? = nil) { self.brevity = brevity }

  /// None.
  public var columns: Set<BatchColumn> { [] }

  /// One value a row.
  public func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages {
    var weights = [Double](repeating: 0, count: batch.rowCount)
    for group in batch.groups {
      let rows = group.rows.filter { batch.lengths[$0] > 0 }
      let positives = rows.filter { rewards[$0] == 1 }
      let negatives = rows.filter { rewards[$0] == 0 }
      guard !positives.isEmpty, !negatives.isEmpty else { continue }
      let shares =
        brevity?.shares(lengths: positives.map { batch.lengths[$0] }, of: batch)
        ?? positives.map { _ in 1 / Double(positives.count) }
      for (row, share) in zip(positives, shares) { weights[row] = share }
      for row in negatives { weights[row] = -1 / Double(negatives.count) }
    }
    return Advantages(weights)
  }
}

/// A group by class.
public struct ClassifiedGroup: Sendable, Equatable {
  /// The prompt.
  public let id: Int
  /// All its rows, those of no class included.
  public let rows: [Int]
  /// The rows of P.
  public let positives: [Int]
  /// w_i of each positive; they add up to 1.
  public let positiveWeights: [Double]
  /// The rows of N.
  public let negatives: [Int]

  /// Whether both classes are there; the advantages of `ClassWeights` are 0 otherwise.
  public var isMixed: Bool { !positives.isEmpty && !negatives.isEmpty }

  /// The rows of `group` by the sign of their weights `[b]`.
  public init(_ group: Group, weights: [Double]) {
    id = group.id
    rows = group.rows
    positives = rows.filter { weights[$0] > 0 }
    positiveWeights = positives.map { weights[$0] }
    negatives = rows.filter { weights[$0] < 0 }
  }
}
