import Testing

@testable import Tasks

@Suite struct DigitsTaskTests {
  private let task = DigitsTask()

  private func problem(_ prompt: String) throws -> Problem {
    try withFile("{\"prompt\":\"\(prompt)\"}") { try task.problems(from: $0) }[0]
  }

  @Test(arguments: [
    ("8,3:9,4", "7,2,6,1"), ("3,3:9,6", "3,3,3,3,3,3"), ("1,2:6,5", "3,4,5,0,1"), ("5,8:9,0", ""),
    ("9,0:9,2", "0,0"), ("9,10:20,2", "11,12"), ("0,9:9,1", "0"),
  ])
  func theAnswerFollowsFromThePrompt(prompt: String, answer: String) throws {
    #expect(try problem(prompt).answer == answer)
  }

  /// By hand: "7,2,6,1" has 7 characters, with the end token 8 parts.
  @Test(arguments: [
    ("7,2,6,1", 1.0), ("7,2,6,", 6.0 / 8), ("7,2,5,1", 4.0 / 8), ("", 0.0), ("2", 0.0),
    ("7,2,6,1,5", 7.0 / 8), (" 7,2,6,1", 0.0),
  ])
  func theScoreIsTheShareBeforeTheFirstMistake(completion: String, score: Double) throws {
    let verdict = task.verify(completion: completion, problem: try problem("8,3:9,4"))
    #expect(verdict.score == score)
    #expect(verdict.correct == (score == 1))
  }

  @Test func nothingIsTheAnswerToACountOfZero() throws {
    let empty = try problem("5,8:9,0")
    #expect(task.goldIsParseable(empty))
    #expect(task.verify(completion: "", problem: empty).correct)
    #expect(task.verify(completion: "1", problem: empty).score == 0)
  }

  @Test(arguments: ["8,3:9", "8:9,4", "8,3:0,4", "a,3:9,4", "8,3:9,-4", "8,3:9,4,", "1,1:9,1001"])
  func refusesOtherPrompts(prompt: String) {
    #expect {
      try problem(prompt)
    } throws: { error in
      (error as? DataError)?.reason == .invalidValue
    }
  }

  @Test func refusesAnAnswerThatDoesNotFollow() {
    #expect {
      try withFile("{\"prompt\":\"8,3:9,4\",\"answer\":\"7,2,6,2\"}") {
        try task.problems(from: $0)
      }
    } throws: { error in
      "\(error)".contains("expected \"7,2,6,1\", which follows from \"8,3:9,4\"")
    }
  }
}
