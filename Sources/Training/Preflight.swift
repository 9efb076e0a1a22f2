import Foundation
import Models
import Tasks
import Tokenizers

/// What a run is about to read, before anything is trained: rows, prompt lengths, the first prompt as the
/// model sees it, gold answers that do not parse.
public struct Preflight {
  /// The report for people.
  public let text: String

  /// - Throws: errors of the data and the tokenizer.
  public init(_ workspace: Workspace) throws {
    let problems = try workspace.trainingProblems()
    let tokenizer = try Tokenizer(folder: try workspace.modelFolder())
    let writer = PromptWriter(
      task: workspace.task, chat: try workspace.chatPrompting(), tokenizer: tokenizer)
    let report = try PreflightReport(
      problems: problems, task: workspace.task, render: { try writer.text(of: $0) },
      tokenCount: { writer.ids(of: $0).count })
    text = report?.description ?? "no problems"
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
    let estimate = MemoryEstimate(model: model, configuration: configuration)
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

      \(estimate.text)
      """
  }
}
