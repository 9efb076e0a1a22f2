import Foundation
import Testing

@testable import Tasks

@Suite(.enabled(if: RealData.folder != nil, Comment(rawValue: RealData.missing)))
struct RealDataTests {
  private func file(_ path: String) throws -> URL {
    try #require(RealData.folder).appendingPathComponent(path)
  }

  @Test(arguments: [("train", 7473), ("test", 1319)])
  func everyGSM8KSolutionVerifies(split: String, rows: Int) throws {
    let task = GSM8KTask()
    let problems = try task.problems(from: file("gsm8k/\(split).jsonl"))
    #expect(problems.count == rows)
    #expect(problems.allSatisfy(task.goldIsParseable))
    for problem in problems {
      #expect(task.verify(completion: problem.solution ?? "", problem: problem).correct)
    }
  }

  /// The labels of GSM8K's example solutions were made by its authors' own checker.
  @Test func verdictsAgreeWithTheLabelsOfGSM8KsExampleSolutions() throws {
    let rollouts = try LabelledRollout.read(from: file("gsm8k/example_model_solutions.jsonl"))
    #expect(rollouts.count == 4 * 1319)
    let task = GSM8KTask()
    let differing = rollouts.filter { rollout in
      let problem = Problem(id: "p", prompt: rollout.question, answer: rollout.gold ?? "")
      return task.verify(completion: rollout.completion, problem: problem).correct
        != rollout.correct
    }
    #expect(differing.isEmpty, "\(differing.prefix(5))")
    let split = try PreferencePairs().split(
      LabelledRollout.grouped(rollouts).map(QuestionOutcomes.init))
    #expect(!split.training.isEmpty && !split.validation.isEmpty)
  }
}
