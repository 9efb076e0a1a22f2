import Foundation
import Models
import Tasks
import Tokenizers

/// What a run is about to read, before anything is trained: rows, prompt lengths, the first prompt as the
/// model sees it, gold answers that do not parse, prompts that leave completions no room.
public struct Preflight {
  /// The report for people.
  public let text: String
  /// What is wrong although nothing fails.
  public let warnings: [String]

  /// Looks at the problems to train on.
  ///
  /// - Throws: errors of the data, the tokenizer and the model's `config.json`; `SettingError` when no
  ///   prompt leaves room for a completion.
  public init(_ workspace: Workspace) throws {
    try self.init(workspace, problems: try workspace.trainingProblems())
  }

  /// Looks at the problems to evaluate on.
  ///
  /// - Throws: as for those to train on.
  public init(evaluating workspace: Workspace) throws {
    try self.init(workspace, problems: try workspace.heldOutProblems())
  }

  private init(_ workspace: Workspace, problems: [Problem]) throws {
    let folder = try workspace.modelFolder()
    let tokenizer = try workspace.tokenizer()
    let writer = PromptWriter(
      task: workspace.task, chat: try workspace.chatPrompting(), tokenizer: tokenizer)
    var lengths: [Int] = []
    let report = try PreflightReport(
      problems: problems, task: workspace.task, render: { try writer.text(of: $0) },
      tokenCount: { text in
        lengths.append(writer.ids(of: text).count)
        return lengths[lengths.count - 1]
      })
    text = report?.description ?? "no problems"
    let check = try ContextCheck(
      prompts: lengths, maxCompletion: workspace.configuration.rollouts.maximumCompletion,
      positions: try ModelConfiguration(folder: folder).maximumPositions)
    warnings = check.warning.map { [$0] } ?? []
  }
}

/// What a command would do: the resolved configuration, the batch's geometry, the departures from GRPO
/// and an estimate of memory.
public struct DryRun {
  /// The report for people.
  public let text: String

  /// - Throws: errors of the configuration and the model's `config.json`.
  public init(_ workspace: Workspace) throws {
    let configuration = workspace.configuration
    try configuration.checkTraining()
    let training = configuration.training
    let model = try ModelConfiguration(folder: try workspace.modelFolder())
    let adapter = try workspace.trainedAdapter()
    let estimate = try MemoryEstimate(model: model, adapter: adapter, configuration: configuration)
    let trained =
      try adapter.map {
        "LoRA trains \(try $0.parameterCount(for: model)) parameters beside the model's "
          + "\(model.parameterCount), which stay as they are"
      } ?? "all \(model.parameterCount) parameters are trained"
    let completions = training.promptsPerStep * training.groupSize
    let method = configuration.method
    let unused = method.unusedOfGRPO
    let departures =
      method.departuresFromGRPO.map {
        "  \($0.key): \($0.value) (GRPO: \($0.grpoValue.map { "\($0)" } ?? "has no such setting"))"
      } + (unused.isEmpty ? [] : ["  without GRPO's \(unused.joined(separator: ", "))"])
    text = """
      \(configuration.yaml)
      # \(configuration.method.publication.title), arXiv \(configuration.method.publication.citation)
      departures from GRPO:
      \(departures.isEmpty ? "  none" : departures.joined(separator: "\n"))

      batch: \(training.promptsPerStep) prompts x \(training.groupSize) completions = \(completions) \
      completions a step, at most \(completions * configuration.rollouts.maximumCompletion) tokens; \
      \(training.minibatches * training.epochsPerBatch) optimizer steps a batch, \
      \(training.steps) batches

      \(trained)
      \(estimate.text)
      """
  }
}
