import Torch

@testable import PolicyOptimization

extension GoldenCase {
  private func scores() throws -> [Double?] {
    try input("prompt_score").elements().map { $0 == .null ? nil : try $0.number() }
  }

  private func candidates(dropping dropped: [Int]) throws -> [PromptCandidate] {
    try scores().indices.map {
      PromptCandidate(id: "\($0)", draw: dropped.contains($0) ? 0 : 0.5)
    }
  }

  private func screening() throws -> PromptPruning {
    var settings = DynamicPruningSettings()
    try settings.take(document(), section: "method")
    var screening = PromptPruning(settings)
    for (place, score) in try scores().enumerated() { screening.state["\(place)"] = score }
    return screening
  }

  /// Draws that drop the given prompts and rows, where the case is DPPO's: the smallest are dropped.
  func addPruningColumns(to batch: inout GroupBatch) throws {
    guard inputs["prompt_score"] != nil, inputs["group_ids"] != nil else { return }
    try addDraws(
      prompts: inputs["dropped_prompts"]?.integers() ?? [],
      rows: inputs["dropped_rows"]?.integers() ?? [], to: &batch)
  }

  private func addDraws(prompts: [Int], rows: [Int], to batch: inout GroupBatch) throws {
    let decision = try screening().screen(
      candidates(dropping: prompts), progress: TrainingProgress())
    let groups = batch.groups
    var weights = [Double](repeating: 0, count: batch.rowCount)
    // The golden losses are means over all prompts, those of a run over the kept ones.
    let share = Double(decision.kept.count) / Double(groups.count)
    for (place, weight) in zip(decision.kept, decision.weights ?? []) {
      for row in groups[place].rows { weights[row] = weight / share }
    }
    batch.promptWeights = weights
    batch.draws = (0..<batch.rowCount).map { rows.contains($0) ? 0 : 0.5 }
  }

  /// w_q w_i by row.
  func pruningWeights(_ batch: GroupBatch, _ credit: Credit) throws -> JSONValue {
    let estimator = CompletionPruning(try DynamicPruningSettings(document()))
    return JSONValue(estimator.weights(advantages: credit.advantages.rows, in: batch))
  }

  /// The literal mode, and packing.
  func evaluatedPruning() throws -> [String: JSONValue] {
    if inputs["lengths"] != nil {
      let settings = try document()
      func value(_ name: String) throws -> Int {
        let entry = settings.entry("method.\(name)")
        guard let number = entry.flatMap({ Int(setting: $0.value) }) else {
          throw GoldenError("\(testDescription): \(name) is missing")
        }
        return number
      }
      let packing = SequencePacking(
        capacity: try value("pack-capacity"), window: try value("pack-window"))
      let rows = try packing.rows(lengths: input("lengths").integers())
      return ["rows": .array(rows.map { JSONValue($0) })]
    }
    let candidates = try candidates(dropping: [])
    let decision = try screening().screen(candidates, progress: TrainingProgress())
    let dropped = candidates.indices.filter { !decision.kept.contains($0) }
    let weights = Set(decision.weights ?? [])
    guard weights.count == 1, let weight = weights.first else {
      throw GoldenError("\(testDescription): the survivors weigh \(weights)")
    }
    return [
      "dropped_prompts": JSONValue(dropped), "row_weight_of_survivors": .number(weight),
    ]
  }

  /// Every draw with its probability, weights and loss, and what they average to.
  func evaluatedDraws(_ dtype: DType) throws -> [String: JSONValue] {
    let method = try resolvedMethod()
    var problem = try LossProblem(self)
    let full = try problem.evaluate(
      GRPO.method(GRPOSettings()), dtype: dtype)
    let advantages = method.credit(problem.batch).advantages.rows
    let pruning = Pruning(rate: try rate("prompt-rate"), mode: .unbiased)
    let prunable = pruning.prunable(try scores())
    let count = pruning.dropCount(of: prunable.count)
    let rowPruning = Pruning(rate: try rate("completion-rate"), mode: .unbiased)
    var draws: [JSONValue] = []
    var expectedLoss = 0.0
    var gradient = full.gradient.map { $0.map { _ in 0.0 } }
    let promptDraws = subsets(of: prunable, count: count)
    for prompts in promptDraws {
      let kept = problem.batch.groups.enumerated().filter { !prompts.contains($0.offset) }
      let choices = kept.map { _, group in
        let own = rowPruning.prunable(group.rows.map { abs(advantages[$0]) })
        return subsets(
          of: own.map { group.rows[$0] }, count: rowPruning.dropCount(of: own.count))
      }
      let rowDraws = choices.reduce([[]]) { sets, choice in
        sets.flatMap { set in choice.map { set + $0 } }
      }
      let probability = 1 / Double(promptDraws.count * rowDraws.count)
      for rows in rowDraws {
        try addDraws(prompts: prompts, rows: rows, to: &problem.batch)
        let result = try problem.evaluate(method, dtype: dtype)
        let loss = result.outputs.loss.item
        expectedLoss += probability * loss
        gradient = zip(gradient, result.gradient).map { sum, own in
          zip(sum, own).map { $0 + probability * $1 }
        }
        draws.append(
          .object([
            "dropped_prompts": JSONValue(prompts), "dropped_rows": JSONValue(rows),
            "probability": .number(probability), "loss": .number(loss),
            "row_weight": try pruningWeights(problem.batch, method.credit(problem.batch)),
          ]))
      }
    }
    let wrong = differences(
      JSONValue(gradient), JSONValue(full.gradient), within: .of(dtype), at: "mean gradient")
    guard wrong.isEmpty else { throw GoldenError(wrong.joined(separator: "\n")) }
    return [
      "advantages": JSONValue(advantages), "prunable_prompts": JSONValue(prunable),
      "pruned_prompt_count": .number(Double(count)), "draw_count": .number(Double(draws.count)),
      "draws": .array(draws), "expected_loss": .number(expectedLoss),
      "loss": .number(full.outputs.loss.item), "grad_logp": JSONValue(gradient),
    ]
  }

  private func rate(_ key: String) throws -> Double { try (config[key] ?? .null).number() }

  /// All subsets of `count` members, in lexicographic order.
  private func subsets(of members: [Int], count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return members.indices.flatMap { index in
      subsets(of: Array(members[(index + 1)...]), count: count - 1).map { [members[index]] + $0 }
    }
  }
}
