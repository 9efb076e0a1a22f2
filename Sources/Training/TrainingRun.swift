import Foundation
import Models
import Settings
import Torch

/// A policy-optimization run with its folder:
///
///     config.yaml         the resolved configuration
///     metrics.jsonl       figures of every step; equal seeds give equal bytes
///     timings.jsonl       seconds, tokens per second, memory of every step
///     evaluations.jsonl   accuracy and length on held-out problems
///     events.out.tfevents.*  the figures of the above as TensorBoard reads them
///     completions.jsonl   prompts, completions, rewards, advantages of recorded steps
///     checkpoints/        the latest checkpoints
///     model/              the trained model, a Hugging Face folder; with LoRA, the adapter as PEFT has it
public final class TrainingRun {
  /// What to tell while the run goes on.
  public enum Event {
    /// The run begins, or goes on after a step.
    case started(afterStep: Int, of: Int)
    /// Something to know before it does.
    case note(String)
    /// A step is finished.
    case step(StepReport, of: Int)
    /// Something is wrong although nothing failed.
    case warning(String, step: Int)
    /// An evaluation after a step.
    case evaluated(Evaluation, step: Int)
    /// A checkpoint was written.
    case saved(step: Int)
  }

  /// How the run ended.
  public enum Outcome: Equatable {
    /// All steps are done; the model lies in `model`.
    case finished(model: URL)
    /// It was asked to stop and can be resumed.
    case interrupted(step: Int)
  }

  private static let recordNames = ["metrics", "timings", "evaluations", "completions"]

  private let workspace: Workspace
  private let folder: URL
  private let trainer: PolicyTrainer
  private let evaluator: Evaluator?
  private var logs: [String: RecordLog] = [:]
  private let events: EventFile?
  private var configuration: RunConfiguration { workspace.configuration }

  /// Loads everything and opens the run's folder.
  ///
  /// - Parameters:
  ///   - resuming: go on from the latest checkpoint in the folder.
  ///   - rewards: rewards beside those of the configuration, written in Swift.
  /// - Throws: typed errors of configuration, data, model and files; a folder that already has a run is
  ///   refused unless it is resumed.
  public init(_ workspace: Workspace, resuming: Bool, rewards: [Reward] = []) throws {
    self.workspace = workspace
    let configuration = workspace.configuration
    try configuration.checkTraining()
    folder = URL(filePath: configuration.run.output)
    let checkpoint = try Self.checkpoint(in: folder, configuration, resuming: resuming)
    note = try checkpoint.flatMap { try Self.noteOnResuming($0, configuration) }
    let model = try workspace.policy(from: checkpoint?.folder)
    // With an adapter, the reference is the base: the same weights with the adapter off.
    let reference =
      configuration.method.loss.needsReference
      ? model.model.adapter == nil ? try workspace.model().model : model.model : nil
    trainer = try PolicyTrainer(
      configuration, model: model, reference: reference,
      task: workspace.task, problems: try workspace.trainingProblems(),
      preference: try workspace.preferenceModel(), segmenter: workspace.segmenter,
      rewards: rewards)
    evaluator = configuration.training.evaluateEvery == nil ? nil : try workspace.evaluator()
    self.model = model
    if let checkpoint { try trainer.resume(from: checkpoint) }
    try AtomicFile.createFolder(folder)
    for name in Self.recordNames {
      logs[name] = try RecordLog(
        folder.appending(path: "\(name).jsonl"),
        keeping: checkpoint?.state.recordBytes[name] ?? 0)
    }
    events =
      configuration.run.tensorboard
      ? try EventFile(in: folder, continuingAfter: resuming ? trainer.step : nil) : nil
    try AtomicFile.write(
      Data(configuration.yaml.utf8), to: folder.appending(path: "config.yaml"))
  }

  private let model: LoadedModel
  /// What to know of a resumed run's configuration.
  private let note: String?

  /// Refuses a checkpoint that was made with other settings.
  ///
  /// - Returns: a note where the checkpoint is older than some settings.
  /// - Throws: `FileError` naming the first setting that differs.
  private static func noteOnResuming(
    _ checkpoint: Checkpoint, _ configuration: RunConfiguration
  ) throws -> String? {
    let difference = ConfigurationDifference(
      checkpoint.state.configuration, configuration, for: .resuming)
    if let first = difference.first {
      throw FileError(
        "\(checkpoint.folder.path): a checkpoint of another run: \(first); resume with the "
          + "settings it was made with")
    }
    return difference.newer.isEmpty
      ? nil
      : "the run is older than these settings, which have their defaults: "
        + difference.newer.joined(separator: ", ")
  }

  private static func checkpoint(
    in folder: URL, _ configuration: RunConfiguration, resuming: Bool
  ) throws -> Checkpoint? {
    let checkpoint = try Checkpoint.latest(in: folder.appending(path: "checkpoints"))
    let metrics = folder.appending(path: "metrics.jsonl")
    guard resuming else {
      guard checkpoint == nil, !FileManager.default.fileExists(atPath: metrics.path) else {
        throw FileError(
          "\(folder.path): a run is already there; go on with --resume, or name another run.output")
      }
      return nil
    }
    // Without a checkpoint, it was killed before the first: begin again, in the same folder.
    guard checkpoint != nil || FileManager.default.fileExists(atPath: metrics.path) else {
      throw FileError("\(folder.path): there is no run to resume")
    }
    return checkpoint
  }

  /// Trains to the end, or until `shouldStop` says so after a step; the state is then saved.
  ///
  /// - Throws: `TrainingError`, `NonFiniteError` (the offending rows are then in `failed-batch.jsonl`),
  ///   and file errors.
  public func run(
    shouldStop: () -> Bool = { false }, tell: (Event) -> Void = { _ in }
  ) throws -> Outcome {
    let training = configuration.training
    tell(.started(afterStep: trainer.step, of: training.steps))
    if let note { tell(.note(note)) }
    var interrupted = false
    do {
      try trainer.run { report in
        try record(report, tell: tell)
        interrupted = shouldStop() && trainer.step < training.steps
        let due = training.saveEvery.map { trainer.step % $0 == 0 } ?? false
        if interrupted || due || trainer.step == training.steps { try save(tell: tell) }
        return !interrupted
      }
    } catch let error as NonFiniteError {
      let dump = try error.rows.map { try CompletionRecord($0, step: error.step).json() }
      try AtomicFile.write(
        Data((dump.joined(separator: "\n") + "\n").utf8),
        to: folder.appending(path: "failed-batch.jsonl"))
      throw error
    }
    if interrupted { return .interrupted(step: trainer.step) }
    let destination = folder.appending(path: "model")
    try AtomicFile.makeFolder(at: destination) { try model.save(to: $0) }
    return .finished(model: destination)
  }

  private func record(_ report: StepReport, tell: (Event) -> Void) throws {
    let step = report.metrics.step
    let training = configuration.training
    try logs["metrics"]?.append(report.metrics.json)
    let tokens = report.rollouts.rows.map(\.completion.trajectory.completionIDs.count).reduce(0, +)
    let times = report.times.record(
      generatedTokens: tokens, avoidedTokens: report.metrics["screening/tokens_avoided"] ?? 0)
    try logs["timings"]?.append(times.json(step: step))
    try events?.append(report.metrics.values, group: "train", step: step)
    try events?.append(times.figures, group: "time", step: step)
    if let every = training.completionsEvery, step == 1 || step % every == 0 {
      for row in report.rollouts.rows {
        try logs["completions"]?.append(try CompletionRecord(row, step: step).json())
      }
    }
    tell(.step(report, of: training.steps))
    for warning in step == 1 ? report.warnings : report.lateWarnings {
      tell(.warning(warning, step: step))
    }
    if let gap = report.metrics["sampling/max_log_probability_gap"],
      gap > training.maxLogProbabilityGap
    {
      throw TrainingError(
        "step \(step): a token's log-probability was \(gap) nats apart between sampling and training, "
          + "above training.max-log-probability-gap = \(training.maxLogProbabilityGap)")
    }
    if let every = training.evaluateEvery, let evaluator, step % every == 0 {
      let evaluation = try evaluator.evaluate(model)
      try logs["evaluations"]?.append(try EvaluationRecord(step: step, evaluation).json())
      try events?.append(evaluation.figures, group: "eval", step: step)
      tell(.evaluated(evaluation, step: step))
    }
  }

  private func save(tell: (Event) -> Void) throws {
    for name in Self.recordNames { try logs[name]?.flush() }
    let state = Checkpoint.State(
      step: trainer.step, rolloutTokens: trainer.rolloutTokens,
      problemCursor: trainer.problemCursor,
      lossMemory: trainer.lossMemory,
      screening: try trainer.encodedScreening(), waitingProblems: trainer.queue.waiting,
      recordBytes: logs.mapValues(\.byteCount), configuration: configuration.yaml)
    try Checkpoint.save(
      state, model: model, optimizer: trainer.optimizer, difficulty: trainer.difficulty,
      in: folder.appending(path: "checkpoints"), keep: configuration.training.keepCheckpoints)
    tell(.saved(step: trainer.step))
  }
}
