import JSON
import PolicyOptimization
import Settings
import Tasks
import Testing

@testable import Training

/// Length baselines in the loop: budgets in prompts, and what was cut off.
@Suite struct LengthTrainingTests {
  private func report(
    _ lines: [String], problems: [Problem] = Digits.problems
  ) throws -> StepReport {
    let configuration = try Digits.configuration(lines)
    let trainer = try PolicyTrainer(
      configuration, model: Digits.model(), reference: nil, task: FirstDigitTask(),
      problems: problems, preference: nil, segmenter: configuration.segmenter)
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return false
    }
    return try #require(reports.first)
  }

  private func isRight(_ row: AssessedRollouts.Row) -> Bool {
    row.completion.verdict.correct && row.completion.trajectory.finish != .length
  }

  /// The number in the sentence that ends the prompt.
  private func budget(_ row: AssessedRollouts.Row, _ before: String) throws -> Int {
    let text = row.prompt.split(separator: before).last.map(String.init) ?? ""
    #expect(row.prompt.hasPrefix(row.problem.prompt + " " + before) && text.hasSuffix(" tokens."))
    return try #require(Int(text.dropLast(" tokens.".count)), "\(row.prompt)")
  }

  @Test func promptsAskForTheBudgetThatTheRewardMeasures() throws {
    let lines = ["method.budget-min=2", "method.budget-max=4", "method.length-alpha=0.1"]
    let exact = try report(["method.name=l1-exact"] + lines)
    var seen = Set<Int>()
    for (_, rows) in Dictionary(grouping: exact.rollouts.rows, by: \.group) {
      let budgets = Set(try rows.map { try budget($0, "Think for ") })
      #expect(budgets.count == 1 && budgets.allSatisfy((2...4).contains))
      seen.formUnion(budgets)
      for row in rows {
        let length = row.completion.trajectory.completionIDs.count
        let distance = Double(abs((budgets.first ?? 0) - length))
        #expect(abs(row.reward - ((isRight(row) ? 1 : 0) - 0.1 * distance)) < 1e-12)
      }
    }
    #expect(seen.count > 1, "every prompt asked for the same")
    let longest = try report(["method.name=l1-max"] + lines)
    for row in longest.rollouts.rows {
      let room = Double(
        try budget(row, "Think for maximum ") - row.completion.trajectory.completionIDs.count)
      #expect(abs(row.reward - (isRight(row) ? min(max(0.1 * room + 0.5, 0), 1) : 0)) < 1e-12)
    }
  }

  private func withBudgets(_ budget: JSONValue) -> [Problem] {
    Digits.problems.map {
      Problem(
        id: $0.id, prompt: $0.prompt, answer: $0.answer, metadata: ["budget": budget], line: 4)
    }
  }

  @Test func aProblemsOwnBudgetWins() throws {
    let report = try report(["method.name=l1-exact"], problems: withBudgets(3))
    for row in report.rollouts.rows { #expect(try budget(row, "Think for ") == 3) }
  }

  @Test(arguments: [0, -2, "few", true] as [JSONValue])
  func aBudgetThatIsNoneIsRefused(budget: JSONValue) {
    let text = message {
      _ = try report(["method.name=l1-max"], problems: withBudgets(budget))
    }
    #expect(text.contains("line 4: the column budget is") && text.contains("1 or more"), "\(text)")
  }

  @Test func otherMethodsAskForNothing() throws {
    let report = try report(["method.name=kimi-k1.5"])
    for row in report.rollouts.rows { #expect(row.prompt == row.problem.prompt) }
  }

  @Test func whatWasCutOffIsNotPaidFor() throws {
    let report = try report([
      "method.name=laser", "method.target-length=4", "method.length-bonus=0.5",
    ])
    var cutOffThoughRight = 0
    for row in report.rollouts.rows {
      let length = row.completion.trajectory.completionIDs.count
      #expect(row.reward == (isRight(row) ? (length <= 4 ? 1.5 : 1) : 0))
      if row.completion.verdict.correct, !isRight(row) { cutOffThoughRight += 1 }
    }
    #expect(cutOffThoughRight > 0, "nothing to compare")
  }

  @Test func aTargetIsRequired() {
    let missing = message { _ = try report(["method.name=laser"]) }
    #expect(missing.contains("method.target-length is missing"), "\(missing)")
    let useless = message { _ = try report(["method.name=laser", "method.target-length=5"]) }
    #expect(useless.contains("expected at most 4"), "\(useless)")
    let beyond = message { _ = try report(["method.name=l1-max", "method.budget-max=6"]) }
    #expect(beyond.contains("method.budget-max is 6"), "\(beyond)")
  }
}
