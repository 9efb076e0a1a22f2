@testable import PolicyOptimization

extension GoldenCase {
  /// HiPO's columns, where the case has them.
  func addModeColumns(to batch: inout GroupBatch, mask: [[Bool]]?) throws {
    guard let modes = try inputs["mode"]?.elements(), let mask else { return }
    batch.modes = try modes.map { mode in
      guard case .string(let name) = mode, let mode = CompletionMode(rawValue: name) else {
        throw GoldenError("\(testDescription): the mode \(mode)")
      }
      return mode
    }
    batch.wellFormed = try input("format").truths()
    batch.judgeTokens = zip(try input("segment").matrix(), mask).map { segments, mask in
      zip(segments, mask).filter(\.1).map { $0.0 == 1 }
    }
  }

  /// What HiPO's advantages are made of.
  func modeValues(_ batch: GroupBatch, _ credit: Credit) throws -> [String: JSONValue] {
    let estimator = ModeAdvantage(try HiPOSettings(document()))
    let (judge, answer) = estimator.segments(of: credit.rewards, in: batch)
    func named(_ means: [CompletionMode: Double]) -> JSONValue {
      .object(
        Dictionary(uniqueKeysWithValues: means.map { ($0.key.rawValue, .number($0.value)) }))
    }
    let groups = batch.groups.map { group in
      let statistics = estimator.statistics(
        of: group, rewards: credit.rewards, modes: batch.modes ?? [])
      return JSONValue.object([
        "group": .number(Double(group.id)), "mean": .number(statistics.all.mean),
        "std": .number(statistics.all.deviation),
        "mode_mean": named(statistics.byMode.mapValues(\.mean)),
        "mode_mean_adjusted": named(statistics.adjustedMeans),
      ])
    }
    return [
      "advantage_judge": JSONValue(judge), "advantage_answer": JSONValue(answer),
      "groups": .array(groups),
    ]
  }
}
