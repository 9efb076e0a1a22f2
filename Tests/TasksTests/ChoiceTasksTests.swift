import Foundation
import Testing

@testable import Tasks

@Suite struct ChoiceTasksTests {
  private static let nested = """
    {"id": "7", "question": {"stem": "Which is a metal?", "question_concept": "metal", "choices": \
    [{"label": "A", "text": "oxygen"}, {"label": "B", "text": "carbon dioxide"}, \
    {"label": "C", "text": "copper"}]}, "answerKey": "C"}
    """
  private static let columns = """
    {"id": "7", "question": "Which is a metal?", "choices": {"text": ["oxygen", "carbon dioxide", \
    "copper"], "label": ["A", "B", "C"]}, "answerKey": "C", "question_concept": "metal"}
    """

  private func problem(_ row: String) throws -> Problem {
    try withFile(row) { try ARCTask().problems(from: $0)[0] }
  }

  @Test(arguments: [nested, columns])
  func choicesStandInThePromptAndTheMetadata(row: String) throws {
    let problem = try problem(row)
    #expect(problem.id == "7")
    #expect(
      problem.prompt == "Which is a metal?\n(A) oxygen\n(B) carbon dioxide\n(C) copper")
    #expect(problem.answer == "C")
    #expect(problem.choices.map(\.text) == ["oxygen", "carbon dioxide", "copper"])
    #expect(ARCTask().goldIsParseable(problem))
  }

  @Test func otherColumnsStay() throws {
    #expect(try problem(Self.columns).metadata["question_concept"] == "metal")
  }

  @Test(arguments: [
    "C", "C.", "(C)", "C) copper", "c", "copper", "Copper.", "\\boxed{C}", "$\\boxed{\\text{(C)}}$",
    "\\boxed{\\text{copper}}", "Metals conduct. The answer is C.", "The answer is (C) copper.",
    "The correct answer is **C**.", "Answer: C", "**Answer:** (C)", "The answer is copper.",
    "A is a gas and B is a gas, so it must be option C.", "Not (A), not (B), but (C)",
    "A gas is no metal. So C",
    "First I thought the answer is A. But the answer is C, since it shines.",
    "The final answer is: $\\boxed{C}$",
  ])
  func statedChoicesAreFound(completion: String) throws {
    let verdict = ARCTask().verify(completion: completion, problem: try problem(Self.nested))
    #expect(verdict.correct, "\(verdict)")
    #expect(verdict.extracted == "C")
  }

  @Test(arguments: [
    "A", "(B)", "oxygen", "The answer is A.", "\\boxed{B}", "", "I do not know.", "D",
    "Copper is C, but the answer is B.", "A metal shines.", "C is copper. The answer is A",
  ])
  func otherStatementsAreWrong(completion: String) throws {
    #expect(
      !ARCTask().verify(completion: completion, problem: try problem(Self.nested)).correct)
  }

  @Test func choicesMayStandInTheQuestion() throws {
    let problem = try problem("{\"question\":\"q\\n(A): a\\n(B): b\",\"answer\":\"B\"}")
    #expect(problem.prompt == "q\n(A): a\n(B): b")
    #expect(ARCTask().verify(completion: "The answer is (B).", problem: problem).correct)
    #expect(!ARCTask().verify(completion: "The answer is (A).", problem: problem).correct)
    let digits = Problem(id: "p", prompt: "q", answer: "3")
    #expect(CommonsenseQATask().verify(completion: "The answer is 3.", problem: digits).correct)
    let odd = Problem(id: "p", prompt: "q", answer: "copper")
    #expect(!ARCTask().goldIsParseable(odd))
    #expect(!ARCTask().verify(completion: "copper", problem: odd).correct)
  }

  @Test(arguments: [
    (
      "{\"question\":\"q\",\"choices\":{\"text\":[\"a\"],\"label\":[]},\"answerKey\":\"A\"}",
      "labels"
    ),
    (
      "{\"question\":\"q\",\"choices\":[{\"text\":\"a\",\"label\":\"AB\"}],\"answerKey\":\"A\"}",
      "choice"
    ),
    ("{\"question\":\"q\",\"choices\":[\"a\",\"b\"],\"answerKey\":\"C\"}", "A, B"),
    ("{\"question\":{\"choices\":[]},\"answerKey\":\"C\"}", "stem"),
    ("{\"question\":7,\"answerKey\":\"C\"}", "a number"),
  ])
  func faultyQuestionsAreRefused(row: String, words: String) {
    let error = #expect(throws: DataError.self) { try problem(row) }
    #expect(error?.line == 1)
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }
}

/// Every gold label is found again in a plain statement of it.
@Suite(.enabled(if: RealData.folder != nil, Comment(rawValue: RealData.missing)))
struct RealChoicesTests {
  @Test(arguments: [
    ("commonsense_qa/dev_rand_split.jsonl", 1221), ("commonsense_qa/train_2000.jsonl", 2000),
    ("arc/mammoth2_arc_challenge_test.json", 1172),
  ])
  func everyRowIsReadAndVerified(path: String, rows: Int) throws {
    let file = try #require(RealData.folder).appendingPathComponent(path)
    let task: any ReasoningTask = path.hasPrefix("arc") ? ARCTask() : CommonsenseQATask()
    let problems = try task.problems(from: file)
    #expect(problems.count == rows)
    for problem in problems {
      #expect(task.goldIsParseable(problem), "\(problem.id): \(problem.answer)")
      let right = "I weighed them all.\nThe answer is (\(problem.answer))."
      #expect(task.verify(completion: right, problem: problem).correct)
      let other = problem.answer == "A" ? "B" : "A"
      #expect(!task.verify(completion: "The answer is \(other).", problem: problem).correct)
      if let choice = problem.choices.first(where: { $0.label == problem.answer }) {
        #expect(
          task.verify(completion: "\\boxed{\\text{\(choice.text)}}", problem: problem).correct
            || problem.choices.filter { $0.text == choice.text }.count > 1, "\(choice)")
      }
    }
  }
}
