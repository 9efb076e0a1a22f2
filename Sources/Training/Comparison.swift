import Foundation
import PrefixPreference
import Settings

/// One contender of a comparison.
public struct Contender: Sendable {
  /// The name in tables, and of its folder.
  public let name: String
  /// What it adds to the common settings.
  public let overrides: [String]

  /// A contender.
  public init(name: String, overrides: [String]) {
    self.name = name
    self.overrides = overrides
  }
}

/// What a comparison found.
public struct MethodComparison: Codable, Sendable {
  /// One trained model.
  public struct Run: Codable, Sendable {
    /// The contender.
    public let name: String
    /// The seed.
    public let seed: Int
    /// The figures after training.
    public let evaluation: Evaluation
    /// Figures during training.
    public let curve: [Evaluation.Point]
    /// Mean reward, accuracy and length of every step's rollouts.
    public let rollouts: [RolloutPoint]
    /// Tokens generated while training.
    public let rolloutTokens: Int
  }

  /// A step's rollouts.
  public struct RolloutPoint: Codable, Sendable {
    /// The step, from 1.
    public let step: Int
    /// The share of right completions.
    public let accuracy: Double
    /// The mean number of tokens.
    public let length: Double
  }

  /// The figures before training.
  public let base: Evaluation
  /// How phase I went; nil when no contender needs it.
  public let phaseOne: PreferenceTrainingReport?
  /// All runs.
  public let runs: [Run]
}

extension Evaluation {
  /// A point of a curve.
  public struct Point: Codable, Sendable {
    /// The step after which it was measured.
    public let step: Int
    /// Sampled accuracy.
    public let accuracy: Double
    /// Sampled tokens.
    public let tokens: Double
  }
}

/// Trains several methods from one base model with the same seeds and rollout budget, and evaluates
/// each on the same held-out problems.
///
/// Every run has its folder below `run.output`; a comparison that was stopped goes on where it was.
public struct Comparison {
  /// What to tell while it goes on.
  public enum Event {
    /// A part begins.
    case began(String)
    /// Phase I is done.
    case phaseOne(PreferenceTrainingReport)
    /// Something about a run.
    case run(name: String, TrainingRun.Event)
    /// Figures of the base model or of a finished run.
    case evaluated(name: String, Evaluation)
  }

  private let document: SettingDocument
  private let contenders: [Contender]
  private let seeds: [Int]
  private let folder: URL
  private let common: RunConfiguration

  /// - Parameter document: the settings that all contenders share.
  /// - Throws: `SettingError`.
  public init(_ document: SettingDocument, contenders: [Contender], seeds: [Int]) throws {
    self.document = document
    self.contenders = contenders
    self.seeds = seeds
    common = try RunConfiguration(document)
    folder = URL(filePath: common.run.output)
    for contender in contenders { _ = try configuration(contender, seed: 0, preference: "") }
  }

  /// Runs what has not been run.
  ///
  /// - Returns: nil when `shouldStop` ended it; what is done is kept.
  /// - Throws: typed errors of all parts.
  public func run(shouldStop: () -> Bool = { false }, tell: (Event) -> Void) throws
    -> MethodComparison?
  {
    try AtomicFile.createFolder(folder)
    tell(.began("base"))
    let base = try cached("base.json") { try evaluation(common, model: nil) }
    tell(.evaluated(name: "base", base))
    var phaseOne: PreferenceTrainingReport?
    if try contenders.contains(where: {
      try configuration($0, seed: 0, preference: "").method.columns.contains(.preferences)
    }) {
      tell(.began("phase I"))
      phaseOne = try trainPreference(shouldStop: shouldStop)
      guard let phaseOne else { return nil }
      tell(.phaseOne(phaseOne))
    }
    var runs: [MethodComparison.Run] = []
    for seed in seeds {
      for contender in contenders {
        guard let run = try self.run(contender, seed: seed, shouldStop: shouldStop, tell: tell)
        else { return nil }
        runs.append(run)
      }
    }
    let result = MethodComparison(base: base, phaseOne: phaseOne, runs: runs)
    try write(result, "comparison.json")
    return result
  }

  private var preferenceFolder: URL { folder.appending(path: "preference") }

  private func configuration(_ contender: Contender, seed: Int, preference: String) throws
    -> RunConfiguration
  {
    var document = self.document
    try document.append(override: "run.seed=\(seed)")
    try document.append(override: "preference.path=\(preference)")
    for override in contender.overrides { try document.append(override: override) }
    try document.append(override: "run.output=\(runFolder(contender, seed: seed).path)")
    return try RunConfiguration(document)
  }

  private func runFolder(_ contender: Contender, seed: Int) -> URL {
    folder.appending(path: seeds.count == 1 ? contender.name : "\(contender.name)-seed\(seed)")
  }

  private func trainPreference(shouldStop: () -> Bool) throws -> PreferenceTrainingReport? {
    try cached("preference-report.json") {
      try PreferenceRun(Workspace(common), rollouts: nil, folder: preferenceFolder).run()
    }
  }

  private func run(
    _ contender: Contender, seed: Int, shouldStop: () -> Bool, tell: (Event) -> Void
  ) throws -> MethodComparison.Run? {
    let configuration = try configuration(
      contender, seed: seed, preference: preferenceFolder.path)
    let folder = runFolder(contender, seed: seed)
    tell(.began(seeds.count == 1 ? contender.name : "\(contender.name), seed \(seed)"))
    let model = folder.appending(path: "model")
    if !FileManager.default.fileExists(atPath: model.path) {
      let begun = FileManager.default.fileExists(
        atPath: folder.appending(path: "metrics.jsonl").path)
      let run = try TrainingRun(Workspace(configuration), resuming: begun)
      let outcome = try run.run(shouldStop: shouldStop) { tell(.run(name: contender.name, $0)) }
      guard case .finished = outcome else { return nil }
    }
    let evaluation = try cached("\(folder.lastPathComponent).json") {
      try self.evaluation(configuration, model: model)
    }
    tell(.evaluated(name: contender.name, evaluation))
    let metrics = try Metrics.read(folder.appending(path: "metrics.jsonl"))
    return MethodComparison.Run(
      name: contender.name, seed: seed, evaluation: evaluation,
      curve: try EvaluationRecord.read(folder.appending(path: "evaluations.jsonl")).map {
        Evaluation.Point(
          step: $0.step, accuracy: $0.evaluation.sampled.accuracy.value,
          tokens: $0.evaluation.sampled.tokens.value)
      },
      rollouts: metrics.map {
        MethodComparison.RolloutPoint(
          step: $0.step, accuracy: $0["accuracy"] ?? 0,
          length: $0["completions/mean_length"] ?? 0)
      },
      rolloutTokens: Int(metrics.last?["num_tokens"] ?? 0))
  }

  private func evaluation(_ configuration: RunConfiguration, model: URL?) throws -> Evaluation {
    let workspace = try Workspace(configuration)
    return try workspace.evaluator().evaluate(try workspace.model(from: model))
  }

  /// What an earlier part of the comparison wrote, or what `make` gives now.
  private func cached<Value: Codable>(_ name: String, _ make: () throws -> Value) throws -> Value {
    let url = folder.appending(path: name)
    if let data = FileManager.default.contents(atPath: url.path) {
      do {
        return try JSONDecoder().decode(Value.self, from: data)
      } catch {
        throw FileError("\(url.path): not what this version writes: \(error)")
      }
    }
    let value = try make()
    try write(value, name)
    return value
  }

  private func write(_ value: some Encodable, _ name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try AtomicFile.write(try encoder.encode(value), to: folder.appending(path: name))
  }
}

extension EvaluationRecord {
  /// All records of an `evaluations.jsonl`.
  ///
  /// - Throws: `FileError`.
  public static func read(_ url: URL) throws -> [EvaluationRecord] {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw FileError("\(url.path): the records cannot be read")
    }
    return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
      do {
        return try JSONDecoder().decode(EvaluationRecord.self, from: line)
      } catch {
        throw FileError("\(url.path):\(index + 1): not an evaluation record: \(error)")
      }
    }
  }
}
