import Foundation
import Tasks
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct ModesTests {
  @Test func rolloutsOfBothModesBecomeExamples() throws {
    try withTemporaryFolder { folder in
      let problem = EmbeddedTask().problems(count: 1, split: .train, seed: 1)[0]
      func rollouts(_ texts: [(String, Bool)], _ name: String) throws {
        let rows = texts.enumerated().map { index, row in
          LabelledRollout(
            problemID: problem.id, sample: index, question: problem.prompt,
            prompt: "asked otherwise", completion: row.0, correct: row.1)
        }
        try LabelledRollout.write(rows, to: folder.appending(path: name))
      }
      try rollouts([("a long right one", true), ("right", true)], "on.jsonl")
      try rollouts([("wrong", false)], "off.jsonl")
      let command = ["modes", "--on", "on.jsonl", "--off", "off.jsonl", "--random-share", "0"]
      let result = try Program.run(command + ["--to", "pairs.jsonl"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("1 of 1 problems have an example, 1 of them with thinking"))
      let records = try JSONLinesReader.records(of: folder.appending(path: "pairs.jsonl"))
      #expect(try records.map { try $0.string("prompt") } == [problem.prompt])
      #expect(
        try records.map { try $0.string("completion") }
          == ["This needs thought. <think_on> right"])

      expectRefusal(
        try Program.run(command + ["--to", "pairs.jsonl"], in: folder), ["already there"])
      expectRefusal(
        try Program.run(command + ["--to", "b.jsonl", "--delta", "2"], in: folder), ["--delta"])
      expectRefusal(
        try Program.run(command + ["--to", "b.jsonl", "--on-tag", ""], in: folder),
        ["think-on-tag"])
      try rollouts([("wrong", false)], "on.jsonl")
      expectRefusal(
        try Program.run(command + ["--to", "b.jsonl"], in: folder), ["no problem has a right"])
    }
  }
}
