import Torch

@testable import PolicyOptimization

extension GoldenCase {
  /// The pieces of a pairwise regulariser, under the names of AMIR-GRPO's file.
  func evaluatedPairs(
    _ method: Method, _ problem: LossProblem, dtype: DType
  ) throws -> [String: JSONValue] {
    guard let loss = method.loss as? PairwiseRegularisedLoss else { return [:] }
    let inputs = try problem.inputs(method, dtype: dtype)
    let totals = StepTotals(of: problem.batch)
    let pairs = loss.mining.pairs(
      rewards: inputs.rewards, groupIDs: inputs.groupIDs, lengths: problem.batch.lengths
    ).flatMap(\.self)
    let logits = loss.logits(pairs, inputs)
    let policy = loss.base(inputs, totals: totals).loss.item
    let preference = loss.preferenceLoss(logits).item
    let outputs = loss(inputs, totals: totals)
    let ratio = loss.ratio(policy: policy, preference: preference)
    return [
      "pairs": JSONValue(pairs.map { [Double($0.winner), Double($0.loser)] }),
      "pair_logit": JSONValue(logits.doubles),
      "policy_loss": .number(policy),
      "pref_loss": .number(preference),
      "lambda_used": .number(outputs.memory ?? loss.weight),
      "lambda_ratio": loss.schedule == nil || pairs.isEmpty ? .null : .number(ratio),
    ]
  }
}
