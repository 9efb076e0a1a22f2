import Foundation
import JSON

/// A completion and whether it is right: one line of the file that `laconic sample` writes and phase I
/// of WS-GRPO reads.
public struct LabelledRollout: Sendable, Hashable {
  /// The problem's identity; rollouts of one problem share it.
  public var problemID: String
  /// The place among the problem's rollouts, from 0.
  public var sample: Int
  /// The question without a prompt around it.
  public var question: String
  /// The prompt as the model saw it; the question where that is not known.
  public var prompt: String
  /// What the model wrote.
  public var completion: String
  /// The token ids as they were sampled, where they are known.
  public var completionIDs: [Int]?
  /// Whether the answer is right.
  public var correct: Bool
  /// The outcome reward, in [0, 1].
  public var score: Double
  /// The answer that was found in the completion.
  public var extracted: String?
  /// The gold answer, where it is known.
  public var gold: String?
  /// Whether the completion was cut off by the length limit, where that is known.
  public var truncated: Bool?

  /// A labelled rollout; `score` is that of `correct` unless given.
  public init(
    problemID: String, sample: Int, question: String, prompt: String, completion: String,
    completionIDs: [Int]? = nil, correct: Bool, score: Double? = nil, extracted: String? = nil,
    gold: String? = nil, truncated: Bool? = nil
  ) {
    self.problemID = problemID
    self.sample = sample
    self.question = question
    self.prompt = prompt
    self.completion = completion
    self.completionIDs = completionIDs
    self.correct = correct
    self.score = score ?? (correct ? 1 : 0)
    self.extracted = extracted
    self.gold = gold
    self.truncated = truncated
  }

  /// A completion with the verdict on it.
  public init(
    problem: Problem, sample: Int, prompt: String, completion: String, completionIDs: [Int]?,
    verdict: Verdict, truncated: Bool?
  ) {
    self.init(
      problemID: problem.id, sample: sample, question: problem.prompt, prompt: prompt,
      completion: completion, completionIDs: completionIDs, correct: verdict.correct,
      score: verdict.score, extracted: verdict.extracted, gold: verdict.gold, truncated: truncated)
  }

  /// The rollout as a JSON object; what is not known is left out.
  public var json: JSONValue {
    var columns: [String: JSONValue] = [
      "problem_id": .string(problemID), "sample": .int(sample), "question": .string(question),
      "prompt": .string(prompt), "completion": .string(completion), "correct": .bool(correct),
      "score": .double(score),
    ]
    columns["completion_ids"] = completionIDs.map { .array($0.map(JSONValue.int)) }
    columns["extracted"] = extracted.map(JSONValue.string)
    columns["gold"] = gold.map(JSONValue.string)
    columns["truncated"] = truncated.map(JSONValue.bool)
    return .object(columns)
  }
}

extension LabelledRollout {
  /// Writes `rollouts` to `file`, one a line, replacing the file only when all is written.
  ///
  /// - Throws: `DataError` when the file cannot be written.
  public static func write(_ rollouts: [LabelledRollout], to file: URL) throws(DataError) {
    var bytes: [UInt8] = []
    for rollout in rollouts { bytes += rollout.json.serialized() + [UInt8(ascii: "\n")] }
    do {
      try Data(bytes).write(to: file, options: .atomic)
    } catch {
      throw DataError(
        .unwritable, file: file.relativePath, found: error.localizedDescription,
        expected: "a file that can be written")
    }
  }

  /// The rollouts by problem, problems and rollouts in the order of their first appearance.
  public static func grouped(_ rollouts: [LabelledRollout]) -> [[LabelledRollout]] {
    var rows: [String: Int] = [:]
    var groups: [[LabelledRollout]] = []
    for rollout in rollouts {
      if let row = rows[rollout.problemID] {
        groups[row].append(rollout)
      } else {
        rows[rollout.problemID] = groups.count
        groups.append([rollout])
      }
    }
    return groups
  }
}

extension QuestionOutcomes {
  /// The labels and texts of one problem's rollouts.
  ///
  /// - Precondition: `group` is not empty.
  public init(_ group: [LabelledRollout]) {
    self.init(
      id: group[0].problemID, correct: group.map(\.correct), completions: group.map(\.completion))
  }
}
