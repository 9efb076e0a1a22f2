import Testing

@testable import Tasks

@Suite("Word problems")
struct WordProblemTests {
  let task = WordProblemTask()

  @Test("Equal arguments give equal problems, other seeds others, a larger count a longer row")
  func determinism() {
    let problems = task.problems(count: 40, split: .train, seed: 3)
    #expect(problems == Array(task.problems(count: 60, split: .train, seed: 3).prefix(40)))
    #expect(
      problems.map(\.prompt) != task.problems(count: 40, split: .train, seed: 4).map(\.prompt))
    #expect(Set(problems.map(\.id)).count == 40)
    let solved = task.solvedProblems(count: 40, seed: 3)
    #expect(solved.map(\.problem) == problems)
    #expect(solved == Array(task.solvedProblems(count: 60, seed: 3).prefix(40)))
  }

  @Test("A chain is on one side whatever its words, one in five held out")
  func split() {
    var random = SplitMix64(seed: 5)
    let chains = (0..<5_000).map { _ in QuantityChain.random(length: 3, using: &random) }
    let share = Double(chains.count(where: \.isHeldOut)) / 5_000
    // Five standard errors of a share of 0.2 among 5,000.
    #expect(abs(share - 0.2) < 5 * (0.2 * 0.8 / 5_000).squareRoot())
    for chain in chains.prefix(200) {
      #expect(QuantityChain.isValid(chain.start, chain.operations))
      #expect(
        chain.isHeldOut == QuantityChain(start: chain.start, operations: chain.operations).isHeldOut
      )
    }
  }

  @Test(
    "The sentences tell every operation in order, and the numbers that do not matter are marked")
  func story() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let chain = QuantityChain.random(length: 4, using: &random)
      let story = WordProblemStory(chain, using: &random)
      var numbers = story.text.split { !$0.isNumber }.compactMap { Int($0) }
      var others = story.distractors
      numbers.removeAll { number in
        guard others.first == number else { return false }
        others.removeFirst()
        return true
      }
      // A distractor may equal an operand that comes before it; then the operand was taken out.
      #expect(numbers.sorted() == ([chain.start] + chain.operations.map(\.operand)).sorted())
      for word in ["NAME", "PRONOUN", "THINGS", "START"] { #expect(!story.text.contains(word)) }
      #expect(story.text.hasSuffix("?"))
    }
  }

  @Test(
    "Columns are those of school, from the units",
    arguments: [
      (QuantityChain.Operation.plus(48), 37, "7 + 8 = 15, 3 + 4 + 1 = 8, so 85", true),
      (.plus(5), 133, "3 + 5 = 8, 3 + 0 = 3, 1 + 0 = 1, so 138", false),
      (.plus(98), 102, "2 + 8 = 10, 0 + 9 + 1 = 10, 1 + 0 + 1 = 2, so 200", true),
      (.minus(48), 85, "15 - 8 = 7, 8 - 4 - 1 = 3, so 37", true),
      (.minus(99), 200, "10 - 9 = 1, 10 - 9 - 1 = 0, 2 - 0 - 1 = 1, so 101", true),
      (.minus(12), 85, "5 - 2 = 3, 8 - 1 = 7, so 73", false),
      (.times(5), 19, "9 * 5 = 45, 1 * 5 + 4 = 9, so 95", true),
      (.times(2), 143, "3 * 2 = 6, 4 * 2 = 8, 1 * 2 = 2, so 286", false),
    ])
  func columns(
    operation: QuantityChain.Operation, value: Int, text: String, carries: Bool
  ) {
    let work = ColumnWork(operation, on: value)
    #expect(work.text == text)
    #expect(work.carries == carries)
    #expect(operation.isHard(on: value) == carries)
  }

  @Test("Every equation in the columns of random operations holds, and they spell the result")
  func columnsHold() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<2_000 {
      let chain = QuantityChain.random(length: 2, using: &random)
      var value = chain.start
      for operation in chain.operations {
        let work = ColumnWork(operation, on: value)
        #expect(work.columns.allSatisfy(Self.holds))
        let last =
          work.columns.last.flatMap { $0.split(separator: " ").last }.map(String.init) ?? ""
        let units = work.columns.dropLast().compactMap { $0.last }.reversed()
        #expect(Int(last + String(units)) == work.result)
        value = work.result
      }
    }
  }

  /// Whether an equation such as `3 * 4 + 1 = 13` holds; `*` comes before the others in what is written here.
  private static func holds(_ equation: String) -> Bool {
    let words = equation.split(separator: " ").map(String.init)
    guard let first = words.first.flatMap({ Int($0) }) else { return false }
    var value = first
    var index = 1
    while index + 1 < words.count {
      guard let operand = Int(words[index + 1]) else { return false }
      switch words[index] {
      case "+": value += operand
      case "-": value -= operand
      case "*": value *= operand
      case "=": return value == operand && index + 2 == words.count
      default: return false
      }
      index += 2
    }
    return false
  }

  @Test("Solutions of the corpus end in an answer, mostly the right one, concise ones always")
  func solutions() {
    let solved = task.solvedProblems(count: 1_000, seed: 1)
    let right = solved.count { task.verify(completion: $0.solution, problem: $0.problem).correct }
    #expect(solved.allSatisfy { task.extractAnswer($0.solution) != nil })
    #expect((700..<950).contains(right))
    let concise = task.conciselySolvedProblems(count: 1_000, seed: 1)
    #expect(concise.map(\.problem) == solved.map(\.problem))
    #expect(
      concise.allSatisfy { task.verify(completion: $0.solution, problem: $0.problem).correct })
    func characters(_ solved: [SolvedProblem]) -> Int { solved.map(\.solution.count).reduce(0, +) }
    #expect(characters(concise) < characters(solved))
    #expect(solved.contains { $0.solution.contains(WordProblemSolution.redo) })
    #expect(solved.contains { $0.solution.contains("does not matter here.") })
    #expect(solved.contains { $0.solution.contains("Check ") })
  }

  @Test("Without slips every solution is right")
  func habits() {
    var habits = WordProblemHabits()
    habits.easySlip = 0
    habits.hardSlip = 0
    let solved = WordProblemTask(habits: habits).solvedProblems(count: 300, seed: 4)
    #expect(solved.allSatisfy { task.verify(completion: $0.solution, problem: $0.problem).correct })
  }

  @Test("Rows of a file need a question and an answer")
  func rows() throws {
    let row = #"{"question": "How many?", "answer": 12}"#
    let problem = try withFile(row) { try task.problems(from: $0) }[0]
    #expect(problem.answer == "12")
    #expect(task.goldIsParseable(problem))
    #expect(task.verify(completion: "So. The answer is 12.", problem: problem).correct)
    #expect(!task.verify(completion: "The answer is 12", problem: problem).correct)
    #expect(throws: DataError.self) {
      try withFile(#"{"question": "How many?"}"#) { try task.problems(from: $0) }
    }
  }
}
