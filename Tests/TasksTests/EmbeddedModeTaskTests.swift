import Testing

@testable import Tasks

@Suite struct EmbeddedModeTaskTests {
  private let task = EmbeddedModeTask()

  @Test func everySolutionDecidesAtItsHead() throws {
    let solved = task.solvedProblems(count: 400, seed: 3)
    let plain = EmbeddedTask().solvedProblems(count: 400, seed: 3)
    #expect(solved.map(\.problem) == plain.map(\.problem))
    var thinking = 0
    for (solved, plain) in zip(solved, plain) {
      let decision = try #require(EmbeddedModeTask.tags.decision(solved.solution))
      #expect(decision.isOnly)
      if decision.mode == .on {
        thinking += 1
        #expect(solved.solution == "Let me: \(plain.solution)")
      } else {
        #expect(solved.solution == "So: The answer is \(solved.problem.answer).")
        #expect(task.verify(completion: solved.solution, problem: solved.problem).correct)
      }
    }
    #expect((150...250).contains(thinking))
    #expect(
      EmbeddedModeTask(thinkingShare: 0).solvedProblems(count: 9, seed: 1).allSatisfy {
        $0.solution.hasPrefix("So:")
      })
  }

  @Test func theEmbeddedTokenizerHasItsWords() {
    let words = Set(EmbeddedTask.vocabulary)
    for solved in task.solvedProblems(count: 50, seed: 1) {
      let pieces = " \(solved.solution)".split(whereSeparator: { $0 == " " }).flatMap { word in
        let mark = word.last.map { ".:?".contains($0) } ?? false
        return mark ? [" \(word.dropLast())", String(word.suffix(1))] : [" \(word)"]
      }
      #expect(pieces.allSatisfy { words.contains(String($0)) }, "\(solved.solution)")
    }
  }

  @Test func verificationIsTheEmbeddedTasks() throws {
    let problem = try #require(task.problems(count: 1, split: .heldOut, seed: 1).first)
    #expect(problem == EmbeddedTask().problems(count: 1, split: .heldOut, seed: 1).first)
    let right = "Let me: 1 + 1 = 2. The answer is \(problem.answer)."
    #expect(task.verify(completion: right, problem: problem).correct)
    #expect(!task.verify(completion: "So:", problem: problem).correct)
    #expect(try TaskRegistry.task(named: "chain-arithmetic-modes").name == task.name)
    #expect(
      task.intermediateResults(of: problem) == EmbeddedTask().intermediateResults(of: problem))
  }
}
