import Torch

@testable import PolicyOptimization

/// The tensors and host columns of a golden loss, which the invariances transform.
struct LossProblem {
  var batch: GroupBatch
  /// `[B][T]`
  var mask: [[Bool]]
  var logProbabilities: [[Double]]
  var oldLogProbabilities: [[Double]]
  var referenceLogProbabilities: [[Double]]?

  init(_ golden: GoldenCase) throws {
    mask = try golden.input("mask").elements().map { try $0.truths() }
    logProbabilities = try golden.input("logp").matrix()
    oldLogProbabilities = try golden.input("logp_old").matrix()
    referenceLogProbabilities = try golden.inputs["logp_ref"]?.matrix()
    batch = try golden.batch()
    guard batch.lengths == mask.map({ $0.count { $0 } }) else {
      throw GoldenError("\(golden.testDescription): lengths are not the mask's sums")
    }
  }

  /// A loss with gradient for some of the rows, given the whole step's credit and totals.
  func evaluate(
    _ method: Method, rows: [Int], credit: Credit, totals: StepTotals, dtype: DType
  ) throws -> (outputs: LossOutputs, gradient: [[Double]], tokenAdvantages: [[Double]]) {
    let inputs = try inputs(rows: rows, credit: credit, dtype: dtype)
    let (outputs, gradient) = method.loss.gradient(at: inputs, totals: totals)
    let advantages = inputs.advantages.expanded(inputs.mask.shape)
      .maskedFill(inputs.mask.logicalNot(), 0)
    return (outputs, gradient.nested, advantages.nested)
  }

  /// What the loss of all rows is computed from.
  func inputs(_ method: Method, dtype: DType) throws -> LossInputs {
    try inputs(rows: Array(mask.indices), credit: method.credit(batch), dtype: dtype)
  }

  private func inputs(rows: [Int], credit: Credit, dtype: DType) throws -> LossInputs {
    let tensor = { (values: [[Double]]) in Tensor(rows: rows.map { values[$0] }).to(dtype) }
    return try credit.lossInputs(
      rows: rows, logProbabilities: tensor(logProbabilities),
      oldLogProbabilities: tensor(oldLogProbabilities),
      referenceLogProbabilities: referenceLogProbabilities.map(tensor),
      mask: Tensor(rows: rows.map { self.mask[$0] }))
  }

  /// Loss, metrics and gradient of the whole step.
  func evaluate(
    _ method: Method, dtype: DType
  ) throws -> (outputs: LossOutputs, gradient: [[Double]], tokenAdvantages: [[Double]]) {
    try evaluate(
      method, rows: Array(mask.indices), credit: method.credit(batch),
      totals: StepTotals(of: batch), dtype: dtype)
  }
}

extension Tensor {
  /// A matrix as nested arrays.
  var nested: [[Double]] {
    let values = doubles
    let width = size(1)
    return (0..<size(0)).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}

extension GoldenCase {
  /// The host columns of a case; rows without a group id belong to one group.
  func batch() throws -> GroupBatch {
    let correct = try (inputs["correct"] ?? inputs["accuracy"])?.truths()
    let steps = try inputs["steps"]?.integers()
    let rewards = try inputs["rewards"]?.numbers() ?? correct?.map { $0 ? 1 : 0 }
    let lengths = try inputs["lengths"]?.integers()
    guard let count = rewards?.count ?? lengths?.count ?? steps?.count else {
      throw GoldenError("\(testDescription) has no rows")
    }
    let mask = try inputs["mask"]?.elements().map { try $0.truths() }
    var batch = GroupBatch(
      groupIDs: try inputs["group_ids"]?.integers() ?? [Int](repeating: 0, count: count),
      rewards: rewards ?? [Double](repeating: 0, count: count),
      correct: correct ?? rewards?.map { $0 == 1 } ?? [Bool](repeating: false, count: count),
      lengths: lengths ?? [Int](repeating: 0, count: count),
      maxCompletion: try integer("max-completion") ?? mask?.first?.count ?? lengths?.max() ?? 1)
    batch.steps = steps
    batch.distinctness = try inputs["scores"]?.elements().map {
      $0 == .null ? nil : try $0.number()
    }
    batch.offPolicy = try inputs["off_policy"]?.truths()
    batch.budgets = try inputs["budgets"]?.integers()
    batch.shuffle = try inputs["shuffle"]?.integers()
    if let mask, let columns = try inputs["step_of_token"]?.matrix() {
      batch.tokenSteps = zip(columns, mask).map { steps, mask in
        zip(steps, mask).filter(\.1).map { Int($0.0) }
      }
    }
    if let oldOverNew = try inputs["pref_old_new"]?.matrix() {
      batch.preferences = PrefixPreferences(
        oldOverNew: oldOverNew, newOverOld: try input("pref_new_old").matrix(),
        values: try inputs["prefix_value"]?.matrix())
    }
    try addEntityColumns(to: &batch)
    try addModeColumns(to: &batch, mask: mask)
    try addPruningColumns(to: &batch)
    if inputs["hidden"] != nil { batch.influence = try influence(.float64) }
    return batch
  }
}
