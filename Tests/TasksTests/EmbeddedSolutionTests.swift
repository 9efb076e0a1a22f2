import Testing

@testable import Tasks

@Suite("Embedded task: solutions")
struct EmbeddedSolutionTests {
  static let task = EmbeddedTask()

  /// Solutions of training problems, with what happened in them.
  static let corpus: [(chain: ArithmeticChain, solution: ArithmeticSolution)] = {
    var random = SplitMix64(seed: 11)
    return (0..<6_000).map { index in
      let chain = ArithmeticChain.random(length: 2 + index % 4, using: &random)
      return (chain, ArithmeticSolution(of: chain, habits: task.habits, using: &random))
    }
  }()

  @Test("The shortest solution, by hand")
  func shortestByHand() throws {
    let problem = Problem(
      id: "p", prompt: "Ben has 9 hats. He buys 4. He loses 8. He doubles them. How many?",
      answer: "10")
    #expect(
      try Self.task.shortestSolution(for: problem)
        == "9 + 4 = 13. 13 - 8 = 5. 5 * 2 = 10. The answer is 10.")
  }

  @Test("Shortest solutions are right and have one sentence per operation and one more")
  func shortestIsRight() throws {
    for problem in Self.task.problems(count: 200, split: .heldOut, seed: 2) {
      let solution = try Self.task.shortestSolution(for: problem)
      #expect(Self.task.verify(completion: solution, problem: problem).correct)
      #expect(solution.count { $0 == "." } == (problem.level ?? 0) + 1)
    }
  }

  @Test("A drawn solution's verdict is that of the number it ends in")
  func verdictsAreThoseOfTheAnswers() {
    for (chain, solution) in Self.corpus.prefix(500) {
      let problem = Problem(id: "p", prompt: "", answer: "\(chain.answer)")
      let verdict = Self.task.verify(completion: solution.text, problem: problem)
      #expect(verdict.extracted == "\(solution.answer)")
      #expect(verdict.correct == (solution.answer == chain.answer))
    }
  }

  @Test("Drawing through a problem's text equals drawing through its chain")
  func solutionThroughText() throws {
    let problem = Self.task.problem(seed: 1, index: 4, split: .train)
    let chain = try ArithmeticStory(parsing: problem.prompt).chain
    var (one, other) = (SplitMix64(seed: 8), SplitMix64(seed: 8))
    #expect(
      try Self.task.solution(for: problem, random: &one)
        == ArithmeticSolution(of: chain, habits: Self.task.habits, using: &other).text)
  }

  @Test("Guesses, their slips and re-checks come at the rates of the habits")
  func ratesAreThoseOfTheHabits() {
    let habits = Self.task.habits
    let sentences = Self.corpus.flatMap(\.solution.sentences)
    let guesses = sentences.filter { $0.deed == .guess }
    let deliberations = sentences.filter { $0.deed == .check || $0.deed == .recap }
    let checks = deliberations.count { $0.deed == .check }
    expect(checks, of: deliberations.count, is: habits.checkShare)
    // A slip is left out where no wrong result leaves the rest of the chain within bounds, so the
    // rate falls short by a little.
    expect(guesses.count { !$0.isRight }, of: guesses.count, is: habits.guessSlip, within: 0.02)
  }

  @Test("Plain steps and guesses split hard and easy steps as the habits say")
  func guessesFollowDifficulty() {
    let habits = SolutionHabits()
    var counts: [Bool: (guesses: Int, all: Int)] = [:]
    var random = SplitMix64(seed: 3)
    for _ in 0..<8_000 {
      // The first step starts from the right number, so its difficulty is known.
      let chain = ArithmeticChain.random(length: 2, using: &random)
      let solution = ArithmeticSolution(of: chain, habits: habits, using: &random)
      let isHard = chain.operations[0].isHard(on: chain.start)
      counts[isHard, default: (0, 0)].all += 1
      if solution.sentences[0].deed == .guess { counts[isHard, default: (0, 0)].guesses += 1 }
    }
    for (isHard, count) in counts {
      expect(count.guesses, of: count.all, is: isHard ? habits.guess.hard : habits.guess.easy)
    }
  }

  @Test("A re-check repairs a slip at the rate of the habits, and never spoils a right result")
  func checksRepair() {
    var (wrong, repaired) = (0, 0)
    for (_, solution) in Self.corpus {
      for (before, after) in zip(solution.sentences, solution.sentences.dropFirst())
      where after.deed == .check && before.deed != .recap {
        if before.isRight {
          #expect(after.isRight)
        } else {
          wrong += 1
          if after.isRight { repaired += 1 }
        }
      }
    }
    expect(repaired, of: wrong, is: Self.task.habits.repair)
  }

  @Test("Deliberation has value: solutions with guesses and re-checks are right more often")
  func deliberationHelps() {
    var (checked, unchecked) = ([Bool](), [Bool]())
    for (chain, solution) in Self.corpus {
      let deeds = solution.sentences.map(\.deed)
      guard deeds.contains(.guess), !deeds.contains(.redo) else { continue }
      let isRight = solution.answer == chain.answer
      if deeds.contains(.check) { checked.append(isRight) } else { unchecked.append(isRight) }
    }
    #expect(share(checked) > share(unchecked) + 0.2)
  }

  @Test("Mean length is at least twice that of the shortest solution, and lengths vary")
  func lengths() {
    let lengths = Self.corpus.map { tokenCount($0.solution.text) }
    let shortest = Self.corpus.map { tokenCount(ArithmeticSolution(shortestOf: $0.chain).text) }
    #expect(Double(lengths.reduce(0, +)) >= 2 * Double(shortest.reduce(0, +)))
    let sorted = lengths.sorted()
    #expect(sorted[sorted.count * 9 / 10] > 2 * sorted[sorted.count / 10])
  }

  @Test("The corpus is right about as often as an honest subject should be")
  func corpusAccuracy() {
    let right = share(Self.corpus.map { $0.solution.answer == $0.chain.answer })
    #expect(right > 0.55 && right < 0.85)
  }

  @Test("Without slips every solution is right; without habits it is the shortest")
  func habitsAreIndependent() {
    var exact = SolutionHabits()
    exact.guessSlip = 0
    exact.slip = SolutionHabits.Rates(easy: 0, hard: 0)
    var terse = exact
    terse.guess = exact.slip
    terse.deliberation = [0]
    (terse.redoInDoubt, terse.redoOtherwise) = (0, 0)
    var random = SplitMix64(seed: 1)
    for _ in 0..<200 {
      let chain = ArithmeticChain.random(length: 4, using: &random)
      let wordy = ArithmeticSolution(of: chain, habits: exact, using: &random)
      #expect(wordy.answer == chain.answer)
      let short = ArithmeticSolution(of: chain, habits: terse, using: &random)
      #expect(short == ArithmeticSolution(shortestOf: chain))
    }
  }

  @Test(
    "Only a last sentence of the right form states an answer",
    arguments: [
      ("5 + 2 = 7. The answer is 7.", "7"), ("The answer is 07.", "7"),
      ("The answer is 7", nil), ("The answer is 7. So far 7.", nil), ("answer is 7.", nil),
      ("The answer is seven.", nil), ("The answer is 7..", nil), ("", nil), (".", nil),
      ("The answer is 3. The answer is 7.", "7"),
    ] as [(String, String?)])
  func extraction(completion: String, answer: String?) {
    #expect(Self.task.extractAnswer(completion) == answer)
  }

  /// Expects `count` of `total` to be `rate` within five standard errors, or within `tolerance`.
  private func expect(
    _ count: Int, of total: Int, is rate: Double, within tolerance: Double = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = 5 * (rate * (1 - rate) / Double(total)).squareRoot()
    let found = Double(count) / Double(total)
    #expect(
      abs(found - rate) < max(error, tolerance), "\(found) of \(total), expected \(rate)",
      sourceLocation: sourceLocation)
  }

  private func share(_ values: [Bool]) -> Double {
    Double(values.count { $0 }) / Double(values.count)
  }

  /// Words and marks, which is what the tokenizer makes tokens of.
  private func tokenCount(_ text: String) -> Int {
    text.split(separator: " ").count + text.count { ".:?".contains($0) }
  }
}
