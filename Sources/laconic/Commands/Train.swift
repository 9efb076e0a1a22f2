import ArgumentParser
import Foundation
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Policy optimization with any method.",
    discussion: """
      Example: laconic train --method ws-grpo --model FOLDER --task gsm8k --data train.jsonl \
      training.steps=200 training.learning-rate=1e-6
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Method (method.name); see `laconic methods`.")
  var method: String?

  @Option(help: "Preset of the method (method.preset).")
  var preset: String?

  @Option(help: "Folder of a trained preference model (preference.path), for ws-grpo.")
  var preference: String?

  @Flag(help: "Go on from the latest checkpoint in the output folder.")
  var resume = false

  @Flag(help: "Show the resolved configuration, batch geometry and memory estimate, and stop.")
  var dryRun = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    let workspace = try options.workspace([
      ("method.name", method), ("method.preset", preset), ("preference.path", preference),
    ])
    if dryRun {
      print(try DryRun(workspace).text)
      return
    }
    let look = try Preflight(workspace)
    Console.note(look.text)
    look.warnings.forEach(Console.warn)
    let run = try TrainingRun(workspace, resuming: resume)
    Interruption.watch()
    var progress = ProgressLine()
    let outcome = try run.run(shouldStop: { Interruption.isAsked }) { progress.tell($0) }
    Console.endProgress()
    let folder = workspace.configuration.run.output
    switch outcome {
    case .finished(let model):
      Console.note("finished: the trained model is in \(model.path)")
      if json { try printJSON(["outcome": "finished", "model": model.path]) }
    case .interrupted(let step):
      Console.note("stopped after step \(step), saved in \(folder); go on with --resume")
      if json { try printJSON(["outcome": "interrupted", "step": "\(step)"]) }
      throw ExitCode(130)
    }
  }
}
