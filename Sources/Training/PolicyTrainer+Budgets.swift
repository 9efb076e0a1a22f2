import PolicyOptimization
import Rollouts
import Tasks

extension PolicyTrainer {
  /// The column of a data file that states a problem's own number of tokens.
  private static let budgetColumn = "budget"

  /// How many tokens the prompt at `place` of the endless sequence of problems asks for: the problem's
  /// own number, or one drawn from the method's range; nil for methods whose prompts do not ask.
  ///
  /// - Throws: `TrainingError` for a problem's own number that is none.
  func budget(for problem: Problem, at place: Int) throws -> Int? {
    guard let budgets = configuration.method.budgets else { return nil }
    if let own = problem.metadata[Self.budgetColumn] {
      guard let tokens = own.int, tokens > 0 else {
        let line = problem.line.map { ", line \($0)" } ?? ""
        throw TrainingError(
          "problem \(problem.id)\(line): the column \(Self.budgetColumn) is \(own), expected a whole "
            + "number of tokens, 1 or more")
      }
      return tokens
    }
    return budgets.range.budget(
      draw: budgetDraws.unit(place), maxCompletion: configuration.rollouts.maximumCompletion)
  }

  /// The number of tokens in words, to stand after the question, where there is one.
  func instruction(budget: Int?) -> String? {
    budget.flatMap { configuration.method.budgets?.instruction(budget: $0) }
  }

  /// The numbers of tokens of a step's rows; nil where prompts do not ask.
  func budgets(of groups: [RolloutGroup]) -> [Int]? {
    let rows = groups.flatMap { group in group.completions.map { _ in group.budget } }
    return rows.contains(nil) ? nil : rows.compactMap(\.self)
  }

  // A stream of its own, beside those of screening and draws.
  private var budgetDraws: RandomStream { stream.substream(.max - 2) }
}
