import Foundation
import JSON
import Settings
import Tasks
import Testing

@testable import Training

/// The text of a page of the documentation.
private func guide(_ name: String) throws -> String {
  try String(
    contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Documentation/\(name).md"), encoding: .utf8)
}

/// The guide to metrics names what there is.
@Suite struct MetricsGuideTests {
  @Test func everyFigureOfARunIsExplained() throws {
    let configuration = try Digits.configuration([
      "method.kl-coef=0.1", "method.overlong-buffer=auto", "method.dynamic-sampling=true",
      "training.epochs-per-batch=2", "training.likelihood-change=true", "rewards.NAME.pattern=,",
    ])
    let model = try Digits.model()
    let trainer = try PolicyTrainer(
      configuration, model: model, reference: Digits.model().model, task: FirstDigitTask(),
      problems: Digits.problems, preference: nil, segmenter: configuration.segmenter)
    let metrics = try guide("Metrics")
    let pages = try metrics + guide("Methods/NTHR")
    try trainer.run { report in
      #expect(report.metrics.values.count > 35)
      for name in report.metrics.values.keys {
        let generic = name.replacing("rewards/verifier/", with: "rewards/NAME/")
        let last = generic.split(separator: "/").last.map(String.init) ?? generic
        #expect(pages.contains("`\(generic)`") || pages.contains("`\(last)`"), "\(name)")
      }
      for name in report.times.record(generatedTokens: 1).figures.keys {
        #expect(metrics.contains("`\(name)`"), "\(name)")
      }
      let record = try CompletionRecord(report.rollouts.rows[0], step: 1).json()
      let members = try JSONValue(parsing: record).object?.members ?? []
      for name in members.map(\.key) { #expect(metrics.contains("`\(name)`"), "\(name)") }
      return false
    }
  }
}

/// What the guide to rewards shows is run.
@Suite struct RewardGuideTests {
  /// The first block of a language in the guide.
  private func block(_ language: String) throws -> String {
    let text = try guide("Rewards")
    let start = try #require(text.range(of: "```\(language)\n")).upperBound
    let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
    return String(text[start..<end])
  }

  @Test func theConfigurationIsRead() throws {
    let rewards = try RunConfiguration(SettingDocument(yaml: block("yaml"), name: "guide")).rewards
    #expect(rewards.added.map(\.name) == ["format", "judge"])
    #expect(rewards.added.map(\.settings.weight) == [0.2, 0.5])
  }

  /// The guide's Swift, as it stands there.
  private static func run(_ configuration: RunConfiguration) throws -> TrainingRun {
    let brevity = Reward("brevity", weight: 0.1) { input in
      input.completion.text.count < 400 ? 1 : 0
    }
    let run = try TrainingRun(Workspace(configuration), resuming: false, rewards: [brevity])
    return run
  }

  @Test func theFunctionRewards() throws {
    func lines(_ text: String) -> String {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .joined(separator: "\n")
    }
    #expect(
      lines(try String(contentsOfFile: #filePath, encoding: .utf8)).contains(
        lines(try block("swift"))))
    try withTemporaryFolder { folder in
      let configuration = try Digits.run(in: folder, ["training.steps=1"])
      _ = try Self.run(configuration).run(tell: { event in
        guard case .step(let report, _) = event else { return }
        // No completion of five tokens has 400 characters.
        #expect(report.metrics["rewards/brevity/mean"] == 1)
      })
    }
  }

  @Test(.enabled(if: hasPython, "there is no python3 to run the guide's scorer"))
  func theScorerScores() throws {
    try withTemporaryFolder { folder in
      let script = folder.appending(path: "judge.py")
      try Data(block("python").utf8).write(to: script)
      let configuration = try Digits.configuration(
        ["rewards.judge.command=python3 '\(script.path)'", "rewards.judge.weight=0.5"])
      let trainer = try PolicyTrainer(
        configuration, model: Digits.model(), reference: nil, task: FirstDigitTask(),
        problems: Digits.problems, preference: nil, segmenter: configuration.segmenter)
      try trainer.run { report in
        for row in report.rollouts.rows {
          let words = row.completion.text.split(whereSeparator: \.isWhitespace).count
          let score = row.completion.verdict.correct ? 1 - Double(words) / 200 : 0
          #expect(row.rewards["judge"] == .some(score))
          #expect(row.reward == row.completion.verdict.score + 0.5 * score)
        }
        #expect(report.metrics["rewards/judge/errors"] == 0)
        return report.metrics.step < 2
      }
    }
  }
}

private let hasPython: Bool = {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["python3", "-c", ""]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}()
