import Foundation
import Models
import Settings
import Tasks
import Tokenizers
import Torch

/// A supervised warm-up with its folder: `config.yaml`, `metrics.jsonl`, TensorBoard's `events.out.tfevents.*`,
/// and `model/`.
public struct SupervisedRun {
  private let folder: URL
  private let model: LoadedModel
  private let trainer: SupervisedTrainer
  private let configuration: RunConfiguration

  /// - Parameter scratch: a `config.json` to make random weights for, with tokenizer files beside it;
  ///   nil starts from the configured model.
  /// - Throws: typed errors of configuration, data, model and files.
  public init(_ workspace: Workspace, scratch: URL? = nil) throws {
    configuration = workspace.configuration
    folder = URL(filePath: configuration.run.output)
    let metrics = folder.appending(path: "metrics.jsonl")
    guard !FileManager.default.fileExists(atPath: metrics.path) else {
      throw FileError("\(folder.path): a run is already there; name another run.output")
    }
    if let scratch {
      guard try workspace.trainedAdapter() == nil else {
        throw SettingError(
          "adapter.rank or adapter.path is set, but random weights have no folder that an adapter could "
            + "belong to; expected a model in model.path, or no adapter")
      }
      var random = try LoadedModel(
        scratch: scratch, seed: UInt64(configuration.run.seed), device: workspace.device)
      random.chat = try workspace.chatPrompting(folder: scratch.deletingLastPathComponent())
      model = random
    } else {
      model = try workspace.policy()
    }
    trainer = try SupervisedTrainer(
      try Self.examples(workspace, model), model: model, settings: configuration.sft,
      run: configuration.run, packing: configuration.training.packing)
    try AtomicFile.createFolder(folder)
  }

  private static func examples(
    _ workspace: Workspace, _ model: LoadedModel
  ) throws -> [SupervisedExample] {
    let configuration = workspace.configuration
    if let path = configuration.task.data {
      return try SupervisedExample.read(URL(filePath: path))
    }
    guard let generator = workspace.task as? any GeneratingTask else {
      throw SettingError(
        "task.data is missing: the task \(workspace.task.name) makes no solutions of its own")
    }
    let writer = model.promptWriter(workspace.task)
    return try generator.solvedProblems(
      count: configuration.sft.examples, seed: UInt64(configuration.run.seed)
    ).map {
      SupervisedExample(
        prompt: try writer.text(of: $0.problem), completion: $0.solution,
        addsSpecialTokens: !writer.usesChatTemplate)
    }
  }

  /// Trains and writes the model, also when `shouldStop` ends the training early.
  ///
  /// - Returns: the model's folder, and whether all steps were done.
  /// - Throws: `TrainingError` and file errors.
  public func run(shouldStop: () -> Bool = { false }, tell: (Metrics) -> Void) throws -> (
    model: URL, isFinished: Bool
  ) {
    try AtomicFile.write(
      Data(configuration.yaml.utf8), to: folder.appending(path: "config.yaml"))
    let log = try RecordLog(folder.appending(path: "metrics.jsonl"), keeping: 0)
    let events = configuration.run.tensorboard ? try EventFile(in: folder) : nil
    var done = 0
    try trainer.run { metrics, _ in
      try log.append(metrics.json)
      try events?.append(metrics.values, group: "train", step: metrics.step)
      tell(metrics)
      done = metrics.step
      return !shouldStop()
    }
    let destination = folder.appending(path: "model")
    try AtomicFile.makeFolder(at: destination) { try model.save(to: $0) }
    return (destination, done == configuration.sft.steps)
  }
}

extension SupervisedExample {
  /// Pairs from a data file (`DataFile`) with the columns `prompt` and `completion`.
  ///
  /// - Throws: errors naming file and line.
  public static func read(_ url: URL) throws -> [SupervisedExample] {
    try DataFile.records(of: url).map { record in
      SupervisedExample(
        prompt: try record.string("prompt"), completion: try record.string("completion"))
    }
  }
}

extension LoadedModel {
  /// Random weights of the shape in a `config.json`, with the tokenizer files beside it.
  ///
  /// - Throws: typed errors naming the file.
  init(scratch: URL, seed: UInt64, device: Device) throws {
    let folder = scratch.deletingLastPathComponent()
    guard let json = FileManager.default.contents(atPath: scratch.path) else {
      throw FileError("\(scratch.path): the model's configuration cannot be read")
    }
    let configuration = try ModelConfiguration(json: json, name: scratch.path)
    try self.init(
      model: CausalLanguageModel(configuration: configuration, seed: seed, device: device),
      base: folder, folder: folder)
  }
}
