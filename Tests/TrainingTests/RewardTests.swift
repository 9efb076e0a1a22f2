import Foundation
import PolicyOptimization
import Settings
import Tasks
import Testing

@testable import Training

@Suite struct RewardSettingsTests {
  @Test func rewardsOfAnyNameAreRead() throws {
    let text = """
      rewards:
        verifier: {weight: 2}
        format:
          pattern: "(?s)^<think>.*</think>$"
          weight: 0.5
        judge:
          command: python3 judge.py
          timeout: 5
          max-lost-batches: null
      """
    let settings = try RunConfiguration(SettingDocument(yaml: text, name: "run.yaml")).rewards
    #expect(settings.verifierWeight == 2)
    #expect(settings.added.map(\.name) == ["format", "judge"])
    #expect(settings.added[0].settings.pattern == "(?s)^<think>.*</think>$")
    #expect(settings.added[0].settings.weight == 0.5)
    #expect(settings.added[1].settings.command == "python3 judge.py")
    #expect(settings.added[1].settings.timeout == 5)
    #expect(settings.added[1].settings.maximumLostBatches == nil)
  }

  @Test func theResolvedConfigurationGivesItselfAgain() throws {
    let configuration = try Digits.configuration([
      "rewards.form.pattern=^\\d+, \"x\"$", "rewards.form.weight=-1", "rewards.judge.command=cat",
      "rewards.judge.max-lost-batches=null",
    ])
    let again = try RunConfiguration(SettingDocument(yaml: configuration.yaml, name: "config.yaml"))
    #expect(again.rewards == configuration.rewards)
    #expect(again.yaml == configuration.yaml)
    #expect(try Digits.configuration().yaml.contains("rewards:\n  verifier.weight: 1.0\n"))
  }

  @Test(arguments: [
    (["rewards.judge.weight=1"], ["rewards.judge says nothing", "rewards.judge.pattern"]),
    (["rewards.verifer.weight=1"], ["the task's own verdict is rewards.verifier"]),
    (["rewards.a.pattern=x", "rewards.a.command=y"], ["rewards.a has both"]),
    (["rewards.a.pattern=("], ["rewards.a.pattern", "no regular expression"]),
    (["rewards.a.patern=x"], ["rewards.a says nothing"]),
    (
      ["rewards.a.pattern=x", "rewards.a.wight=1"],
      ["unknown key rewards.a.wight", "rewards.a.weight"]
    ),
    (["rewards.verifier.pattern=x"], ["unknown key rewards.verifier.pattern"]),
    (["rewards.weight=1"], ["unknown key rewards.weight", "rewards.verifier.weight"]),
    (["rewards.a.command=x", "rewards.a.timeout=0"], ["rewards.a.timeout is 0", "0.1 or more"]),
    (["rewards.a/b.pattern=x"], ["name a/b"]),
  ])
  func whatDoesNotFitIsNamed(lines: [String], named: [String]) {
    let text = message { _ = try Digits.configuration(lines) }
    #expect(text.hasPrefix("command line: "))
    #expect(named.allSatisfy(text.contains), "\(text)")
  }

  @Test(arguments: ["drpo", "disco"])
  func aMethodOfRightAndWrongTakesNoOther(method: String) throws {
    let configuration = try Digits.configuration(["method.name=\(method)", "rewards.a.pattern=x"])
    let text = message { try configuration.checkTraining() }
    #expect(text.contains("exactly 1 and 0"), "\(text)")
    try Digits.configuration(["method.name=\(method)"]).checkTraining()
  }
}

@Suite struct RewardTrainingTests {
  private func report(
    _ lines: [String], rewards: [Reward] = [], steps: Int = 1
  ) throws -> [StepReport] {
    let configuration = try Digits.configuration(lines)
    let trainer = try PolicyTrainer(
      configuration, model: Digits.model(), reference: nil, task: FirstDigitTask(),
      problems: Digits.problems, preference: nil, segmenter: configuration.segmenter,
      rewards: rewards)
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return reports.count < steps
    }
    return reports
  }

  private func first(_ lines: [String], rewards: [Reward] = []) throws -> StepReport {
    try #require(report(lines, rewards: rewards).first)
  }

  @Test func theVerdictAloneChangesNoFigure() throws {
    let plain = try report([], steps: 3)
    #expect(
      plain[0].metrics.values.keys.filter { $0.hasPrefix("rewards/") }.sorted()
        == ["rewards/verifier/mean", "rewards/verifier/std"])
    #expect(plain[0].rollouts.rows.allSatisfy { $0.rewards == ["verifier": $0.reward] })
    // A reward without weight is recorded and changes nothing.
    let watched = try report(["rewards.comma.pattern=,", "rewards.comma.weight=0"], steps: 3)
    for (plain, watched) in zip(plain, watched) {
      let shared = watched.metrics.values.filter { !$0.key.hasPrefix("rewards/comma/") }
      #expect(shared == plain.metrics.values)
    }
  }

  @Test func theSumIsWeighted() throws {
    let report = try first(
      ["rewards.verifier.weight=2", "rewards.comma.pattern=,", "rewards.comma.weight=-0.5"],
      rewards: [Reward("length", weight: 0.25) { Double($0.completion.text.count) }])
    var commas: [Double] = []
    for row in report.rollouts.rows {
      let text = row.completion.text
      let comma = text.contains(",") ? 1.0 : 0
      let right = row.completion.verdict.score
      commas.append(comma)
      #expect(row.rewards == ["verifier": right, "comma": comma, "length": Double(text.count)])
      #expect(abs(row.reward - (2 * right - 0.5 * comma + 0.25 * Double(text.count))) < 1e-12)
    }
    #expect(report.metrics["rewards/comma/mean"] == commas.mean)
    #expect(report.metrics["rewards/comma/std"] == commas.sampleDeviation)
    #expect(report.metrics["rewards/verifier/mean"] == report.metrics["accuracy"])
    #expect(report.metrics["rewards/comma/errors"] == 0)
    #expect(report.metrics["rewards/length/missing"] == 0)
    #expect(report.metrics["reward"] == report.rollouts.rows.map(\.reward).mean)
    #expect(Set(commas) == [0, 1])
  }

  @Test func aShapedRewardIsAddedTo() throws {
    let lines = ["method.name=kimi-k1.5"]
    let alone = try first(lines)
    let more = try first(lines + ["rewards.comma.pattern=,", "rewards.comma.weight=3"])
    for (alone, more) in zip(alone.rollouts.rows, more.rollouts.rows) {
      let comma = more.rewards["comma"] ?? nil
      #expect(abs(more.reward - alone.reward - 3 * (try #require(comma))) < 1e-12)
    }
  }

  @Test func aMissingValueIsTheMeanOfItsGroup() {
    let groups = Group.all([7, 7, 7, 8, 8, 9])
    #expect(RewardSum.filled([1, nil, 4, nil, nil, 5], groups) == [1, 2.5, 4, 0, 0, 5])
  }

  private struct Refusal: Error, CustomStringConvertible { let description = "no opinion" }

  @Test func whatThrowsOrIsNoNumberIsMissing() throws {
    let picky = Reward("picky") { input in
      guard input.completion.verdict.correct else { throw Refusal() }
      return input.group == 0 ? .infinity : nil
    }
    let report = try first([], rewards: [picky])
    let rows = report.rollouts.rows
    let wrong = rows.count { !$0.completion.verdict.correct }
    let infinite = rows.count { $0.completion.verdict.correct && $0.group == 0 }
    #expect(wrong > 0)
    #expect(report.metrics["rewards/picky/errors"] == Double(wrong + infinite))
    #expect(report.metrics["rewards/picky/missing"] == 1)
    #expect(report.metrics["rewards/picky/mean"] == nil)
    #expect(rows.allSatisfy { $0.reward == $0.completion.verdict.score })
    #expect(
      report.warnings.contains {
        $0.hasPrefix(
          "rewards.picky: \(wrong + infinite) of 32 completions have no value: no opinion")
      }, "\(report.warnings)")
    #expect(try CompletionRecord(rows[0], step: 1).json().contains(#""picky":null"#))
  }

  @Test func aRewardThatIsLostAgainAndAgainEndsTheRun() throws {
    let text = message {
      _ = try report(
        ["rewards.judge.command=exit 3", "rewards.judge.max-lost-batches=2"], steps: 3)
    }
    #expect(
      text.contains("rewards.judge: 32 of 32") && text.contains("batch 2 in a row"), "\(text)")
    let endless = try report(
      ["rewards.judge.command=exit 3", "rewards.judge.max-lost-batches=null"], steps: 4)
    #expect(endless.count == 4)
    #expect(endless.allSatisfy { $0.metrics["rewards/judge/errors"] == 32 })
    #expect(endless.allSatisfy { $0.lateWarnings.contains { $0.contains("status 3") } })
  }

  @Test func aLostRunGoesOnWithMorePatience() throws {
    try withTemporaryFolder { folder in
      // Each answer takes a while: too long for a batch of 32.
      let slow = #"while read -r line; do sleep 0.02; echo '{"score": 1}'; done"#
      func run(_ timeout: Double, weight: Double = 1, resuming: Bool) throws -> TrainingRun.Outcome
      {
        let lines = [
          "training.save-every=1", "training.steps=2", "rewards.judge.command=\(slow)",
          "rewards.judge.timeout=\(timeout)", "rewards.judge.weight=\(weight)",
          "rewards.judge.max-lost-batches=\(resuming ? 3 : 2)",
        ]
        return try TrainingRun(
          Workspace(Digits.run(in: folder, lines)), resuming: resuming
        ).run()
      }
      let lost = message { _ = try run(0.1, resuming: false) }
      #expect(lost.contains("batch 2 in a row"), "\(lost)")
      let other = message { _ = try run(60, weight: 2, resuming: true) }
      #expect(other.contains("rewards.judge.weight was 1.0 and is now 2.0"), "\(other)")
      guard case .finished = try run(60, resuming: true) else {
        Issue.record("not finished")
        return
      }
      let metrics = try Metrics.read(folder.appending(path: "run/metrics.jsonl"))
      #expect(metrics.map { $0["rewards/judge/errors"] == 0 } == [false, true])
    }
  }

  @Test func namesAreUnique() {
    for name in ["verifier", "comma"] {
      let text = message {
        _ = try first(["rewards.comma.pattern=,"], rewards: [Reward(name) { _ in 1 }])
      }
      #expect(text.contains("two rewards called \(name)"), "\(text)")
    }
  }

  @Test func aFunctionOfTheWrongCountIsLost() throws {
    struct Short: RewardFunction {
      func values(of completions: [RewardInput]) -> RewardValues { RewardValues([1]) }
    }
    let report = try first([], rewards: [Reward("short", function: Short())])
    #expect(report.metrics["rewards/short/errors"] == 32)
    #expect(report.warnings.contains { $0.contains("it gave 1 values") }, "\(report.warnings)")
  }
}
