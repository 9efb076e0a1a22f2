/// A reward under supervision: what it does wrong is counted and told, and does not end the run unless it
/// goes on.
final class RewardScorer {
  let reward: Reward
  /// What people are to look at, as `rewards.judge`.
  private let origin: String
  private let range: ClosedRange<Double>?
  private var lostBatches = 0

  /// - Parameter range: where values must lie; nil for any finite number.
  init(_ reward: Reward, origin: String, range: ClosedRange<Double>? = nil) {
    self.reward = reward
    self.origin = origin
    self.range = range
  }

  /// One value per completion; complaints begin with where the reward comes from.
  ///
  /// - Throws: `TrainingError` when too many batches in a row are lost.
  func score(_ completions: [RewardInput]) throws -> RewardValues {
    guard !completions.isEmpty else { return RewardValues([]) }
    var result = usable(raw(completions))
    let isLost = result.failed * 2 > completions.count
    lostBatches = isLost ? lostBatches + 1 : 0
    result.complaints = result.complaints.map {
      "\(origin): \(result.failed) of \(completions.count) completions have no value: \($0)"
    }
    if let most = reward.maximumLostBatches, lostBatches >= most {
      throw TrainingError(
        "\(result.complaints.first ?? origin). This was batch \(lostBatches) in a row without most of "
          + "its values, so the run ends; its last checkpoint is intact")
    }
    return result
  }

  private func raw(_ completions: [RewardInput]) -> RewardValues {
    func lost(_ complaint: String) -> RewardValues {
      RewardValues(
        Array(repeating: nil, count: completions.count), failed: completions.count,
        complaints: [complaint])
    }
    do {
      let result = try reward.function.values(of: completions)
      return result.values.count == completions.count
        ? result
        : lost("it gave \(result.values.count) values, expected one for each completion")
    } catch {
      return lost("\(error)")
    }
  }

  /// Without the values that no sum can have.
  private func usable(_ given: RewardValues) -> RewardValues {
    var result = given
    for (row, value) in given.values.enumerated() {
      guard let value, !value.isFinite || range?.contains(value) == false else { continue }
      result.values[row] = nil
      result.failed += 1
      if result.failed == 1 {
        let expected = range.map { "a number in [\($0.lowerBound), \($0.upperBound)]" }
        result.complaints.append(
          "its value of completion \(row + 1) is \(value), expected \(expected ?? "a finite number"), "
            + "or null")
      }
    }
    return result
  }
}
