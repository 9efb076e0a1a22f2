import Foundation

/// One completion in `completions.jsonl`: what was asked, what was written, and what it earned.
struct CompletionRecord: Encodable {
  let step: Int
  let group: Int
  let problem: String
  let prompt: String
  let completion: String
  let extracted: String?
  let gold: String
  let correct: Bool
  let reward: Double
  /// What each reward gave; null where it gave nothing.
  let rewards: [String: Double?]
  let advantage: Double
  let tokens: Int
  let steps: Int
  let finish: String
  /// How many tokens stood when the reasoning was ended from outside; absent where it was not.
  let stopped: Int?
  /// True for an expert's solution; absent otherwise.
  let anchor: Bool?

  init(_ row: AssessedRollouts.Row, step: Int) {
    self.step = step
    group = row.group
    problem = row.problem.id
    prompt = row.prompt
    completion = row.completion.text
    extracted = row.completion.verdict.extracted
    gold = row.completion.verdict.gold
    correct = row.completion.verdict.correct
    reward = row.reward
    rewards = row.rewards
    advantage = row.advantage
    tokens = row.completion.trajectory.completionIDs.count
    steps = row.completion.stepCount
    finish = row.completion.trajectory.finish.rawValue
    stopped = row.completion.trajectory.stop?.forced.lowerBound
    anchor = row.isAnchor ? true : nil
  }

  /// One line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

/// One line of `evaluations.jsonl`.
public struct EvaluationRecord: Codable {
  /// The step after which it was made.
  public let step: Int
  /// What was found.
  public let evaluation: Evaluation

  init(step: Int, _ evaluation: Evaluation) {
    self.step = step
    self.evaluation = evaluation
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
