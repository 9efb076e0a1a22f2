import Tasks

/// A solution whose answer has been checked: what phase I learns from.
public struct LabelledSolution: Sendable, Hashable {
  /// The question's identity; solutions of one question share it.
  public let question: String
  /// Whether the answer is right.
  public let correct: Bool
  /// The solution in steps, after its own question's prompt.
  public let steps: RolloutSteps

  /// A solution with its verdict.
  public init(question: String, correct: Bool, steps: RolloutSteps) {
    self.question = question
    self.correct = correct
    self.steps = steps
  }
}

/// Solutions by question, questions in the order of their first solution.
struct QuestionGroups {
  /// Every question's solutions.
  private(set) var solutions: [[LabelledSolution]] = []

  init(_ labelled: [LabelledSolution]) {
    var rows: [String: Int] = [:]
    for solution in labelled {
      if let row = rows[solution.question] {
        solutions[row].append(solution)
      } else {
        rows[solution.question] = solutions.count
        solutions.append([solution])
      }
    }
  }

  /// The labels, with the tokens as texts, so that pairs of equal solutions are dropped.
  var outcomes: [QuestionOutcomes] {
    solutions.map { group in
      QuestionOutcomes(
        id: group[0].question, correct: group.map(\.correct),
        completions: group.map { $0.steps.completionIDs.map(String.init).joined(separator: " ") })
    }
  }

  /// All solutions of the questions `rows`.
  func references(_ rows: [Int]) -> [RolloutReference] {
    rows.flatMap { row in
      solutions[row].indices.map { RolloutReference(question: row, rollout: $0) }
    }
  }

  /// A solution as it is judged for the question in `row`: after that question's prompt.
  func steps(_ solution: RolloutReference, judgedFor row: Int) -> RolloutSteps {
    let steps = solutions[solution.question][solution.rollout].steps
    return solution.question == row ? steps : steps.asked(solutions[row][0].steps.promptIDs)
  }

  subscript(solution: RolloutReference) -> LabelledSolution {
    solutions[solution.question][solution.rollout]
  }
}

extension PreferencePairs {
  /// The pairs that `settings` ask for.
  init(_ settings: PreferenceSettings) {
    self.init(
      allWrong: settings.allWrong, offtopicPerTrajectory: settings.offtopicPerTrajectory,
      pairsPerQuestion: settings.pairsPerQuestion, validationShare: settings.validationShare,
      seed: UInt64(settings.seed))
  }
}
