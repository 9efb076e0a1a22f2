import Foundation
import Settings
import Testing

@testable import Training

/// What the guide to rewards shows is run.
@Suite struct RewardGuideTests {
  private static let guide = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Documentation/Rewards.md")

  /// The first block of a language in the guide.
  private func block(_ language: String) throws -> String {
    let text = try String(contentsOf: Self.guide, encoding: .utf8)
    let start = try #require(text.range(of: "```\(language)\n")).upperBound
    let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
    return String(text[start..<end])
  }

  @Test func theConfigurationIsRead() throws {
    let rewards = try RunConfiguration(SettingDocument(yaml: block("yaml"), name: "guide")).rewards
    #expect(rewards.added.map(\.name) == ["format", "judge"])
    #expect(rewards.added.map(\.settings.weight) == [0.2, 0.5])
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
