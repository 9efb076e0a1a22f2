import Testing

@testable import Tasks

@Suite struct JSONLinesTaskTests {
  private let task = JSONLinesTask()

  private func isRight(_ completion: String, _ gold: String) -> Bool {
    task.verify(completion: completion, problem: Problem(id: "p", prompt: "q", answer: gold))
      .correct
  }

  @Test func numericGoldsAreComparedAsNumbers() {
    #expect(isRight("I think it is 18.0", "18"))
    #expect(isRight("\\boxed{1,000}", "1000"))
    #expect(isRight("The answer is 50%.", "50%"))
    #expect(!isRight("eighteen", "18"))
  }

  @Test func otherGoldsAreComparedAsText() {
    #expect(isRight("Paris", "Paris"))
    #expect(isRight("It lies in France.\n\nThe answer is **Paris**.", "Paris"))
    #expect(isRight("\\boxed{B}", "B"))
    #expect(isRight("thinking\n#### 12 monkeys\n", "12 monkeys"))
    #expect(isRight("first\nyes.\n", "yes"))
    #expect(isRight("Answer:\n$x^2$", "x^2"))
    #expect(!isRight("paris", "Paris"))
    #expect(!isRight("Paris or London", "Paris"))
    #expect(!isRight("", "Paris"))
  }

  @Test func anEmptyGoldIsNeverRight() {
    #expect(!task.goldIsParseable(Problem(id: "p", prompt: "q", answer: "")))
    #expect(!isRight("", ""))
    #expect(!isRight("anything", ""))
  }

  @Test func readsPromptsOrQuestions() throws {
    let rows = "{\"prompt\":\"a\",\"answer\":true}\n{\"question\":\"b\",\"answer\":\" x \"}"
    let problems = try withFile(rows) { try task.problems(from: $0) }
    #expect(problems.map(\.prompt) == ["a", "b"])
    #expect(problems.map(\.answer) == ["true", "x"])
    #expect(problems.map { task.prompt(for: $0) } == ["a", "b"])
  }
}
