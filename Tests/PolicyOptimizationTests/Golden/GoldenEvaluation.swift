import Foundation
import Settings
import Torch

@testable import PolicyOptimization

extension GoldenCase {
  /// Everything that this project computes for the case, under the schema's names.
  func evaluated(_ dtype: DType) throws -> [String: JSONValue] {
    switch kind {
    case "loss": try evaluatedLoss(dtype)
    case "reward": try evaluatedReward()
    case "weights" where inputs["groups_in_batch"] != nil: try evaluatedClassWeights(dtype)
    case "select" where inputs["u"] != nil: try evaluatedStopping()
    case "select" where inputs["correct"] != nil: try evaluatedSelection()
    case "aux-loss" where method == "depo": try evaluatedDifficultyLoss(dtype)
    case "score" where method == "depo": try evaluatedDistillTargets()
    case "select" where method == "depo": try evaluatedFilter()
    case "select" where method == "dppo": try evaluatedPruning()
    case "weights" where method == "dppo": try evaluatedDraws(dtype)
    default: throw GoldenError("\(testDescription): nothing handles the kind \(kind)")
    }
  }

  /// The case's method; keys that nobody takes are refused.
  func resolvedMethod() throws -> Method {
    let document = try document()
    let known = try Methods.entry(methodName).settingPaths + ["method.max-completion"]
    try document.requireKnown(known)
    return try Methods.named(methodName, settings: document)
  }

  private func evaluatedLoss(_ dtype: DType) throws -> [String: JSONValue] {
    let method = try resolvedMethod()
    var problem = try LossProblem(self)
    if inputs["hidden"] != nil { problem.batch.influence = try influence(dtype) }
    let result = try problem.evaluate(method, dtype: dtype)
    var values = try evaluatedCredit(method, problem.batch)
    values.merge(try evaluatedDiscriminative(method, problem, dtype: dtype)) { $1 }
    values.merge(try evaluatedPairs(method, problem, dtype: dtype)) { $1 }
    values["token_advantages"] = JSONValue(result.tokenAdvantages)
    values["loss"] = .number(result.outputs.loss.item)
    values["grad_logp"] = JSONValue(result.gradient)
    if inputs["hidden"] != nil { values.merge(try influenceValues(problem, dtype)) { $1 } }
    values["metrics"] = .object(result.outputs.metrics.mapValues { .number($0.mean) })
    return values
  }

  private func evaluatedCredit(
    _ method: Method, _ batch: GroupBatch
  ) throws -> [String: JSONValue] {
    let credit = method.credit(batch)
    var values = [
      "rewards": JSONValue(credit.rewards), "advantages": JSONValue(credit.advantages.rows),
    ]
    if let reward = try preferenceReward() {
      // The file lists u as ordered (and shuffled), also where a control then ignores it.
      let signal =
        if reward.settings.control == .shuffled {
          reward.signal(batch)
        } else {
          batch.preferences.map { _ in reward.ordered(batch) }
        }
      values["u"] = signal.map { JSONValue($0) }
      values["pref_reward"] = JSONValue(
        zip(reward.signal(batch), batch.steps ?? []).map {
          reward.preferenceReward(signal: $0, steps: $1)
        })
      values["length_term"] = JSONValue((batch.steps ?? []).map(reward.lengthTerm))
    }
    switch self.method {
    case "e-grpo": values.merge(try entityValues(batch, credit)) { $1 }
    case "dppo": values["row_weight"] = try pruningWeights(batch, credit)
    case "dagrpo":
      let weights = credit.advantages.rowWeights
      values["keep"] = JSONValue(weights ?? batch.groupIDs.map { _ in 1.0 })
    case "hipo": values.merge(try modeValues(batch, credit)) { $1 }
    default: break
    }
    return values
  }

  private func preferenceReward() throws -> WSGRPOReward? {
    method == "ws-grpo" ? WSGRPOReward(try WSGRPOSettings(document())) : nil
  }

  private func evaluatedReward() throws -> [String: JSONValue] {
    var batch = try batch()
    if let constant = try inputs["constant_preference"]?.number(),
      let reward = try preferenceReward()
    {
      // Judgements that make u the constant under every order.
      let isSymmetric = reward.settings.order == .symmetric
      let rows = { (value: Double) in
        (batch.steps ?? []).map { [Double](repeating: value, count: max($0 - 1, 0)) }
      }
      batch.preferences = PrefixPreferences(
        oldOverNew: rows(isSymmetric ? 1 - constant : constant), newOverOld: rows(constant))
    }
    let method = try resolvedMethod()
    var values = try evaluatedCredit(method, batch)
    if let weighted = method.advantage as? DifficultyWeightedAdvantage {
      values["advantages_before_reweight"] = JSONValue(
        weighted.base.advantages(
          rewards: method.shaping.shape(batch).rewards, groupIDs: batch.groupIDs))
    }
    let rewards = try values["rewards"]?.numbers() ?? []
    for kind in DeviationKind.allCases {
      values["reward_std_\(kind.rawValue)"] = .number(kind.of(rewards))
      for epsilon in ["0", "1e-4"] {
        values["advantages_\(kind.rawValue)_eps_\(epsilon)"] = JSONValue(
          GroupAdvantage(scale: .groupStd, deviation: kind, epsilon: Double(epsilon) ?? .nan)
            .advantages(rewards: rewards, groupIDs: batch.groupIDs))
      }
    }
    for scale in AdvantageScale.allCases {
      let estimator = GroupAdvantage(scale: scale, deviation: .sample, epsilon: 1e-4)
      values["advantages_scale_\(scale.rawValue)"] = JSONValue(
        estimator.advantages(rewards: rewards, groupIDs: batch.groupIDs))
    }
    if let buffer = try integer("overlong-buffer") {
      let shaping = OverlongPenalty(OutcomeReward(), buffer: .tokens(buffer))
      values["length_reward"] = JSONValue(shaping.shape(batch).rewards)
    }
    return values
  }

  private func evaluatedSelection() throws -> [String: JSONValue] {
    let batch = try batch()
    let selection = DynamicSampling(maximumRounds: 1)
    return [
      "kept_groups": JSONValue(selection.keptGroups(in: batch)),
      "keep_row": JSONValue(selection.keptRows(in: batch).map { $0 ? 1 : 0 }),
    ]
  }

  private func evaluatedStopping() throws -> [String: JSONValue] {
    var stopping = OnlineStopping()
    try document().requireKnown(OnlineStopping.paths(section: "method"))
    try stopping.take(try document(), section: "method")
    let stops = try input("u").matrix().map(stopping.stopStep)
    return ["stop_step": .array(stops.map { $0.map { .number(Double($0)) } ?? .null })]
  }
}
