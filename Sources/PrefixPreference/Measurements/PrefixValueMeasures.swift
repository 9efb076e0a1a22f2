/// How the values of a solution's prefixes move toward its outcome. The value of a prefix is sigmoid(g(h))
/// with the head `bradley-terry`; with the others how the prefix compares with the mean training feature.
public struct PrefixValueMeasures: Sendable, Codable, Equatable {
  /// The area under the ROC curve of values at a place in the solutions.
  public struct PlaceAUC: Sendable, Codable, Equatable {
    /// The place as a share of the solution's steps; 0 is the first step, 1 the last.
    public let place: Double
    /// Right against wrong solutions, over all questions together; nil when a label is absent.
    public let auc: Double?
  }

  /// AUC along the solution.
  public let alongSolution: [PlaceAUC]
  /// The share of steps t >= 2 whose value moves toward the outcome (up in right solutions, down in
  /// wrong ones), unmoved ones half: 1/2 without knowledge.
  public let monotonicity: QuestionMean
  /// The share of such steps that go up in right solutions.
  public let risingWhenRight: QuestionMean
  /// The share of such steps that go up in wrong solutions.
  public let risingWhenWrong: QuestionMean
  /// The mean of v_n - v_1 in right solutions with at least two steps.
  public let gainWhenRight: Double
  /// The mean of v_n - v_1 in wrong solutions with at least two steps.
  public let gainWhenWrong: Double

  private static let places = [0, 0.25, 0.5, 0.75, 1]

  init(_ rows: [(question: Int, correct: Bool, values: [Double])]) {
    func rises(_ rows: [(question: Int, correct: Bool, values: [Double])]) -> QuestionMean {
      QuestionMean(
        rows.flatMap { row in
          zip(row.values.dropFirst(), row.values).map { (row.question, agreement($0 - $1)) }
        })
    }
    func gain(_ rows: [(question: Int, correct: Bool, values: [Double])]) -> Double {
      rows.filter { $0.values.count > 1 }.map { $0.values[$0.values.count - 1] - $0.values[0] }.mean
    }
    let known = rows.filter { !$0.values.isEmpty }
    alongSolution = Self.places.map { place in
      PlaceAUC(
        place: place,
        auc: areaUnderCurve(
          known.map { row in
            let index = Int((place * Double(row.values.count - 1)).rounded())
            return (row.values[index], row.correct)
          }))
    }
    monotonicity = QuestionMean(
      rows.flatMap { row in
        zip(row.values.dropFirst(), row.values).map {
          (row.question, agreement(row.correct ? $0 - $1 : $1 - $0))
        }
      })
    let right = rows.filter(\.correct)
    let wrong = rows.filter { !$0.correct }
    risingWhenRight = rises(right)
    risingWhenWrong = rises(wrong)
    gainWhenRight = gain(right)
    gainWhenWrong = gain(wrong)
  }
}
