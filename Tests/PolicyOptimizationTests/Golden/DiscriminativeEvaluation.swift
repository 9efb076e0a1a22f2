import Torch

@testable import PolicyOptimization

extension GoldenCase {
  /// The pieces of a discriminative loss, under the names of the files of DisCO and DRPO.
  func evaluatedDiscriminative(
    _ method: Method, _ problem: LossProblem, dtype: DType
  ) throws -> [String: JSONValue] {
    guard let loss = method.loss as? DiscriminativeLoss else { return [:] }
    let inputs = try problem.inputs(method, dtype: dtype)
    let classes = DiscriminativeLoss.classes(inputs)
    let scores = loss.score(inputs)
    let divergence = loss.trustRegion.divergence(logRatio: inputs.logRatio, mask: inputs.mask)
    let positives = inputs.advantages.clamped(min: 0).squeezed(1).doubles
    return [
      "scores": JSONValue(scores.doubles),
      "objective_per_group": JSONValue(
        classes.map { group in
          let value =
            group.isMixed
            ? loss.objective(scores: scores, weights: inputs.advantages, of: group).item : 0
          return [Double(group.id), value]
        }),
      "response_coefficient": JSONValue(
        loss.coefficients(scores: scores.doubles, of: classes)),
      "positive_weight": JSONValue(positives),
      "constraint_value": .number(divergence.item),
      "penalty": .number(loss.trustRegion.penalty(divergence).item),
      "penalty_gradient_coefficient": .number(loss.trustRegion.slope(divergence.item)),
    ]
  }

  /// Weights and objective of one group from given scores; the batch has further groups.
  func evaluatedClassWeights(_ dtype: DType) throws -> [String: JSONValue] {
    let method = try resolvedMethod()
    guard let loss = method.loss as? DiscriminativeLoss else {
      throw GoldenError("\(testDescription): \(method.name) has no class weights")
    }
    let weights = method.credit(try batch()).advantages.rows
    let column = Tensor(weights, shape: [weights.count, 1]).to(dtype)
    let group = ClassifiedGroup(Group(id: 0, rows: Array(weights.indices)), weights: weights)
    let objective = loss.objective(
      scores: Tensor(try input("scores").numbers()).to(dtype), weights: column, of: group
    ).item
    let groups = try input("groups_in_batch").number()
    return [
      "positive_weight": JSONValue(weights.map { max($0, 0) }), "objective": .number(objective),
      "loss": .number(-objective / groups),
    ]
  }
}
