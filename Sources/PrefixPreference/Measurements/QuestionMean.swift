/// A share averaged first within every question and then over questions, so that a question with many
/// pairs counts no more than one with few, with its 95 % interval over questions (normal approximation,
/// cut at 0 and 1).
public struct QuestionMean: Sendable, Codable, Equatable {
  /// The mean over questions; nil when there is none.
  public let mean: Double?
  /// The interval's lower bound.
  public let low: Double?
  /// The interval's upper bound.
  public let high: Double?
  /// The number of questions.
  public let questions: Int
  /// The number of values.
  public let count: Int

  /// The 0.975 quantile of the standard normal distribution.
  private static let quantile = 1.959963984540054

  /// Averages values in 0...1 that carry their question's number. One question has a mean and no interval.
  public init(_ values: some Sequence<(question: Int, value: Double)>) {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    for (question, value) in values {
      sums[question, default: (0, 0)].sum += value
      sums[question, default: (0, 0)].count += 1
    }
    // Sorted, so that the sum does not depend on the dictionary's order.
    let means = sums.sorted { $0.key < $1.key }.map { $0.value.sum / Double($0.value.count) }
    questions = means.count
    count = sums.values.map(\.count).reduce(0, +)
    mean = means.isEmpty ? nil : means.mean
    guard let mean, means.count > 1 else {
      low = nil
      high = nil
      return
    }
    let half = Self.quantile * (means.variance / Double(means.count)).squareRoot()
    low = max(0, mean - half)
    high = min(1, mean + half)
  }

  /// `0.634 [0.612, 0.656], 410 questions, 1901 pairs`.
  func described(_ unit: String) -> String {
    guard let mean else { return "no \(unit)" }
    let interval = low.flatMap { low in high.map { " [\(fixed(low)), \(fixed($0))]" } } ?? ""
    return "\(fixed(mean))\(interval), \(questions) questions, \(count) \(unit)"
  }
}
