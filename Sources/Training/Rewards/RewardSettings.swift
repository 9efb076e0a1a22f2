import Settings
import Tasks

/// The section `rewards`: what a completion earns, `rewards.NAME.key` for a reward of any name.
///
/// `verifier` is the task's own verdict, which is always there; any other name is a reward by a pattern or
/// by a command.
public struct RewardSettings: Sendable, Equatable {
  static let section = "rewards"

  /// The weight of the task's verdict.
  public var verifierWeight = 1.0
  /// The other rewards, in the order in which they are written.
  public var added: [(name: String, settings: NamedRewardSettings)] = []

  /// The verdict alone.
  public init() {}

  /// Takes the entries `rewards.NAME.key` of a document.
  ///
  /// - Throws: `SettingError` for a value that does not fit, a reward without a source or with two, or a
  ///   name that cannot stand in metrics.
  init(_ document: SettingDocument) throws {
    var verdict = VerdictRewardSettings()
    try verdict.take(document, section: Self.path(RewardSum.verifier))
    verifierWeight = verdict.weight
    for entry in document.entries {
      guard let name = Self.name(in: entry), name != RewardSum.verifier,
        !added.contains(where: { $0.name == name })
      else { continue }
      guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
      else {
        throw SettingError(
          "\(entry.origin): the reward's name \(name) is to stand in names of metrics, expected letters, "
            + "digits, - and _")
      }
      var settings = NamedRewardSettings()
      try settings.take(document, section: Self.path(name))
      try settings.check(name, origin: entry.origin)
      added.append((name, settings))
    }
  }

  private static func path(_ name: String) -> String { "\(section).\(name)" }

  /// The reward that an entry is a setting of; nil for other entries.
  private static func name(in entry: SettingDocument.Entry) -> String? {
    guard entry.path.hasPrefix(section + "."), let dot = entry.path.lastIndex(of: ".") else {
      return nil
    }
    let name = entry.path[..<dot].dropFirst(section.count + 1)
    return name.isEmpty ? nil : String(name)
  }

  /// The full names of all keys of the rewards that are there.
  var paths: [String] {
    VerdictRewardSettings.paths(section: Self.path(RewardSum.verifier))
      + added.flatMap { NamedRewardSettings.paths(section: Self.path($0.name)) }
  }

  /// All settings, each called `NAME.key`.
  var settings: [(name: String, value: SettingValue)] {
    [("\(RewardSum.verifier).weight", .double(verifierWeight))]
      + added.flatMap { name, settings in
        settings.shown.map { ("\(name).\($0.name)", $0.value) }
      }
  }

  /// Whether nothing but the verdict counts.
  var isPlain: Bool { self == RewardSettings() }

  static func duplicate(_ name: String) -> SettingError {
    SettingError("there are two rewards called \(name), expected a name of its own for each")
  }

  /// Whether both say the same.
  public static func == (left: RewardSettings, right: RewardSettings) -> Bool {
    left.verifierWeight == right.verifierWeight
      && left.added.map(\.name) == right.added.map(\.name)
      && left.added.map(\.settings) == right.added.map(\.settings)
  }
}

/// What can be set of the verdict's reward.
private struct VerdictRewardSettings: SettingGroup {
  var weight = 1.0

  static let keys: [SettingKey<VerdictRewardSettings>] = [
    SettingKey("weight", \.weight, "what the verdict's reward is multiplied by")
  ]
}

/// What can be set of a reward beside the verdict.
public struct NamedRewardSettings: SettingGroup, Equatable {
  /// What the values are multiplied by; with 0 they are recorded and change nothing.
  public var weight = 1.0
  /// A regular expression that completions are to match.
  public var pattern: String?
  /// What the shell runs to score completions.
  public var command: String?
  /// Seconds that the command has for the completions of a step.
  public var timeout = CommandReward.defaultTimeout
  /// Batches in a row that may be lost before the run ends; nil for any number.
  public var maximumLostBatches: Int? = Reward.defaultMaximumLostBatches

  /// Defaults, with no source yet.
  public init() {}

  /// The keys.
  public static let keys: [SettingKey<NamedRewardSettings>] = [
    SettingKey("weight", \.weight, "what the values are multiplied by; 0 only records them"),
    SettingKey(
      "pattern", \.pattern, "regular expression: 1 where it occurs in a completion, else 0"),
    SettingKey("command", \.command, "program: completions as JSONL in, scores as JSONL out"),
    SettingKey(
      "timeout", \.timeout, in: 0.1..., "seconds that the command has for a step's completions"),
    SettingKey(
      "max-lost-batches", \.maximumLostBatches, in: 1...,
      "batches in a row without most of their values before the run ends; null for any number"),
  ]

  /// The settings that matter for the source.
  fileprivate var shown: [(name: String, value: SettingValue)] {
    let useless: Set = command == nil ? ["command", "timeout"] : ["pattern"]
    return settings.filter { !useless.contains($0.name) }
  }

  fileprivate func check(_ name: String, origin: String) throws {
    let path = "\(RewardSettings.section).\(name)"
    guard (pattern == nil) != (command == nil) else {
      let verdict = "the task's own verdict is \(RewardSettings.section).\(RewardSum.verifier)"
      throw SettingError(
        pattern == nil
          ? "\(origin): \(path) says nothing about where its values come from, expected \(path).pattern "
            + "or \(path).command (\(verdict))"
          : "\(origin): \(path) has both a pattern and a command, expected one of them")
    }
    do {
      _ = try pattern.map(CompletionPattern.init)
    } catch {
      throw SettingError("\(origin): \(path).pattern: \(error)")
    }
  }

  /// The reward that these settings describe.
  ///
  /// - Throws: `CompletionPatternError`, which `check` has ruled out for settings that were read.
  func reward(named name: String) throws -> Reward {
    let function: any RewardFunction =
      try pattern.map { FormatReward(try CompletionPattern($0)) }
      ?? CommandReward(command ?? "", timeout: timeout)
    return Reward(
      name, weight: weight, function: function, maximumLostBatches: maximumLostBatches)
  }
}
