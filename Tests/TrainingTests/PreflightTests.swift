import Foundation
import Settings
import Testing

@testable import Training

@Suite struct PreflightTests {
  @Test func roomIsEnoughUpToTheLastPosition() throws {
    #expect(try ContextCheck(prompts: [10, 20], maxCompletion: 44, positions: 64).warning == nil)
    #expect(try ContextCheck(prompts: [], maxCompletion: 100, positions: 64).warning == nil)
  }

  @Test(arguments: [
    (
      [10, 20, 30], 44,
      [
        "1 of 3 prompts", "longest of 30 tokens", "rollouts.max-completion = 44", "64 positions",
        "max_position_embeddings", "set rollouts.max-completion to 34 or less",
        "problems of more than 20 tokens",
      ]
    ),
    ([10, 70], 4, ["1 of 2 prompts", "leave problems of more than 60 tokens out"]),
    ([10, 70], 100, ["2 of 2 prompts", "and set rollouts.max-completion below 64"]),
    ([10], 100, ["1 of 1 prompts", "noise: set rollouts.max-completion to 54 or less"]),
  ])
  func whatExceedsTheContextIsTold(prompts: [Int], most: Int, named: [String]) throws {
    let check = try ContextCheck(prompts: prompts, maxCompletion: most, positions: 64)
    let warning = try #require(check.warning)
    #expect(named.allSatisfy(warning.contains), "\(warning)")
  }

  @Test func promptsWithoutAnyRoomAreRefused() {
    let text = message {
      _ = try ContextCheck(prompts: [64, 80], maxCompletion: 4, positions: 64)
    }
    #expect(text.contains("shortest prompt has 64 tokens"), "\(text)")
    #expect(text.contains("64 positions") && text.contains("task.data"), "\(text)")
  }

  @Test func aRunIsLookedAtBeforeIt() throws {
    try withTemporaryFolder { folder in
      // The model has 128 positions, a prompt 8 tokens.
      let fits = try Preflight(Workspace(Digits.run(in: folder, ["rollouts.max-completion=120"])))
      #expect(fits.warnings.isEmpty)
      for part in ["7 problems", "prompt tokens: 8 to 8", "first prompt:\n8,3:9,2"] {
        #expect(fits.text.contains(part), "\(fits.text)")
      }
      let long = try Workspace(Digits.run(in: folder, ["rollouts.max-completion=121"]))
      for look in [try Preflight(long), try Preflight(evaluating: long)] {
        #expect(look.warnings.count == 1)
        #expect(look.warnings[0].contains("exceed the 128 positions"), "\(look.warnings)")
      }
    }
  }

  /// What the look before a run has read, the run does not read again.
  @Test func filesAreReadOnce() throws {
    try withTemporaryFolder { folder in
      let workspace = try Workspace(Digits.run(in: folder))
      _ = try Preflight(evaluating: workspace)
      let files = FileManager.default
      for name in ["digits.jsonl", "base/tokenizer.json"] {
        try files.removeItem(at: folder.appending(path: name))
      }
      let evaluation = try workspace.evaluator().evaluate(try workspace.model())
      #expect(evaluation.sampled.accuracy.value >= 0)
      #expect(try workspace.trainingProblems().count == Digits.problems.count)
    }
  }
}
