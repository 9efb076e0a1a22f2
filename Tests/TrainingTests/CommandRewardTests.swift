import Foundation
import JSON
import PrefixPreference
import Rollouts
import Tasks
import Testing

@testable import Training

@Suite struct CommandRewardTests {
  private static func inputs(_ texts: [String]) -> [RewardInput] {
    texts.enumerated().map { row, text in
      RewardInput(
        group: row / 2,
        problem: Problem(
          id: "p\(row / 2)", prompt: "1 + 1?", answer: "2", metadata: ["source": "book"]),
        prompt: "Q: 1 + 1?",
        completion: GradedTrajectory(
          trajectory: Trajectory(
            promptIDs: [1], completionIDs: Array(0..<text.count), logProbabilities: [],
            finish: .endToken),
          text: text,
          verdict: Verdict(correct: text == "2", extracted: text, gold: "2", reason: ""),
          stepEnds: [], stepOfToken: []))
    }
  }

  private static let texts = inputs(["2", "3", "two\n\"2\"", ""])

  private func values(_ command: String, timeout: Double = 30) throws -> RewardValues {
    let reward = CommandReward(command, timeout: timeout)
    defer { reward.finish() }
    return try reward.values(of: Self.texts)
  }

  @Test func scoresComeBackInOrder() throws {
    let right =
      #"sed -u -e 's/.*"correct":true.*/{"score": 1.5}/' -e 's/.*"correct":false.*/{"score": null}/'"#
    #expect(try values(right) == RewardValues([1.5, nil, nil, nil]))
  }

  @Test func aLineSaysAllThereIsToKnow() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "seen.jsonl").path
      _ = try values("tee '\(file)' | sed -u 's/.*/{\"score\": 0}/'")
      let rows = try JSONLinesReader.records(of: URL(filePath: file))
      #expect(rows.count == 4)
      #expect(
        JSONValue.object(rows[2].columns) == [
          "answer": "2", "columns": ["source": "book"], "completion": "two\n\"2\"",
          "correct": false, "extracted": "two\n\"2\"", "finish": "stop", "group": 1,
          "problem": "p1", "prompt": "Q: 1 + 1?", "question": "1 + 1?", "reward": .double(0),
          "row": 2, "rows": 4, "tokens": 7,
        ])
    }
  }

  @Test func oneProcessServesAllBatches() throws {
    let reward = CommandReward(
      #"n=0; while read -r line; do n=$((n+1)); echo "{\"score\": $n}"; done"#)
    defer { reward.finish() }
    #expect(try reward.values(of: Self.texts).values == [1, 2, 3, 4])
    #expect(try reward.values(of: Self.texts).values == [5, 6, 7, 8])
  }

  @Test func moreThanAPipeHoldsGoesThrough() throws {
    let long = Self.inputs(Array(repeating: String(repeating: "x", count: 100_000), count: 20))
    let reward = CommandReward(#"sed -u 's/.*/{"score": 2}/'"#)
    defer { reward.finish() }
    #expect(try reward.values(of: long) == RewardValues(Array(repeating: 2, count: 20)))
  }

  @Test func aChattyProgramDoesNotBlock() throws {
    let noisy =
      "while read -r line; do head -c 200000 /dev/zero >&2; echo '{\"score\": 1}'; done"
    #expect(try values(noisy).values == [1, 1, 1, 1])
  }

  @Test func aHangCostsOneTimeoutAndTheProgramComesBack() throws {
    try withTemporaryFolder { folder in
      // The first process hangs after one answer, with a child that does not end by itself.
      let mark = folder.appending(path: "mark").path
      let command = """
        if [ -e '\(mark)' ]; then sed -u 's/.*/{"score": 1}/'; else touch '\(mark)'; \
        read -r line; echo '{"score": 9}'; sleep 1000; fi
        """
      let reward = CommandReward(command, timeout: 2)
      defer { reward.finish() }
      let first = try reward.values(of: Self.texts)
      #expect(first.values == [9, nil, nil, nil] && first.failed == 3)
      #expect(
        first.complaints.first?.contains("within 2.0 s after 1 scores") == true,
        "\(first.complaints)")
      #expect(try reward.values(of: Self.texts) == RewardValues([1, 1, 1, 1]))
    }
  }

  @Test(arguments: [
    (
      "read -r line; echo '{\"score\": 1}'; echo out of memory >&2; exit 4", [1.0],
      "ended with status 4 after 1 scores: out of memory"
    ),
    ("kill -9 $$", [], "ended with signal 9 after 0 scores: it wrote no error"),
    ("no-such-program-at-all", [], "not found"),
    ("read -r line; echo '{\"score\": 1}'; echo loading; cat", [1.0], "its line 2 is \"loading\""),
    ("read -r line; head -c 100000 /dev/zero; sleep 1000", [], "without a line feed"),
  ])
  func whatIsWrongIsSaid(command: String, kept: [Double], said: String) throws {
    let result = try values(command)
    #expect(result.values == kept + Array(repeating: nil, count: 4 - kept.count))
    #expect(result.failed == 4 - kept.count)
    #expect(result.complaints.first?.contains(said) == true, "\(result.complaints)")
  }

  @Test func superfluousAnswersSpoilTheBatch() throws {
    let line = #"{"score": 1}\n"#
    let five = String(repeating: line, count: 5)
    let result = try values(
      "for i in 1 2 3 4; do read -r line; done; printf '\(five)'; cat >/dev/null")
    #expect(result.values == [nil, nil, nil, nil] && result.failed == 4)
    #expect(
      result.complaints[0].contains(#"wrote "{"score": 1}" without being asked"#),
      "\(result.complaints)")
  }

  @Test func aGreetingIsTold() throws {
    try withTemporaryFolder { folder in
      let mark = folder.appending(path: "ready")
      let reward = CommandReward("echo Loading the model; touch '\(mark.path)'; cat")
      defer { reward.finish() }
      try reward.prepare()
      while !FileManager.default.fileExists(atPath: mark.path) { usleep(1000) }
      let result = try reward.values(of: Self.texts)
      #expect(result.failed == 4)
      #expect(
        result.complaints[0].contains(#"wrote "Loading the model" without being asked"#),
        "\(result.complaints)")
    }
  }

  @Test func anExtraLineBetweenBatchesIsNotTakenForAScore() throws {
    try withTemporaryFolder { folder in
      let mark = folder.appending(path: "late")
      let command = """
        for i in 1 2 3 4; do read -r line; echo '{"score": 1}'; done; \
        sleep 0.05; echo '{"score": 5}'; touch '\(mark.path)'; cat >/dev/null
        """
      let reward = CommandReward(command, timeout: 5)
      defer { reward.finish() }
      #expect(try reward.values(of: Self.texts).values == [1, 1, 1, 1])
      while !FileManager.default.fileExists(atPath: mark.path) { usleep(1000) }
      let second = try reward.values(of: Self.texts)
      #expect(second.failed == 4)
      #expect(
        second.complaints.first?.contains(#""{"score": 5}" without being"#) == true,
        "\(second.complaints)")
    }
  }
}
