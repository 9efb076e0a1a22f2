import Foundation
import Testing

@testable import Tasks

@Suite struct MathematicsTasksTests {
  private func problem(
    _ task: any ReasoningTask, _ row: String, _ columns: DataColumns = DataColumns()
  ) throws -> Problem {
    try withFile(row) { try task.problems(from: $0, columns: columns)[0] }
  }

  @Test func mathReadsAnswersOrSolutions() throws {
    let whole = try problem(
      MathTask(),
      """
      {"problem": "p", "solution": "so $\\\\boxed{\\\\frac{1}{2}}$.", "answer": "\\\\frac12",
       "subject": "Algebra", "level": 3, "unique_id": "test/1"}
      """.replacingOccurrences(of: "\n", with: ""))
    #expect(whole.answer == "\\frac12")
    #expect(whole.solution == "so $\\boxed{\\frac{1}{2}}$.")
    #expect(whole.level == 3)
    #expect(whole.id == "test/1")
    #expect(whole.metadata == ["subject": "Algebra"])
    let boxed = try problem(
      MathTask(),
      "{\"problem\":\"p\",\"level\":\"Level 5\",\"type\":\"Geometry\",\"solution\":\"$\\\\boxed{3\\\\sqrt{2}}$\"}"
    )
    #expect(boxed.answer == "3\\sqrt{2}")
    #expect(boxed.level == 5)
    #expect(boxed.metadata == ["type": "Geometry"])
    #expect(MathTask().verify(completion: "It is $\\boxed{\\sqrt{18}}$.", problem: boxed).correct)
    #expect(!MathTask().verify(completion: "It is $\\boxed{\\sqrt{17}}$.", problem: boxed).correct)
    #expect(MathTask().prompt(for: boxed).hasSuffix("within \\boxed{}."))
    let unread = try problem(MathTask(), "{\"problem\":\"p\",\"answer\":\"\\\\frac{1}{\"}")
    #expect(!MathTask().goldIsParseable(unread))
    #expect(!MathTask().verify(completion: "\\frac{1}{", problem: unread).correct)
  }

  @Test func deepMathKeepsItsColumns() throws {
    let problem = try problem(
      DeepMathTask(),
      "{\"question\":\"q\",\"final_answer\":\"Yes\",\"difficulty\":6.5,\"topic\":\"t\",\"r1_solution_1\":\"s\"}"
    )
    #expect(problem.answer == "Yes")
    #expect(problem.level == 6)
    #expect(Set(problem.metadata.keys) == ["difficulty", "topic", "r1_solution_1"])
    #expect(DeepMathTask().verify(completion: "\\boxed{\\text{yes}}", problem: problem).correct)
    #expect(!DeepMathTask().verify(completion: "\\boxed{\\text{no}}", problem: problem).correct)
  }

  @Test func aimeTakesWholeNumbers() throws {
    let task = AIMETask()
    let problem = try problem(task, "{\"ID\":\"2024-I-1\",\"Problem\":\"p\",\"Answer\":\"025\"}")
    #expect(problem.id == "2024-I-1")
    #expect(task.goldIsParseable(problem))
    #expect(task.verify(completion: "Thus $\\boxed{25}$.", problem: problem).correct)
    #expect(task.verify(completion: "Thus $\\boxed{025}$.", problem: problem).correct)
    #expect(!task.verify(completion: "Thus $\\boxed{26}$.", problem: problem).correct)
    let numbers = try self.problem(task, "{\"problem\":\"p\",\"answer\":204,\"solution\":\"s\"}")
    #expect(numbers.answer == "204")
    #expect(numbers.solution == "s")
    for gold in ["1000", "-1", "1/2", ""] {
      let odd = Problem(id: "p", prompt: "p", answer: gold)
      #expect(!task.goldIsParseable(odd))
      #expect(!task.verify(completion: gold, problem: odd).correct)
    }
  }

  @Test func anyDataSetMayHaveMathematicsAndMessages() throws {
    let task = JSONLinesTask()
    let chat = try problem(
      task,
      """
      {"prompt": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "q"}],
       "reward_model": {"ground_truth": "\\\\frac{1}{2}", "style": "rule"}, "extra": [1, 2]}
      """.replacingOccurrences(of: "\n", with: ""))
    #expect(chat.prompt == "q")
    #expect(chat.earlierMessages == [Message(role: "system", content: "Be brief.")])
    #expect(chat.answer == "\\frac{1}{2}")
    #expect(chat.metadata == ["extra": [1, 2]])
    #expect(task.prompt(for: chat) == "Be brief.\n\nq")
    #expect(task.verify(completion: "So it is $0.5$.", problem: chat).correct)
    #expect(!task.verify(completion: "So it is $0.6$.", problem: chat).correct)
    let messages = try problem(
      task, "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"answer\":\"x\"}")
    #expect(messages.prompt == "q")
    let table = try withFile(Array("prompt,answer,kind\nq,7,k\n".utf8), named: "data.csv") {
      try task.problems(from: $0)[0]
    }
    #expect(table.answer == "7")
    #expect(table.metadata == ["kind": "k"])
  }

  @Test(arguments: [
    "{\"messages\":[{\"role\":\"assistant\",\"content\":\"q\"}],\"answer\":\"x\"}",
    "{\"messages\":[],\"answer\":\"x\"}", "{\"messages\":[{\"role\":\"user\"}],\"answer\":\"x\"}",
    "{\"messages\":[7],\"answer\":\"x\"}",
  ])
  func messagesThatAreNoneAreRefused(row: String) {
    let error = #expect(throws: DataError.self) { try problem(JSONLinesTask(), row) }
    #expect(error?.line == 1)
    #expect(error?.description.contains("messages") == true)
  }
}
