import Foundation
import Testing

@testable import Tasks

@Suite struct LabelledRolloutTests {
  private let rollouts = [
    LabelledRollout(
      problemID: "a", sample: 0, question: "1+1?", prompt: "Q: 1+1?", completion: "é\n#### 2",
      completionIDs: [3, 0, 7], correct: true, extracted: "2", gold: "2", truncated: false),
    LabelledRollout(
      problemID: "a", sample: 1, question: "1+1?", prompt: "Q: 1+1?", completion: "",
      correct: false, score: 0.25),
  ]

  @Test func comesBackAsItWasWritten() throws {
    let read = try withFile("") { file in
      try LabelledRollout.write(rollouts, to: file)
      return try LabelledRollout.read(from: file)
    }
    #expect(read == rollouts)
    #expect(LabelledRollout.grouped(read) == [rollouts])
    let outcomes = QuestionOutcomes(rollouts)
    #expect(
      outcomes
        == QuestionOutcomes(id: "a", correct: [true, false], completions: ["é\n#### 2", ""]))
  }

  @Test func needsLittle() throws {
    let text = """
      {"question":"q1","completion":"x","correct":1}
      {"prompt":"q2","completion":"y","is_correct":false}
      {"question":"q1","completion":"z","correct":0}
      """
    let read = try withFile(text) { try LabelledRollout.read(from: $0) }
    #expect(read.map(\.problemID) == ["q1", "q2", "q1"])
    #expect(read.map(\.sample) == [0, 0, 1])
    #expect(read.map(\.correct) == [true, false, false])
    #expect(read.map(\.score) == [1, 0, 0])
    #expect(LabelledRollout.grouped(read).map(\.count) == [2, 1])
  }

  @Test(arguments: [
    (
      "rollouts.csv",
      """
      problem_id,question,completion,correct,completion_ids,score,truncated,extracted
      7,q1,"x, ""y""
      z",True,"[3, 4]",0.5,false,12
      7,q1,,0,,,,
      """
    ),
    (
      "rollouts.json",
      """
      [{"problem_id":7,"question":"q1","completion":"x, \\"y\\"\\nz","correct":true,
        "completion_ids":[3,4],"score":0.5,"truncated":false,"extracted":"12"},
       {"problem_id":"7","question":"q1","completion":"","correct":0,"extracted":""}]
      """
    ),
  ])
  func tablesAndArraysAreRead(name: String, text: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "\(UUID().uuidString)-\(name)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(
      try LabelledRollout.read(from: file) == [
        LabelledRollout(
          problemID: "7", sample: 0, question: "q1", prompt: "q1", completion: "x, \"y\"\nz",
          completionIDs: [3, 4], correct: true, score: 0.5, extracted: "12", truncated: false),
        LabelledRollout(
          problemID: "7", sample: 1, question: "q1", prompt: "q1", completion: "",
          correct: false, extracted: ""),
      ])
  }

  @Test func aTableNamesTheLineOfWhatItHasWrong() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
    try Data("question,completion,correct\nq,x,1\nq,y,maybe\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect {
      _ = try LabelledRollout.read(from: file)
    } throws: { "\($0)".contains(".csv:3: found a string in column \"correct\", expected true or") }
  }

  @Test func readsGSM8KsExampleSolutions() throws {
    let text =
      #"{"question":"q","ground_truth":"w\nA: 18","b":{"is_correct":false,"solution":"A: 1"},"#
      + #""a":{"is_correct":true,"solution":"A: 18"}}"#
    let read = try withFile(text) { try LabelledRollout.read(from: $0) }
    #expect(read.map(\.completion) == ["A: 18", "A: 1"])
    #expect(read.map(\.correct) == [true, false])
    #expect(read.map(\.gold) == ["18", "18"])
    #expect(read.map(\.sample) == [0, 1])
  }

  @Test(arguments: [
    (#"{"question":"q","completion":"x"}"#, "\"correct\""),
    (#"{"question":"q","completion":"x","correct":"yes"}"#, "expected true or false"),
    (#"{"question":"q","completion":"x","correct":2}"#, "expected true or false"),
    (#"{"question":"q","correct":true}"#, "\"completion\""),
    (#"{"question":"q","completion":"x","correct":true,"completion_ids":[1.5]}"#, "whole numbers"),
    (#"{"question":"q","ground_truth":"A: 1"}"#, "\"solution\" and \"is_correct\""),
    (#"{"question":"q","ground_truth":"A: 1","m":{"solution":"s"}}"#, "\"is_correct\""),
  ])
  func namesTheLineOfWhatCannotBeUsed(line: String, message: String) throws {
    do {
      _ = try withFile(line) { try LabelledRollout.read(from: $0) }
      Issue.record("no error")
    } catch let error as DataError {
      #expect(error.line == 1)
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test func writingIntoNothingIsAnError() {
    let file = URL(fileURLWithPath: "/there/is/no/such/folder/rollouts.jsonl")
    #expect(throws: DataError.self) { try LabelledRollout.write(rollouts, to: file) }
  }
}
