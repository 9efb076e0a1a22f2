import Testing

@testable import Tasks

@Suite("Embedded task: problems")
struct EmbeddedTaskTests {
  let task = EmbeddedTask()

  @Test("Equal arguments give equal problems, other seeds others, a larger count a longer row")
  func determinism() {
    let problems = task.problems(count: 50, split: .train, seed: 3)
    #expect(problems == task.problems(count: 50, split: .train, seed: 3))
    #expect(problems == Array(task.problems(count: 80, split: .train, seed: 3).prefix(50)))
    let others = task.problems(count: 50, split: .train, seed: 4)
    #expect(problems.map(\.prompt) != others.map(\.prompt))
    #expect(problems[7] == task.problem(seed: 3, index: 7, split: .train))
    #expect(Set(problems.map(\.id)).count == 50)
  }

  @Test("These problems and solutions never change: the shipped model was trained on them")
  func pinnedTexts() throws {
    let solved = task.solvedProblems(count: 2, seed: 1)
    #expect(solved.map(\.problem.prompt) == Pinned.prompts)
    #expect(solved.map(\.solution) == Pinned.solutions)
    #expect(solved == Array(task.solvedProblems(count: 5, seed: 1).prefix(2)))
  }

  @Test("No chain is in both splits, whatever its words, and each level has both", arguments: 2...5)
  func splitsAreDisjoint(level: Int) throws {
    func chains(_ split: ProblemSplit, seed: UInt64) throws -> Set<ArithmeticChain> {
      let problems = task.problems(count: 400, split: split, seed: seed, levels: [level])
      #expect(problems.allSatisfy { $0.level == level })
      return Set(try problems.map { try ArithmeticStory(parsing: $0.prompt).chain })
    }
    let train = try chains(.train, seed: 1)
    let heldOut = try chains(.heldOut, seed: 1)
    #expect(train.count > 100 && heldOut.count > 50)
    #expect(train.isDisjoint(with: heldOut))
    #expect(train.isDisjoint(with: try chains(.heldOut, seed: 2)))
  }

  @Test("About one chain in five is held out")
  func heldOutShare() {
    var random = SplitMix64(seed: 5)
    let chains = (0..<5_000).map { _ in ArithmeticChain.random(length: 4, using: &random) }
    let share = Double(chains.count(where: \.isHeldOut)) / 5_000
    // Five standard errors of a share of 0.2 among 5,000.
    #expect(abs(share - 0.2) < 5 * (0.2 * 0.8 / 5_000).squareRoot())
  }

  @Test("Every number of a chain is within bounds, and the answer is the last")
  func chainsStayWithinBounds() throws {
    for problem in task.problems(count: 300, split: .train, seed: 9) {
      let chain = try ArithmeticStory(parsing: problem.prompt).chain
      #expect(ArithmeticChain.isValid(chain.start, chain.operations))
      #expect(problem.answer == "\(chain.answer)")
      #expect(chain.operations.count == problem.level)
    }
  }

  @Test("A telling is read as the chain it tells, by hand")
  func readsATelling() throws {
    let story = try ArithmeticStory(
      parsing: "Ann has 7 apples. She sells 2. She doubles them. She wins 9. How many?")
    #expect(story.chain.start == 7)
    #expect(story.chain.operations == [.minus(2), .double, .plus(9)])
    #expect(story.chain.results == [5, 10, 19])
    #expect(story.chain.key == "7-2*2+9")
  }

  @Test(
    "What is no telling is refused with the sentence that is wrong",
    arguments: [
      ("Ann has 7 apples. She buys 5.", " She buys 5."),
      ("Ann has 70 apples. She buys 5. How many?", "Ann has 70 apples"),
      ("Ann has 7 apples. She eats 5. How many?", "She eats 5"),
      ("Ann has 7 apples. She buys 0. How many?", "She buys 0"),
      ("How many?", ""),
    ])
  func refusesOtherTexts(text: String, sentence: String) {
    let error = #expect(throws: EmbeddedProblemError.self) { try ArithmeticStory(parsing: text) }
    #expect(error?.sentence == sentence)
  }
}

/// Texts that a change of the generator would change.
private enum Pinned {
  static let prompts = [
    "Joe has 4 cards. He buys 2. He gets 8. He sells 7. He finds 1. He doubles them. How many?",
    "Gus has 4 apples. He finds 6. He finds 1. He spends 6. He buys 5. How many?",
  ]
  static let solutions = [
    "Maybe 4 + 2 = 6. 6 + 8 = 14. 14 - 7 = 6. 6 + 1 = 7. Check: 6 + 1 = 7. Maybe 7 * 2 = 13. "
      + "So far 13. The answer is 13. Let me redo it. 4 + 2 = 6. 6 + 8 = 13. 13 - 7 = 6. "
      + "6 + 1 = 7. 7 * 2 = 14. The answer is 14.",
    "Maybe 4 + 6 = 10. Maybe 10 + 1 = 10. Check: 10 + 1 = 10. Maybe 10 - 6 = 4. So far 4. "
      + "Check: 10 - 6 = 4. Check: 10 - 6 = 4. 4 + 5 = 9. Check: 4 + 5 = 9. The answer is 9.",
  ]
}
