import Foundation
import PrefixPreference
import Settings
import Testing

@testable import Training

@Suite struct YAMLSettingsTests {
  @Test func nestedMappingsBecomePaths() throws {
    let document = try SettingDocument(
      yaml: """
        run:
          seed: 3
          output: "7"
        training: {steps: 5, learning-rate: 1e-6, max-gradient-norm: null}
        rollouts:
          stop-strings:
            - "####"
            - two
        model:
          path:
        """, name: "a.yaml")
    let found = document.entries.map { "\($0.origin) \($0.path) \($0.value)" }
    #expect(
      found == [
        "a.yaml:2 run.seed 3", "a.yaml:3 run.output \"7\"", "a.yaml:4 training.steps 5",
        "a.yaml:4 training.learning-rate 1e-06", "a.yaml:4 training.max-gradient-norm null",
        "a.yaml:7 rollouts.stop-strings [\"####\", two]", "a.yaml:10 model.path null",
      ])
    #expect(document.entry("run.output")?.value == .string("7"))
  }

  @Test func anEmptyFileSaysNothing() throws {
    #expect(try SettingDocument(yaml: "", name: "a.yaml").entries.isEmpty)
    #expect(try SettingDocument(yaml: "# a comment\n", name: "a.yaml").entries.isEmpty)
  }

  @Test(arguments: [
    ("run:\n  seed: 1\n  seed: 2\n", ["a.yaml", "seed"]),
    ("- run\n- model\n", ["a.yaml:1", "mapping", "list"]),
    ("just text\n", ["a.yaml:1", "mapping", "just text"]),
    ("run:\n  seed: [1\n", ["a.yaml", "not YAML"]),
    ("rollouts:\n  stop-strings:\n    - a: 1\n", ["a.yaml:3", "inside a list"]),
  ])
  func whatIsNoConfigurationIsRefused(yaml: String, named: [String]) {
    let text = message { _ = try SettingDocument(yaml: yaml, name: "a.yaml") }
    #expect(named.allSatisfy(text.contains), "\(text)")
  }

  @Test func aMissingFileIsNamed() {
    let text = message { _ = try SettingDocument(yaml: URL(filePath: "/nowhere/run.yaml")) }
    #expect(text.contains("/nowhere/run.yaml"))
  }
}

@Suite struct RunConfigurationTests {
  private func configuration(yaml: String) throws -> RunConfiguration {
    try RunConfiguration(SettingDocument(yaml: yaml, name: "run.yaml"))
  }

  @Test func phaseIFollowsTheMethodsPreset() throws {
    func resolved(_ lines: String) throws -> RunConfiguration { try configuration(yaml: lines) }
    let own = try resolved("method: {name: ws-grpo}")
    #expect(own.preference.preset == .laconic)
    #expect(own.preferenceModel.arrangement == .separate)
    for name in ["paper", "intended"] {
      let published = try resolved("method: {name: ws-grpo, preset: \(name)}")
      #expect(published.preference == PreferenceSettings(preset: .paper))
      #expect(published.preferenceModel.arrangement == .joint)
      #expect(published.preferenceModel.pooling == .first)
      let again = try resolved(published.yaml)
      #expect(again.preference == published.preference)
    }
    let mixed = try resolved(
      "method: {name: ws-grpo, preset: paper}\npreference: {preset: laconic, prefix-pairs: 3}")
    #expect(mixed.preference.preset == .custom)
    #expect(mixed.preference.prefixHead == .bradleyTerry)
    #expect(mixed.preferenceModel.pooling == .mean)
    #expect(try resolved(mixed.yaml).preference == mixed.preference)
  }

  @Test(arguments: [
    ("training:\n  learning-rat: 1\n", "training.learning-rat", "training.learning-rate"),
    ("trainig:\n  steps: 1\n", "trainig.steps", "training.steps"),
    ("method:\n  name: grpo\n  clip-lo: 0.1\n", "method.clip-lo", "method.clip-low"),
    ("rollouts:\n  temprature: 1\n", "rollouts.temprature", "rollouts.temperature"),
  ])
  func anUnknownKeyNamesTheNearest(yaml: String, key: String, nearest: String) {
    let text = message { _ = try configuration(yaml: yaml) }
    #expect(text.contains("unknown key \(key)"), "\(text)")
    #expect(text.contains("nearest key is \(nearest)"), "\(text)")
    #expect(text.hasPrefix("run.yaml:"))
  }

  @Test func aKeyOfAnotherMethodIsUnknown() {
    let text = message { _ = try configuration(yaml: "method:\n  name: grpo\n  steps-min: 2\n") }
    #expect(text.contains("unknown key method.steps-min"), "\(text)")
  }

  @Test(arguments: [
    ("training:\n  steps: many\n", ["run.yaml:2", "training.steps", "many", "whole number"]),
    ("training:\n  steps: 0\n", ["training.steps", "1 or more"]),
    ("rollouts:\n  temperature: -1\n", ["rollouts.temperature", "0.0 or more"]),
    ("rollouts:\n  top-p: 1.5\n", ["rollouts.top-p", "0.0...1.0"]),
    ("training:\n  schedule: sine\n", ["training.schedule", "constant, linear, cosine"]),
    ("method:\n  name: grppo\n", ["grppo", "grpo"]),
    ("method:\n  name: [a]\n", ["run.yaml:2", "method.name"]),
  ])
  func aValueThatDoesNotFitIsRefused(yaml: String, named: [String]) {
    let text = message { _ = try configuration(yaml: yaml) }
    #expect(named.allSatisfy(text.contains), "\(text)")
  }

  @Test func minibatchesMustDivideThePrompts() {
    let text = message {
      _ = try configuration(yaml: "training:\n  prompts-per-step: 10\n  minibatches: 4\n")
    }
    #expect(text.contains("8 or 12 prompts"), "\(text)")
    #expect(text.contains("[1, 2, 5, 10]"), "\(text)")
  }

  @Test func laterEntriesWin() throws {
    var document = try SettingDocument(yaml: "run:\n  seed: 3\n", name: "run.yaml")
    try document.append(override: "run.seed=4")
    #expect(try RunConfiguration(document).run.seed == 4)
  }

  @Test(arguments: [
    "{}", "method: {name: dapo}", "method: {name: gspo}", "method: {name: dr-grpo}",
    "method: {name: ws-grpo, preset: paper}", "method: {name: ws-grpo, preset: intended}",
    "method: {name: grpo, preset: grpo, kl-coef: 0.1}",
    "method: {name: dapo, overlong-buffer: null}", "method: {name: disco, score: l-ratio}",
    "method: {name: drpo, length-temperature: null, tau: 3}",
    """
    run: {output: "a: b # c", seed: 9, threads: 2}
    model: {path: "1", precision: bfloat16}
    task: {name: jsonl, prompt-template: "Question: {question}\\nAnswer:\\t"}
    rollouts: {stop-strings: ["####", "a, b", "\\n\\n", "\\"", "true"], top-k: 5, temperature: 0.7}
    training: {max-gradient-norm: null, save-every: null, learning-rate: 3.7e-7}
    """,
  ])
  func theResolvedConfigurationGivesItselfAgain(yaml: String) throws {
    let first = try configuration(yaml: yaml)
    let second = try RunConfiguration(SettingDocument(yaml: first.yaml, name: "resolved"))
    #expect(second.yaml == first.yaml)
    #expect(second.rollouts.stopStrings == first.rollouts.stopStrings)
    #expect(second.task.promptTemplate == first.task.promptTemplate)
    #expect(second.run.output == first.run.output)
    #expect(second.model.path == first.model.path)
    #expect(second.training.learningRate == first.training.learningRate)
  }

  @Test func configurationsThatMatterAreTold() throws {
    let plain = try Digits.configuration()
    func difference(_ lines: String...) throws -> String? {
      ConfigurationDifference(plain.yaml, try Digits.configuration(lines), for: .resuming).first
    }
    #expect(try difference() == nil)
    #expect(
      try difference(
        "run.output=elsewhere", "training.steps=9", "training.save-every=3", "run.threads=1") == nil
    )
    #expect(
      try difference("training.learning-rate=0.5")
        == "training.learning-rate was 0.01 and is now 0.5")
    #expect(try difference("run.seed=1")?.contains("run.seed was 0 and is now 1") == true)
    #expect(try difference("method.dual-clip=3")?.contains("method.dual-clip") == true)
    #expect(try difference("method.clip-low=0.1")?.contains("method.clip-low") == true)
    #expect(try difference("method.name=gspo") != nil)
    // A run that is to stand for another must have all of its steps, wherever it lies.
    func reusing(_ lines: String...) throws -> String? {
      ConfigurationDifference(plain.yaml, try Digits.configuration(lines), for: .reusing).first
    }
    #expect(try reusing("run.output=elsewhere", "preference.path=elsewhere") == nil)
    #expect(try difference("preference.path=elsewhere") != nil)
    #expect(try reusing("training.steps=9")?.contains("training.steps") == true)
  }

  /// A saved configuration that is older than some settings.
  @Test func absentSettingsHaveTheirDefaults() throws {
    let lines = ["method.name=gspo", "rewards.format.pattern=a"]
    let saved = try Digits.configuration(lines).yaml
    func difference(
      without removed: [String], _ more: String...
    ) throws -> ConfigurationDifference {
      var text = saved.split(separator: "\n").filter { line in
        !removed.contains { line.hasPrefix("  \($0):") }
      }.joined(separator: "\n")
      // A whole section.
      text.replace(try Regex("(?m)^steps:\n(  .*\n)+"), with: "")
      #expect(!text.contains("segmentation"))
      return ConfigurationDifference(
        text, try Digits.configuration(lines + more), for: .resuming)
    }
    // GSPO's own default, which is not GRPO's.
    let older = try difference(without: ["clip-high", "max-completion", "tensorboard"])
    // The tests' limit on completions is not the default.
    #expect(older.first == "rollouts.max-completion was absent (256 by default) and is now 5")
    let same = try difference(without: ["clip-high", "tensorboard"])
    #expect(same.first == nil)
    #expect(same.newer.contains("method.clip-high = 0.0004"))
    #expect(same.newer.contains { $0.hasPrefix("steps.segmentation = ") })
    #expect(!same.newer.contains { $0.hasPrefix("method.clip-low") })
    #expect(
      try difference(without: [], "steps.segmentation=newline").first?
        .hasPrefix("steps.segmentation was absent") == true)
    #expect(
      try difference(without: [], "rewards.other.pattern=b").first?
        .hasPrefix("rewards.other.weight was absent and is now") == true)
    #expect(
      try difference(without: [], "method.clip-high=0.3").first?.contains("clip-high") == true)
  }
}

@Suite struct LearningRateTests {
  private func rates(_ schedule: TrainingSettings.Schedule, warmup: Int = 4) -> [Double] {
    var settings = TrainingSettings()
    settings.steps = 12
    settings.learningRate = 2
    settings.warmupSteps = warmup
    settings.schedule = schedule
    return (0..<12).map(settings.learningRate(at:))
  }

  @Test func warmUpRisesLinearlyToThePeak() {
    for schedule in TrainingSettings.Schedule.allCases {
      #expect(Array(rates(schedule)[0..<4]) == [0.5, 1, 1.5, 2])
      #expect(rates(schedule)[4] == 2)
      #expect(rates(schedule, warmup: 0)[0] == 2)
    }
  }

  @Test func schedulesFallAsTheyAreCalled() {
    #expect(rates(.constant)[4...].allSatisfy { $0 == 2 })
    #expect(Array(rates(.linear)[4...]) == [2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25])
    let cosine = rates(.cosine)
    #expect(abs(cosine[8] - 1) < 1e-12)
    #expect(abs(cosine[6] - (1 + 0.5.squareRoot())) < 1e-12)
    #expect(cosine[4...] == cosine[4...].sorted(by: >)[...])
  }
}
