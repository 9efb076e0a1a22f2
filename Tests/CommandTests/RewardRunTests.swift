import Foundation
import Testing

/// Rewards of a configuration, and what a run records, through the command.
@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct RewardRunTests {
  @Test func aRunHasItsRewardsAndItsEventFile() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      let yaml = #"""
        rewards:
          digits: {pattern: '\d', weight: 0.5}
          judge:
            command: >-
              sed -u 's/.*"tokens":\([0-9]*\).*/{"score": \1}/'
        """#
      try Data(yaml.utf8).write(to: folder.appending(path: "rewards.yaml"))
      let result = try materials.run(
        ["train", "--config", "rewards.yaml", "--output", "run"], ["training.steps=2"])
      #expect(result.status == 0, "\(result.errors)")
      let metrics = try materials.lines("run/metrics.jsonl").map(object)
      #expect(metrics.count == 2)
      for record in metrics {
        #expect(
          record["rewards/judge/mean"] as? Double
            == record["completions/mean_length"] as? Double)
        #expect(record["rewards/judge/errors"] as? Double == 0)
        #expect(record["rewards/digits/mean"] is Double)
      }
      let row = try object(try #require(try materials.lines("run/completions.jsonl").first))
      let rewards = try #require(row["rewards"] as? [String: Double])
      #expect(Set(rewards.keys) == ["verifier", "digits", "judge"])
      let digits = try #require(rewards["digits"])
      let judge = try #require(rewards["judge"])
      #expect(judge == row["tokens"] as? Double)
      #expect(row["reward"] as? Double == (rewards["verifier"] ?? .nan) + 0.5 * digits + judge)
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "run").path)
      #expect(files.count { $0.hasPrefix("events.out.tfevents.") } == 1)
    }
  }

  @Test func aScorerThatIsNotThereIsToldAndEndsTheRun() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      expectRefusal(
        try materials.run(
          ["train", "--output", "run"],
          [
            "training.steps=9", "rewards.judge.command=python-of-nobody judge.py",
            "rewards.judge.max-lost-batches=2",
          ]),
        ["warning: step 1: rewards.judge: 4 of 4 completions", "not found", "batch 2 in a row"])
      #expect(try materials.lines("run/metrics.jsonl").count == 1)
    }
  }

  @Test func aContextThatIsTooShortIsToldBeforehand() throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      for command in [
        ["train", "--output", "run"], ["eval"], ["sample", "--to", "rollouts.jsonl"],
      ] {
        let result = try materials.run(
          command, ["rollouts.max-completion=250", "task.limit=2", "evaluation.problems=2"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(
          result.errors.contains("warning: 2 of 2 prompts")
            && result.errors.contains("256 positions"), "\(command): \(result.errors)")
      }
    }
  }
}
