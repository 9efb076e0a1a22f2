import Foundation
import Torch

@testable import PolicyOptimization

extension GoldenCase {
  private func settings() throws -> DEPOSettings {
    try document().requireKnown(DEPOSettings.paths(section: "method") + ["method.train-batch"])
    return try DEPOSettings(document())
  }

  /// The estimator's loss with its terms and gradients.
  func evaluatedDifficultyLoss(_ dtype: DType) throws -> [String: JSONValue] {
    func tensor(_ key: String) throws -> Tensor { Tensor(try input(key).numbers()).to(dtype) }
    let scores = try tensor("score_logit")
    let distillations = try tensor("distill_logit")
    for leaf in [scores, distillations] { leaf.requiresGradient = true }
    let loss = DifficultyLoss(try settings())
    let terms = loss(
      scores: scores, distillations: distillations, accuracies: try tensor("accuracy"),
      distillTargets: try tensor("distill_target"))
    let gradients = gradient(of: terms.loss, withRespectTo: [scores, distillations])
    return [
      "score_bce": .number(terms.score.item), "distill_bce": .number(terms.distillation.item),
      "rank_loss": .number(terms.ranking.item), "rank_pairs": .number(Double(terms.pairs)),
      "effective_rank_weight": .number(loss.effectiveRankWeight(count: scores.size(0))),
      "loss": .number(terms.loss.item), "grad_score_logit": JSONValue(gradients[0]?.doubles ?? []),
      "grad_distill_logit": JSONValue(gradients[1]?.doubles ?? []),
    ]
  }

  /// One target a group.
  func evaluatedDistillTargets() throws -> [String: JSONValue] {
    let mask = try input("mask").elements().map { try $0.truths() }
    let logProbabilities = try input("logp_old").matrix()
    let targets = Group.all(try input("group_ids").integers()).map { group in
      DifficultyLoss.distillTarget(
        group.rows.map { row in
          zip(logProbabilities[row], mask[row]).filter(\.1).map(\.0)
        })
    }
    return ["distill_target": JSONValue(targets.map { $0 ?? .nan })]
  }

  /// What the filter keeps, and the batches the survivors fill.
  func evaluatedFilter() throws -> [String: JSONValue] {
    let step = Int(try input("step").number())
    let probabilities = try input("score_logit").numbers().map { 1 / (1 + exp(-$0)) }
    let filter = DifficultyFilter(try settings())
    let decision = filter.screen(
      probabilities.enumerated().map {
        PromptCandidate(id: "\($0)", draw: 0.5, expectedAccuracy: $1)
      }, progress: TrainingProgress(step: step - 1, of: step))
    var queue = PromptQueue()
    queue.add(decision.kept)
    var batches: [JSONValue] = []
    let size = try integer("train-batch") ?? 1
    while let batch = queue.next(size) { batches.append(JSONValue(batch)) }
    return [
      "probability": JSONValue(probabilities),
      "keep": JSONValue(probabilities.indices.map { decision.kept.contains($0) ? 1 : 0 }),
      "batches": .array(batches), "carried": JSONValue(queue.waiting),
    ]
  }
}
