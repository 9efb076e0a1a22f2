import Foundation
import PrefixPreference
import Settings
import Tasks

/// A trained preference model put to use on labelled rollouts.
public struct PreferenceScoring {
  private let workspace: Workspace
  private let model: LoadedModel
  private let preference: PreferenceModel

  /// - Throws: errors of the model folders.
  public init(_ workspace: Workspace) throws {
    self.workspace = workspace
    model = try workspace.model()
    guard let path = workspace.configuration.preferenceModel.path else {
      throw SettingError("preference.path is missing: the folder of a trained preference model")
    }
    preference = try workspace.preferenceModel(
      in: URL(filePath: path), policy: model, keepingFeatures: true)
  }

  /// The preference model's measurements.
  ///
  /// - Throws: an error naming the label counts when there is no pair.
  public func evaluate(_ rollouts: [LabelledRollout]) throws -> PreferenceEvaluation {
    let evaluation = try preference.evaluate(
      PreferenceRun.solutions(
        rollouts, model: model, task: workspace.task, segmenter: workspace.segmenter))
    try preference.encoder.saveFeatures()
    return evaluation
  }

  private struct Line: Encodable {
    let problemID: String
    let correct: Bool
    let steps: [String]
    let oldNew: [Double]
    let newOld: [Double]
    let values: [Double]?

    enum CodingKeys: String, CodingKey {
      case problemID = "problem_id"
      case correct, steps
      case oldNew = "pref_old_new"
      case newOld = "pref_new_old"
      case values = "prefix_value"
    }
  }

  /// One JSON object per rollout: its steps and the preferences between consecutive prefixes.
  ///
  /// - Throws: errors of scoring.
  public func score(_ rollouts: [LabelledRollout]) throws -> [String] {
    let solutions = try PreferenceRun.solutions(
      rollouts, model: model, task: workspace.task, segmenter: workspace.segmenter)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try zip(rollouts, preference.score(solutions.map(\.steps))).map { rollout, scores in
      let line = Line(
        problemID: rollout.problemID, correct: rollout.correct,
        steps: workspace.segmenter.segment(rollout.completion).steps.map(\.text),
        oldNew: scores.oldNew, newOld: scores.newOld, values: scores.values)
      return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
  }
}
