import Torch

/// The scalar that an optimiser step minimises, as a function of token log-probabilities alone.
public protocol PolicyLoss: Sendable {
  /// Whether rows contribute independently, given the step's totals. If so, the losses of micro-batches
  /// add up to the step's, and each micro-batch needs one pass. If not, the loss is called once on the
  /// whole step's log-probabilities, and `gradient(at:totals:)` is what flows into the model.
  var isSeparable: Bool { get }
  /// Whether `LossInputs.referenceLogProbabilities` must be there.
  var needsReference: Bool { get }
  /// The contribution of these rows to the step's loss, to be minimised. Traps on inputs that do not
  /// fit each other.
  func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs
}

/// What a loss is computed from; b rows (a micro-batch, or the whole step), T padded width.
///
/// Masked positions may hold anything, infinities included: they influence neither the value nor the
/// gradient, which is exactly 0 there.
public struct LossInputs {
  /// `[b, T]` log-probabilities under the current policy, with gradient, in nats.
  public var logProbabilities: Tensor
  /// `[b, T]` under the policy that sampled, of the distribution that was sampled from.
  public var oldLogProbabilities: Tensor
  /// `[b, T]` under the frozen reference policy.
  public var referenceLogProbabilities: Tensor?
  /// `[b, T]` truth values: completion tokens that count. May have holes and empty rows.
  public var mask: Tensor
  /// `[b, 1]` or `[b, T]`.
  public var advantages: Tensor
  /// `[b, 1]` weight of each row's loss; 1 where nil.
  public var rowWeights: Tensor?
  /// `[b, 1]` truth values: rows that the policy did not sample; nil where it sampled all.
  public var offPolicy: Tensor?
  /// `[b]` the prompt of each row.
  public var groupIDs: [Int]
  /// `[b]` rewards after shaping, for losses that compare rows by reward.
  public var rewards: [Double]

  /// Checks that the shapes fit each other.
  public init(
    logProbabilities: Tensor, oldLogProbabilities: Tensor,
    referenceLogProbabilities: Tensor? = nil, mask: Tensor, advantages: Tensor,
    rowWeights: Tensor? = nil, offPolicy: Tensor? = nil, groupIDs: [Int], rewards: [Double]
  ) {
    let shape = logProbabilities.shape
    precondition(
      shape.count == 2 && oldLogProbabilities.shape == shape && mask.shape == shape
        && (referenceLogProbabilities?.shape ?? shape) == shape,
      "log-probabilities \(shape), old \(oldLogProbabilities.shape), "
        + "reference \(referenceLogProbabilities.map { "\($0.shape)" } ?? "none") and "
        + "mask \(mask.shape) must share one shape [rows, width]")
    precondition(
      advantages.shape == shape || advantages.shape == [shape[0], 1],
      "advantages \(advantages.shape) fit neither \(shape) nor \([shape[0], 1])")
    precondition(
      rowWeights.map { $0.shape == [shape[0], 1] } ?? true, "row weights must be [rows, 1]")
    precondition(
      offPolicy.map { $0.shape == [shape[0], 1] } ?? true, "off-policy marks must be [rows, 1]")
    precondition(mask.dtype == .bool, "the mask must hold truth values, not \(mask.dtype)")
    precondition(
      groupIDs.count == shape[0] && rewards.count == shape[0],
      "every row needs a group id and a reward")
    self.logProbabilities = logProbabilities
    self.oldLogProbabilities = oldLogProbabilities
    self.referenceLogProbabilities = referenceLogProbabilities
    self.mask = mask
    self.advantages = advantages
    self.rowWeights = rowWeights
    self.offPolicy = offPolicy
    self.groupIDs = groupIDs
    self.rewards = rewards
  }
}

/// The denominators of one optimiser step: of all its rows, however they are split into micro-batches.
public struct StepTotals: Sendable, Equatable {
  /// Completions B.
  public var rowCount: Int
  /// Counted tokens.
  public var tokenCount: Int
  /// Prompts Q.
  public var groupCount: Int
  /// The longest completion that sampling allows, in tokens.
  public var maxCompletion: Int

  /// Totals given directly.
  public init(rowCount: Int, tokenCount: Int, groupCount: Int, maxCompletion: Int) {
    self.rowCount = rowCount
    self.tokenCount = tokenCount
    self.groupCount = groupCount
    self.maxCompletion = maxCompletion
  }

  /// The totals of `rows` of a batch, or of all of it.
  public init(of batch: GroupBatch, rows: [Int]? = nil) {
    let rows = rows ?? Array(0..<batch.rowCount)
    self.init(
      rowCount: rows.count, tokenCount: rows.reduce(0) { $0 + batch.lengths[$1] },
      groupCount: Set(rows.map { batch.groupIDs[$0] }).count, maxCompletion: batch.maxCompletion)
  }
}

/// What a loss gives.
public struct LossOutputs {
  /// A scalar with gradient.
  public let loss: Tensor
  /// Measurements that add up over micro-batches.
  public let metrics: Metrics
  /// What an `AdaptivePolicyLoss` is to remember for the next update; nil for any other loss.
  public let memory: Double?

  /// A loss and its measurements.
  public init(loss: Tensor, metrics: Metrics, memory: Double? = nil) {
    self.loss = loss
    self.metrics = metrics
    self.memory = memory
  }
}

/// A loss of whole optimiser steps that changes from update to update.
public protocol AdaptivePolicyLoss: PolicyLoss {
  /// What changes. It is set to what the last update's `LossOutputs` hold; a checkpoint keeps it. Nil for
  /// settings under which nothing changes.
  var memory: Double? { get set }
}

extension PolicyLoss {
  /// The loss of a whole step without history, and `[b, T]` d loss / d log-probability: what a trainer
  /// pushes through the model micro-batch by micro-batch.
  public func gradient(
    at inputs: LossInputs, totals: StepTotals
  ) -> (outputs: LossOutputs, gradient: Tensor) {
    let leaf = inputs.logProbabilities.detached()
    leaf.requiresGradient = true
    var inputs = inputs
    inputs.logProbabilities = leaf
    let outputs = self(inputs, totals: totals)
    let gradient = Torch.gradient(of: outputs.loss, withRespectTo: [leaf])[0]
    return (
      LossOutputs(
        loss: outputs.loss.detached(), metrics: outputs.metrics, memory: outputs.memory),
      gradient ?? leaf.detached().zeros(leaf.shape)
    )
  }
}
