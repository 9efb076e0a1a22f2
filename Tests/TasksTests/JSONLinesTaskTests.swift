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

  @Test func readsBegunAnswers() throws {
    let row = """
      {"answer":"4","messages":[{"role":"system","content":"s"},{"role":"user","content":"2+2?"},\
      {"role":"assistant","content":"It is "}]}
      """
    let problem = try #require(try withFile(row) { try task.problems(from: $0) }.first)
    #expect(problem.prompt == "2+2?" && problem.begunAnswer == "It is ")
    #expect(problem.earlierMessages == [Message(role: "system", content: "s")])
    #expect(task.prompt(for: problem) == "s\n\n2+2?\n\nIt is ")
    #expect(problem.asking("3+3?").begunAnswer == "It is ")
    let alone = #"{"answer":"4","messages":[{"role":"assistant","content":"It is "}]}"#
    #expect {
      _ = try withFile(alone) { try task.problems(from: $0) }
    } throws: { "\($0)".contains("no message of the user at the end") }
  }

  @Test func readsPromptsOrQuestions() throws {
    let rows = "{\"prompt\":\"a\",\"answer\":true}\n{\"question\":\"b\",\"answer\":\" x \"}"
    let problems = try withFile(rows) { try task.problems(from: $0) }
    #expect(problems.map(\.prompt) == ["a", "b"])
    #expect(problems.map(\.answer) == ["true", "x"])
    #expect(problems.map { task.prompt(for: $0) } == ["a", "b"])
  }
}
