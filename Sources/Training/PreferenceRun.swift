import Foundation
import Models
import PrefixPreference
import Settings
import Tasks

/// Phase I as a whole: labelled rollouts, from a file or sampled now, and a preference model trained on
/// them and nothing else.
public struct PreferenceRun {
  private let workspace: Workspace
  private let rollouts: URL?
  private let folder: URL

  /// - Parameters:
  ///   - rollouts: labelled rollouts as JSON lines; nil samples them.
  ///   - folder: where the preference model goes.
  public init(_ workspace: Workspace, rollouts: URL?, folder: URL) {
    self.workspace = workspace
    self.rollouts = rollouts
    self.folder = folder
  }

  /// Samples if needed, trains, and writes the model.
  ///
  /// - Throws: typed errors of data, model and files; one naming the label counts when no pair can be
  ///   built; `FileError` when the folder cannot be made.
  public func run(tell: (String) -> Void = { _ in }) throws -> PreferenceTrainingReport {
    let settings = workspace.configuration.preference
    let model = try workspace.model()
    let labelled: [LabelledRollout]
    if let rollouts {
      labelled = try LabelledRollout.read(from: rollouts)
    } else {
      labelled = try sampled(tell: tell)
    }
    // Found out now, not after the training.
    try AtomicFile.createFolder(folder)
    tell("training on \(labelled.count) rollouts")
    let encoder = try workspace.preferenceEncoder(model, keepingFeatures: true)
    let solutions = try Self.solutions(
      labelled, model: model, task: workspace.task, segmenter: workspace.segmenter)
    let (preference, report) = try PreferenceTrainer(settings).train(
      solutions, encoder: encoder)
    try encoder.saveFeatures()
    try preference.save(to: folder)
    return report
  }

  private func sampled(tell: (String) -> Void) throws -> [LabelledRollout] {
    let settings = workspace.configuration.preferenceModel
    var document = SettingDocument()
    for section in workspace.configuration.sections {
      for setting in section.settings where setting.value != .null {
        document.append(
          .init(path: "\(section.name).\(setting.name)", value: setting.value, origin: "resolved"))
      }
    }
    try document.append(override: "task.limit=\(settings.problems)")
    let sampling = try LabelledSampling(Workspace(RunConfiguration(document)))
    var all: [LabelledRollout] = []
    try sampling.sample(settings.rollouts) { rollouts in
      all += rollouts
      tell("sampled \(all.count) of \(sampling.problemCount * settings.rollouts) rollouts")
    }
    return all
  }

  /// Labelled rollouts as the preference model takes them: token ids and the ends of steps.
  ///
  /// - Throws: `FileError` for ids that the model does not have, and for texts of which its tokenizer loses
  ///   more than a tenth: another model's rollouts.
  static func solutions(
    _ labelled: [LabelledRollout], model: LoadedModel, task: any ReasoningTask,
    segmenter: SolutionSegmenter
  ) throws -> [LabelledSolution] {
    let vocabulary = model.model.configuration.vocabularySize
    let writer = model.promptWriter(task)
    var (written, kept) = (0, 0)
    let solutions = try labelled.map { rollout in
      let prompt = try promptIDs(of: rollout, writer)
      let completion =
        rollout.completionIDs
        ?? model.tokenizer.encode(rollout.completion, addSpecialTokens: false)
      if let id = completion.first(where: { !(0..<vocabulary).contains($0) }) {
        throw FileError(
          "rollout \(rollout.sample) of problem \(rollout.problemID): completion_ids has the id \(id), "
            + "but the model's ids lie in 0..<\(vocabulary); sample with this model, or leave "
            + "completion_ids out")
      }
      let (text, starts) = model.tokenizer.tokenStarts(of: completion, skipSpecialTokens: true)
      if rollout.completionIDs == nil {
        written += rollout.completion.count { !$0.isWhitespace }
        kept += text.count { !$0.isWhitespace }
      }
      return LabelledSolution(
        question: rollout.problemID, correct: rollout.correct,
        steps: RolloutSteps(
          promptIDs: prompt, completionIDs: completion,
          lastTokenOfStep: stepEnds(
            segmenter.segment(text, tokenStarts: starts).stepIndices(ofTokenStarts: starts))))
    }
    guard Double(kept) >= 0.9 * Double(written) else {
      throw FileError(
        "the model's tokenizer keeps \(kept) of the \(written) characters of the rollouts' completions: its "
          + "vocabulary cannot write them; name the model that wrote them with --model")
    }
    return solutions
  }

  /// The tokens of a rollout's prompt: of the prompt as the model saw it, or where only the question is
  /// known, of what the model would see.
  private static func promptIDs(
    of rollout: LabelledRollout, _ writer: PromptWriter
  ) throws -> [Int] {
    if writer.usesChatTemplate, rollout.prompt == rollout.question {
      return try writer.prompt(
        for: Problem(id: rollout.problemID, prompt: rollout.question, answer: "")
      ).ids
    }
    let ids = writer.ids(of: rollout.prompt)
    guard !ids.isEmpty else {
      throw FileError(
        "problem \(rollout.problemID): the prompt \"\(rollout.prompt.prefix(40))\" has no tokens, "
          + "expected at least one")
    }
    return ids
  }
}

/// For every step the index of its last token, from the step of every token.
func stepEnds(_ stepOfToken: [Int]) -> [Int] {
  stepOfToken.indices.filter {
    $0 + 1 == stepOfToken.count || stepOfToken[$0 + 1] != stepOfToken[$0]
  }
}
