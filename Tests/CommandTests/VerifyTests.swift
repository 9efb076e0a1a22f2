import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct VerifyTests {
  private func verdicts(_ input: String, _ arguments: [String] = []) throws -> [[String: Any]] {
    try withTemporaryFolder { folder in
      let result = try Program.run(["verify"] + arguments, in: folder, input: input)
      #expect(result.status == 0, "\(result.errors)")
      return try result.output.split(separator: "\n").map { try object(String($0)) }
    }
  }

  @Test func everyLineHasAVerdict() throws {
    let lines = try verdicts(
      """
      {"gold": "$\\\\frac{1}{2}$", "answer": "So it is $\\\\boxed{0.5}$."}

      {"gold": 7, "answer": "It is 8."}
      {"gold": "C", "answer": "The answer is (C).", "task": "arc"}
      {"gold": "C", "answer": "copper", "task": "commonsense-qa", \
      "choices": [{"label": "C", "text": "copper"}, {"label": "D", "text": "tin"}]}
      {"gold": "18", "answer": "9 * 2 = 18, so #### 18", "task": "gsm8k", "other": [1]}
      {"gold": "\\\\frac{1}{", "answer": "\\\\frac{1}{"}
      {"gold": "5", "answer": ""}
      """)
    #expect(
      lines.map { $0["correct"] as? Bool } == [true, false, true, true, true, false, false])
    #expect(lines[0]["extracted"] as? String == "0.5")
    #expect(lines[0]["gold"] as? String == "\\frac{1}{2}")
    #expect(lines[1]["reason"] as? String == "\"8\" is not \"7\"")
    #expect(lines[2]["extracted"] as? String == "C")
    #expect(lines[5]["extracted"] is NSNull)
    #expect((lines[5]["reason"] as? String)?.contains("cannot be read") == true)
    #expect((lines[6]["reason"] as? String)?.contains("no answer") == true)
    for line in lines { #expect(Set(line.keys) == ["correct", "extracted", "gold", "reason"]) }
  }

  @Test func settingsDecide() throws {
    let pi = "{\"gold\": \"$\\\\pi$\", \"answer\": \"3.14\"}\n"
    #expect(try verdicts(pi).first?["correct"] as? Bool == false)
    #expect(try verdicts(pi, ["--decimal-places", "2"]).first?["correct"] as? Bool == true)
    let set = "{\"gold\": \"$[0,1]$\", \"answer\": \"$0 \\\\le x \\\\le 1$\"}"
    #expect(try verdicts(set).first?["correct"] as? Bool == true)
    #expect(try verdicts(set, ["--strict-sets"]).first?["correct"] as? Bool == false)
    let label = "{\"gold\": \"B\", \"answer\": \"I choose option B because it is so.\"}"
    #expect(try verdicts(label, ["--task", "arc"]).first?["correct"] as? Bool == true)
  }

  @Test func faultyLinesAreNamed() throws {
    try withTemporaryFolder { folder in
      let good = "{\"gold\": \"1\", \"answer\": \"1\"}\n"
      let bad = try Program.run(["verify"], in: folder, input: good + "{\"gold\": \n")
      expectRefusal(bad, ["standard input:2", "expected"])
      #expect(bad.output.split(separator: "\n").count == 1)
      expectRefusal(
        try Program.run(
          ["verify"], in: folder, input: good + "{\"gold\": \"1\", \"anwser\": \"1\"}"),
        ["standard input:2", "nearest is \"anwser\""])
      expectRefusal(
        try Program.run(["verify"], in: folder, input: "[1]"), ["standard input:1", "an array"])
      expectRefusal(
        try Program.run(
          ["verify"], in: folder, input: "{\"gold\": \"1\", \"answer\": \"1\", \"task\": \"mth\"}"),
        ["standard input:1", "\"mth\""])
      expectRefusal(
        try Program.run(["verify", "--task", "mth"], in: folder, input: ""), ["nearest is math"])
      expectRefusal(
        try Program.run(["verify", "--decimal-places", "51"], in: folder, input: ""), ["51", "50"])
    }
  }
}
