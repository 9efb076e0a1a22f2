import Torch

@testable import PolicyOptimization

/// An optimiser step small enough to compute by hand, rows of equal width.
struct SmallStep {
  var groupIDs: [Int]
  var rewards: [Double]
  var logProbabilities: [[Double]]
  var oldLogProbabilities: [[Double]]
  var referenceLogProbabilities: [[Double]]?
  var mask: [[Bool]]
  var maxCompletion = 8

  /// One group; on-policy and with every token counted unless said otherwise.
  init(
    group: Int = 0, rewards: [Double], logProbabilities: [[Double]],
    oldLogProbabilities: [[Double]]? = nil, referenceLogProbabilities: [[Double]]? = nil,
    mask: [[Bool]]? = nil
  ) {
    groupIDs = rewards.map { _ in group }
    self.rewards = rewards
    self.logProbabilities = logProbabilities
    self.oldLogProbabilities = oldLogProbabilities ?? logProbabilities
    self.referenceLogProbabilities = referenceLogProbabilities
    self.mask = mask ?? logProbabilities.map { $0.map { _ in true } }
  }

  static func + (left: SmallStep, right: SmallStep) -> SmallStep {
    var both = left
    both.groupIDs += right.groupIDs
    both.rewards += right.rewards
    both.logProbabilities += right.logProbabilities
    both.oldLogProbabilities += right.oldLogProbabilities
    both.referenceLogProbabilities? += right.referenceLogProbabilities ?? []
    both.mask += right.mask
    return both
  }

  /// This step with a further group.
  func with(group: Int, rewards: [Double], logProbabilities: [[Double]]) -> SmallStep {
    self + SmallStep(group: group, rewards: rewards, logProbabilities: logProbabilities)
  }

  /// The host columns; a reward of 1 is a right answer.
  var batch: GroupBatch {
    GroupBatch(
      groupIDs: groupIDs, rewards: rewards, correct: rewards.map { $0 == 1 },
      lengths: mask.map { $0.count { $0 } }, maxCompletion: maxCompletion)
  }

  func inputs(_ method: Method) throws -> LossInputs {
    try method.credit(batch).lossInputs(
      rows: Array(rewards.indices), logProbabilities: Tensor(rows: logProbabilities),
      oldLogProbabilities: Tensor(rows: oldLogProbabilities),
      referenceLogProbabilities: referenceLogProbabilities.map { Tensor(rows: $0) },
      mask: Tensor(rows: mask))
  }

  /// Loss, gradient in the log-probabilities, and metrics.
  func run(_ method: Method) throws -> (loss: Double, gradient: [[Double]], metrics: Metrics) {
    let (outputs, gradient) = method.loss.gradient(
      at: try inputs(method), totals: StepTotals(of: batch))
    return (outputs.loss.item, gradient.nested, outputs.metrics)
  }
}
