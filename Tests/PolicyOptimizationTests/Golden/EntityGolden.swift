@testable import PolicyOptimization

extension GoldenCase {
  /// E-GRPO's columns, where the case has them.
  func addEntityColumns(to batch: inout GroupBatch) throws {
    if let matched = try inputs["entity_matched"]?.integers() {
      batch.entityMatches = zip(matched, try input("entity_total").integers())
        .map(EntityMatch.init)
    }
    batch.faults = try inputs["error"]?.elements().map { error in
      guard case .string(let name) = error, let fault = CompletionFault(rawValue: name) else {
        throw GoldenError("\(testDescription): the error \(error)")
      }
      return fault
    }
  }

  /// What E-GRPO's reward is made of.
  func entityValues(_ batch: GroupBatch, _ credit: Credit) throws -> [String: JSONValue] {
    let rates = EntityReward(try EGRPOSettings(document())).matchRates(batch)
    let weights = credit.advantages.rowWeights ?? rates.map { _ in 1 }
    return [
      "match_rate": JSONValue(rates),
      "match_rate_normalised": JSONValue(EntityReward.normalised(rates, groups: batch.groups)),
      "row_in_loss": JSONValue(weights.map { $0 == 0 ? 0 : 1 }),
    ]
  }
}
