import Foundation
import PolicyOptimization
import Tasks
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct ListingTests {
  @Test func doctorChecksTheEngine() throws {
    try withTemporaryFolder { folder in
      let result = try Program.run(["doctor", "--json"], in: folder)
      #expect(result.status == 0)
      let report = try object(result.output)
      #expect(report["engineCheck"] as? String == "gradients are right")
      #expect((report["libtorch"] as? String)?.first?.isNumber == true)
      #expect((report["memoryMiB"] as? Int ?? 0) > 0)
      let text = try Program.run(["doctor"], in: folder)
      #expect(text.output.contains("gradients are right"))
    }
  }

  @Test func methodsAreListedWithTheirSources() throws {
    try withTemporaryFolder { folder in
      let result = try Program.run(["methods", "--json"], in: folder)
      #expect(result.status == 0)
      let entries = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
      #expect(
        entries.compactMap { $0["name"] as? String } == Methods.all.map(\.publication.name))
      for entry in entries {
        #expect((entry["citation"] as? String)?.isEmpty == false)
        #expect((entry["settings"] as? [String: String])?.isEmpty == false)
      }
      let dapo = entries.first { $0["name"] as? String == "dapo" }
      #expect((dapo?["departuresFromGRPO"] as? [String: String])?["clip-high"] == "0.28")
      let one = try Program.run(["methods", "ws-grpo"], in: folder)
      #expect(one.output.contains("2602.17025"))
      #expect(one.output.contains("steps-min"))
      #expect(!one.output.contains("arXiv 2503.14476"))
    }
  }

  @Test func tasksAreListed() throws {
    try withTemporaryFolder { folder in
      let result = try Program.run(["tasks"], in: folder)
      #expect(result.status == 0)
      let names = result.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
      #expect(names.map(String.init) == TaskRegistry.all.map(\.name))
    }
  }

  @Test func wrongNamesMeetTheirNearest() throws {
    try withTemporaryFolder { folder in
      expectRefusal(
        try Program.run(["methods", "ws-grop"], in: folder), ["ws-grop", "nearest is ws-grpo"])
      expectRefusal(
        try Program.run(["train", "--method", "drgrpp"], in: folder), ["nearest is dr-grpo"])
      expectRefusal(
        try Program.run(["train", "--task", "gsm8"], in: folder), ["\"gsm8\"", "nearest is gsm8k"])
      expectRefusal(
        try Program.run(["train", "training.learning-rte=1"], in: folder),
        ["unknown key training.learning-rte", "training.learning-rate", "command line"])
      expectRefusal(try Program.run(["train", "nonsense"], in: folder), ["section.key=value"])
      expectRefusal(try Program.run(["trian"], in: folder), ["trian"])
    }
  }

  @Test func tokenizeAnswersLineByLine() throws {
    try withTemporaryFolder { folder in
      try Data(EmbeddedTask.tokenizerJSON.utf8).write(to: folder.appending(path: "tokenizer.json"))
      let command = ["tokenize", "--tokenizer", "tokenizer.json"]
      let good = try Program.run(
        command, in: folder, input: "{\"text\":\"7 + 5 = 12.\"}\n{\"ids\":[1,2]}\n")
      #expect(good.status == 0)
      let answers = try good.output.split(separator: "\n").map { try object(String($0)) }
      #expect(answers.count == 2)
      #expect(answers[0]["text"] as? String == "7 + 5 = 12.")
      #expect((answers[0]["ids"] as? [Int])?.first == 1)
      #expect((answers[0]["ids"] as? [Int])?.count == 7)
      #expect(answers[1]["text"] as? String == "")

      let bad = try Program.run(
        command, in: folder, input: "{\"text\":\"7\"}\n{\"text\":\n{\"text\":\"8\"}\n")
      expectRefusal(bad, ["line 2", "expected {\"text\""])
      #expect(bad.output.split(separator: "\n").count == 1)
      expectRefusal(
        try Program.run(command, in: folder, input: "{\"ids\":[99999]}\n"), ["line 1", "99999"])
      expectRefusal(
        try Program.run(["tokenize", "--tokenizer", "none.json"], in: folder, input: ""),
        ["none.json"])
    }
  }
}
