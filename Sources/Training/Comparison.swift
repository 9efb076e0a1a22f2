import Foundation
import PrefixPreference
import Settings

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
    /// Seconds that the steps took, evaluations not included.
    public let seconds: Double
  }

  /// A step's rollouts.
  public struct RolloutPoint: Codable, Sendable {
    /// The step, from 1.
    public let step: Int
    /// The share of right completions.
    public let accuracy: Double
    /// The mean number of tokens.
    public let length: Double
    /// Tokens generated since the run began.
    public let generatedTokens: Int
  }

  /// A preference model that contenders share.
  public struct PhaseOne: Codable, Sendable {
    /// The contenders.
    public let names: [String]
    /// How its training went.
    public let report: PreferenceTrainingReport
  }

  /// The figures before training.
  public let base: Evaluation
  /// The preference models; none where no contender needs one.
  public let phaseOne: [PhaseOne]
  /// All runs.
  public let runs: [Run]

  /// What a comparison found.
  public init(base: Evaluation, phaseOne: [PhaseOne], runs: [Run]) {
    self.base = base
    self.phaseOne = phaseOne
    self.runs = runs
  }
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
    /// A preference model is trained.
    case phaseOne(MethodComparison.PhaseOne)
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
  /// The contenders that need a preference model and were given none, by equal settings of phase I.
  private let phaseOneSharers: [[Contender]]

  /// - Parameter document: the settings that all contenders share.
  /// - Throws: `SettingError`.
  public init(_ document: SettingDocument, contenders: [Contender], seeds: [Int]) throws {
    self.document = document
    self.contenders = contenders
    self.seeds = seeds
    common = try RunConfiguration(document)
    folder = URL(filePath: common.run.output)
    let names = contenders.map(\.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw SettingError("the contender \(twice) stands twice")
    }
    phaseOneSharers = try Self.phaseOneSharers(contenders, document)
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
    try settle(common, "base.yaml")
    let base = try cached("base.json") { try evaluation(common, model: nil) }
    tell(.evaluated(name: "base", base))
    var phases: [MethodComparison.PhaseOne] = []
    for sharers in phaseOneSharers {
      let names = sharers.map(\.name)
      tell(.began("phase I of \(names.joined(separator: ", "))"))
      let phase = MethodComparison.PhaseOne(names: names, report: try trainPreference(sharers))
      phases.append(phase)
      tell(.phaseOne(phase))
      if shouldStop() { return nil }
    }
    var runs: [MethodComparison.Run] = []
    for seed in seeds {
      for contender in contenders {
        guard let run = try self.run(contender, seed: seed, shouldStop: shouldStop, tell: tell)
        else { return nil }
        runs.append(run)
      }
    }
    let result = MethodComparison(base: base, phaseOne: phases, runs: runs)
    try write(result, "comparison.json")
    return result
  }

  /// The settings of one run, but for its folder and its preference model.
  private static func document(
    _ common: SettingDocument, _ contender: Contender, seed: Int
  ) throws -> SettingDocument {
    var document = common
    try document.append(override: "run.seed=\(seed)")
    for entry in contender.settings { document.append(entry) }
    return document
  }

  private static func phaseOneSharers(
    _ contenders: [Contender], _ common: SettingDocument
  ) throws -> [[Contender]] {
    var sharers: [(settings: String, contenders: [Contender])] = []
    for contender in contenders {
      let resolved = try RunConfiguration(document(common, contender, seed: 0))
      guard resolved.method.needsPreferenceModel, resolved.preferenceModel.path == nil
      else { continue }
      let settings = "\(resolved.preference.settings) \(resolved.preferenceModel.settings)"
      if let index = sharers.firstIndex(where: { $0.settings == settings }) {
        sharers[index].contenders.append(contender)
      } else {
        sharers.append((settings, [contender]))
      }
    }
    return sharers.map(\.contenders)
  }

  private func runFolder(_ contender: Contender, seed: Int) -> URL {
    folder.appending(path: "\(contender.name)-seed\(seed)")
  }

  private func preferenceFolder(_ sharers: [Contender]) -> URL {
    folder.appending(path: "preference-\(sharers[0].name)")
  }

  /// The preference model is the same for all seeds, trained with the settings that the contenders share.
  private func trainPreference(_ sharers: [Contender]) throws -> PreferenceTrainingReport {
    let place = preferenceFolder(sharers)
    let configuration = try RunConfiguration(
      Self.document(document, sharers[0], seed: common.run.seed))
    try settle(configuration, "\(place.lastPathComponent).yaml")
    return try cached("\(place.lastPathComponent).json") {
      return try PreferenceRun(Workspace(configuration), rollouts: nil, folder: place).run()
    }
  }

  private func run(
    _ contender: Contender, seed: Int, shouldStop: () -> Bool, tell: (Event) -> Void
  ) throws -> MethodComparison.Run? {
    let folder = runFolder(contender, seed: seed)
    var document = try Self.document(document, contender, seed: seed)
    let sharers = phaseOneSharers.first { $0.contains { $0.name == contender.name } }
    if let sharers {
      try document.append(override: "preference.path=\(preferenceFolder(sharers).path)")
    }
    try document.append(override: "run.output=\(folder.path)")
    let configuration = try RunConfiguration(document)
    tell(.began(seeds.count == 1 ? contender.name : "\(contender.name), seed \(seed)"))
    let model = folder.appending(path: "model")
    if FileManager.default.fileExists(atPath: model.path) {
      try requireSame(configuration, as: folder.appending(path: "config.yaml"))
    } else {
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
          length: $0["completions/mean_length"] ?? 0, generatedTokens: Int($0["num_tokens"] ?? 0))
      },
      rolloutTokens: Int(metrics.last?["num_tokens"] ?? 0),
      seconds: try Metrics.read(folder.appending(path: "timings.jsonl"))
        .map { $0["total"] ?? 0 }.reduce(0, +))
  }

  private func evaluation(_ configuration: RunConfiguration, model: URL?) throws -> Evaluation {
    let workspace = try Workspace(configuration)
    return try workspace.evaluator().evaluate(try workspace.model(from: model))
  }

  /// Keeps the settings that a part is made with; where it is there already, requires that they are the same.
  private func settle(_ configuration: RunConfiguration, _ name: String) throws {
    let file = folder.appending(path: name)
    if FileManager.default.fileExists(atPath: file.path) {
      try requireSame(configuration, as: file)
    } else {
      try AtomicFile.write(Data(configuration.yaml.utf8), to: file)
    }
  }

  /// - Throws: `FileError` naming the first setting that differs.
  private func requireSame(_ configuration: RunConfiguration, as file: URL) throws {
    let saved = try String(contentsOf: file, encoding: .utf8)
    if let first = ConfigurationDifference(saved, configuration, for: .reusing).first {
      throw FileError(
        "\(file.path): made with other settings: \(first); name another run.output, or remove what is "
          + "to be made again")
    }
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
