import Settings

/// How the configuration of a run that is gone on with stands to the one that it was started with.
struct ConfigurationDifference {
  /// The first setting that differs and matters, described; nil when none does.
  let first: String?
  /// Settings that the saved configuration does not have, because it is older than they, and that have
  /// their defaults now: as `training.new-key = 3`.
  let newer: [String]

  /// What is asked of a run that is there.
  enum Purpose {
    /// It is to be trained on.
    case resuming
    /// It is to stand for a run with the current settings, wherever it and its preference model lie.
    case reusing

    // What may change between the parts of a run without changing its numbers so far.
    private static let free = [
      "run.output", "training.save-every", "training.keep-checkpoints",
      "training.completions-every", "run.threads", "run.tensorboard", "method.scorer-timeout",
    ]

    /// Whether a setting may change. How long a scoring program is waited for may: a run that ended for it
    /// is to go on with more patience.
    func isFree(_ path: String) -> Bool {
      Self.free.contains(path)
        || path.hasPrefix(RewardSettings.section + ".")
          && (path.hasSuffix(".timeout") || path.hasSuffix(".max-lost-batches"))
        || path == (self == .resuming ? "training.steps" : "preference.path")
    }
  }

  /// - Parameter saved: the resolved configuration that the run keeps, as YAML.
  init(_ saved: String, _ current: RunConfiguration, for purpose: Purpose) {
    func differs(_ description: String) -> ConfigurationDifference {
      ConfigurationDifference(first: description, newer: [])
    }
    do {
      let before = try SettingDocument(yaml: saved, name: "saved")
      let now = try SettingDocument(yaml: current.yaml, name: "current")
      for entry in before.entries where !purpose.isFree(entry.path) {
        let value = now.entry(entry.path)?.value
        guard value == entry.value else {
          self = differs(
            "\(entry.path) was \(entry.value) and is now \(value.map { "\($0)" } ?? "absent")")
          return
        }
      }
      let absent = now.entries.filter { before.entry($0.path) == nil }
      guard !absent.isEmpty else {
        self.init(first: nil, newer: [])
        return
      }
      // What the saved settings come to today: the absent ones have their defaults.
      let known = before.entries.filter { now.entry($0.path) != nil }
      let resolved = try SettingDocument(
        yaml: RunConfiguration(SettingDocument(known)).yaml, name: "resolved")
      for entry in absent where !purpose.isFree(entry.path) {
        let standard = resolved.entry(entry.path)?.value
        guard standard == entry.value else {
          self = differs(
            "\(entry.path) was absent\(standard.map { " (\($0) by default)" } ?? "") and is now "
              + "\(entry.value)")
          return
        }
      }
      self.init(first: nil, newer: absent.map { "\($0.path) = \($0.value)" })
    } catch {
      self = differs("its configuration cannot be used: \(error)")
    }
  }

  private init(first: String?, newer: [String]) {
    self.first = first
    self.newer = newer
  }
}
