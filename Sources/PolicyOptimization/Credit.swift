import Torch

/// What a step's rollouts earned: the result of a method's host-side stages, computed once per rollout
/// batch.
public struct Credit: Sendable {
  /// `[B]` the prompt of each row.
  public let groupIDs: [Int]
  /// `[B]` after shaping.
  public let rewards: [Double]
  /// What multiplies the ratio.
  public let advantages: Advantages
  /// `[B]` rows that the policy did not sample; nil where it sampled all.
  public var offPolicy: [Bool]? = nil
  /// Measurements of rewards and advantages.
  public let metrics: Metrics

  /// The same with the advantages' `auditWeights`; nil where nothing is to be measured.
  public var audited: Credit? {
    advantages.audited.map {
      Credit(groupIDs: groupIDs, rewards: rewards, advantages: $0, metrics: [:])
    }
  }

  /// `[b, 1]`, or `[b, T]` where tokens differ: the advantages of `rows`, laid onto their mask
  /// `[b, T]`, wherever its padding lies.
  ///
  /// - Throws: `TorchError` when the mask's device has no memory left.
  public func advantages(rows: [Int], mask: Tensor, dtype: DType) throws -> Tensor {
    guard let tokens = advantages.tokens else {
      return try column(rows.map { advantages.rows[$0] }, like: mask, dtype: dtype)
    }
    return try Self.laid(rows.map { tokens[$0] }, onto: mask, dtype: dtype)
  }

  /// The loss's inputs for `rows` of the batch, in this order.
  ///
  /// - Parameters: each `[b, T]`, as in `LossInputs`.
  /// - Throws: `TorchError` when the device has no memory left.
  public func lossInputs(
    rows: [Int], logProbabilities: Tensor, oldLogProbabilities: Tensor,
    referenceLogProbabilities: Tensor?, mask: Tensor
  ) throws -> LossInputs {
    let dtype = logProbabilities.dtype
    return LossInputs(
      logProbabilities: logProbabilities, oldLogProbabilities: oldLogProbabilities,
      referenceLogProbabilities: referenceLogProbabilities, mask: mask,
      advantages: try advantages(rows: rows, mask: mask, dtype: dtype),
      rowWeights: try advantages.rowWeights.map { weights in
        try column(rows.map { weights[$0] }, like: mask, dtype: dtype)
      },
      offPolicy: try offPolicy.map { marks in
        try column(rows.map { marks[$0] ? 1 : 0 }, like: mask, dtype: .bool)
      },
      groupIDs: rows.map { groupIDs[$0] }, rewards: rows.map { rewards[$0] })
  }

  private func column(_ values: [Double], like mask: Tensor, dtype: DType) throws -> Tensor {
    try Tensor(values, shape: [values.count, 1]).to(dtype).to(mask.device)
  }

  /// `[b, T]`: the k-th value of a row at the row's k-th counted position, 0 elsewhere.
  static func laid(_ values: [[Double]], onto mask: Tensor, dtype: DType) throws -> Tensor {
    let width = max(1, values.map(\.count).max() ?? 1)
    let padded = try Tensor(
      rows: values.map { $0 + [Double](repeating: 0, count: width - $0.count) }
    ).to(dtype).to(mask.device)
    let position = (mask.to(.float32).cumulativeSum(1) - 1).clamped(min: 0, max: Double(width - 1))
    return padded.gather(1, position.to(.int64)).maskedFill(mask.logicalNot(), 0)
  }
}
