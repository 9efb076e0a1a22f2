/// How a method turns the rewards of whole groups into advantages.
public protocol AdvantageEstimator: Sendable {
  /// The optional columns of the batch that `advantages` reads.
  var columns: Set<BatchColumn> { get }
  /// The advantages of all rows. They are computed once per rollout batch, before rows are split into
  /// optimiser steps and micro-batches, and never again.
  func advantages(of rewards: [Double], in batch: GroupBatch) -> Advantages
  /// Refuses settings that lack something.
  ///
  /// - Throws: `SettingError` naming the key.
  func validate() throws
}

extension AdvantageEstimator {
  /// Accepts every setting.
  public func validate() throws {}
}

/// What multiplies the ratio in the loss; no gradient flows through it.
public struct Advantages: Sendable, Equatable {
  /// `[B]` one value a row.
  public var rows: [Double]
  /// `[B][length]` a value for each counted token, where a method tells tokens apart; it then replaces
  /// `rows` in the loss.
  public var tokens: [[Double]]?
  /// `[B]` the weight of a row's loss, 1 where nil; 0 takes a row out of the loss but not out of the
  /// denominators.
  public var rowWeights: [Double]?
  /// `[B]` row weights without the random part of `rowWeights`, where the gradient is to be measured that
  /// they would give; nil for no measurement.
  public var auditWeights: [Double]?
  /// What the estimator measured.
  public var metrics: Metrics

  /// Advantages with one value a row, unless `tokens` says more.
  public init(
    _ rows: [Double], tokens: [[Double]]? = nil, rowWeights: [Double]? = nil,
    metrics: Metrics = [:]
  ) {
    self.rows = rows
    self.tokens = tokens
    self.rowWeights = rowWeights
    self.metrics = metrics
  }

  /// The advantages with `auditWeights` in place of `rowWeights`; nil where nothing is to be measured.
  public var audited: Advantages? {
    guard let auditWeights else { return nil }
    return Advantages(rows, tokens: tokens, rowWeights: auditWeights)
  }
}
