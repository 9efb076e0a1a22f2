import EmbeddedModel
import Foundation
import Models
import PrefixPreference
import Settings
import Tasks
import Tokenizers
import Torch

/// What a configuration names, loaded: device, model, task, problems.
public struct Workspace {
  /// What was asked for.
  public let configuration: RunConfiguration
  /// Where tensors lie.
  public let device: Device
  /// The task.
  public let task: any ReasoningTask
  /// What was read so far.
  private let files = WorkspaceFiles()

  /// Finds the device and the task.
  ///
  /// - Throws: `SettingError` or the task's error, naming the nearest valid value.
  public init(_ configuration: RunConfiguration) throws {
    self.configuration = configuration
    if let threads = configuration.run.threads { Runtime.threadCount = threads }
    device = try Self.device(named: configuration.run.device)
    let settings = configuration.task
    let name = settings.name ?? EmbeddedTask.name
    task = try TaskRegistry.task(named: name, template: settings.promptTemplate)
  }

  private static func device(named name: String?) throws -> Device {
    let best: Device =
      Runtime.cudaDeviceCount > 0 ? .cuda(0) : Runtime.isMPSAvailable ? .mps : .cpu
    guard let name else { return best }
    guard let device = Device(name: name) else {
      throw SettingError("run.device is \(name), expected cpu, cuda, cuda:N or mps")
    }
    guard device.isAvailable else {
      throw SettingError(
        "run.device is \(name), which is not there (CUDA: \(Runtime.cudaLoadMessage), "
          + "\(Runtime.cudaDeviceCount) devices); the nearest is \(best)")
    }
    return device
  }

  /// The number type to compute in.
  private var dtype: DType? {
    configuration.model.precision?.dtype ?? (device == .cpu ? .float32 : nil)
  }

  /// Loads the model from `folder`, or from where the configuration says, with its adapter where it has one.
  ///
  /// - Parameter folder: a model's folder, or an adapter's on the configured model.
  /// - Throws: typed errors naming file and cause.
  public func model(from folder: URL? = nil) throws -> LoadedModel {
    let home = try tokenizerFolder()
    let adapter =
      try folder.map { LoRAFolder.isOne($0) ? try LoRAFolder($0) : nil } ?? adapterFolder()
    let isWhole = folder != nil && adapter == nil
    var model = try LoadedModel(
      folder: isWhole ? folder ?? home : try modelFolder(), adapter: adapter, tokenizer: home,
      loadedTokenizer: try tokenizer(), dtype: dtype, device: device)
    model.chat = try chatPrompting(folder: home)
    return model
  }

  /// The tokenizer, read once.
  ///
  /// - Throws: errors of the tokenizer's folder.
  public func tokenizer() throws -> Tokenizer {
    try files.tokenizer(in: tokenizerFolder())
  }

  /// The problems to train on.
  ///
  /// - Throws: errors naming file and line, or a missing `task.data`.
  public func trainingProblems() throws -> [Problem] {
    let problems = try read(configuration.task.data, key: "task.data", split: .train)
    return Array(problems.prefix(configuration.task.limit ?? problems.count))
  }

  /// The held-out problems.
  ///
  /// - Throws: errors naming file and line, or a missing `evaluation.data`.
  public func heldOutProblems() throws -> [Problem] {
    let settings = configuration.evaluation
    let problems = try read(settings.data, key: "evaluation.data", split: .heldOut)
    return Array(problems.prefix(settings.problems ?? problems.count))
  }

  // Enough that no run of the demo's size sees a problem twice.
  private static let generatedTrainingProblems = 20_000

  private func read(_ path: String?, key: String, split: ProblemSplit) throws -> [Problem] {
    if let path {
      return try files.problems(at: path) { try task.problems(from: URL(filePath: path)) }
    }
    guard let generator = task as? any GeneratingTask else {
      throw SettingError("\(key) is missing: the task \(task.name) reads its problems from a file")
    }
    let evaluation = configuration.evaluation
    return split == .train
      ? generator.problems(
        count: Self.generatedTrainingProblems, split: .train, seed: UInt64(configuration.run.seed))
      : generator.problems(
        count: evaluation.problems ?? EvaluationSettings().problems ?? 1, split: .heldOut,
        seed: UInt64(evaluation.seed))
  }

  /// How solutions are split into steps.
  public var segmenter: SolutionSegmenter { configuration.segmenter }

  /// An evaluator on the held-out problems.
  ///
  /// - Throws: what reading the problems throws, and where solutions are to be stopped, what the
  ///   preference model throws.
  public func evaluator() throws -> Evaluator {
    Evaluator(
      problems: try heldOutProblems(), task: task, settings: configuration.evaluation,
      sampling: configuration.rollouts, segmenter: segmenter,
      stopper: configuration.evaluation.onlineStop ? try onlineStopper() : nil)
  }
}

extension ModelSettings.Precision {
  /// The engine's name for it.
  public var dtype: DType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
