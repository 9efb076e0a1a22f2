import ArgumentParser
import Foundation
import PrefixPreference
import Tasks
import Training

struct Preference: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "WS-GRPO's phase I: the preference model over prefixes.",
    subcommands: [PreferenceTrain.self, PreferenceEval.self, PreferenceScore.self])
}

struct PreferenceTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a preference model on labelled rollouts.",
    discussion: """
      --rollouts takes what `laconic sample` wrote, or a file in the layout of GSM8K's \
      example_model_solutions.jsonl, or a JSON array or CSV with the same columns, also with gzip. Without it, rollouts are sampled from the model first.
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Labelled rollouts: JSON lines, JSON or CSV, also with gzip.")
  var rollouts: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  func run() throws {
    let workspace = try options.workspace()
    let folder = URL(filePath: workspace.configuration.run.output)
    // `preference.json` is what a finished training leaves.
    guard !FileManager.default.fileExists(atPath: folder.appending(path: "preference.json").path)
    else {
      throw FileError(
        "\(folder.path): a preference model is already there; name another run.output")
    }
    let report = try PreferenceRun(
      workspace, rollouts: rollouts.map { URL(filePath: $0) }, folder: folder
    ).run { Console.progress($0) }
    Console.endProgress()
    if json { return try printJSON(report) }
    print(report.text)
    Console.note("the preference model is in \(folder.path)")
  }
}

struct PreferenceEval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure a preference model on labelled rollouts.")

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Folder of the preference model (preference.path).")
  var preference: String

  @Option(help: "Labelled rollouts: JSON lines, JSON or CSV, also with gzip.")
  var rollouts: String

  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    let workspace = try options.workspace([("preference.path", preference)])
    let evaluation = try PreferenceScoring(workspace).evaluate(
      LabelledRollout.read(from: URL(filePath: rollouts)))
    if json { return try printJSON(evaluation) }
    print(evaluation.text)
  }
}

struct PreferenceScore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score every prefix of given solutions.",
    discussion: "Reads labelled rollouts and writes one JSON object a line: steps and their scores."
  )

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Folder of the preference model (preference.path).")
  var preference: String

  @Option(help: "Solutions as labelled rollouts.")
  var rollouts: String

  func run() throws {
    let workspace = try options.workspace([("preference.path", preference)])
    let scoring = try PreferenceScoring(workspace)
    for line in try scoring.score(LabelledRollout.read(from: URL(filePath: rollouts))) {
      print(line)
    }
  }
}
