import ArgumentParser
import Foundation
import Training

struct SupervisedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sft",
    abstract: "Supervised warm-up on prompt and completion pairs.",
    discussion: """
      With --data, a file with the columns prompt and completion (JSON lines, JSON, CSV or TSV, also with \
      gzip); without, the embedded task's own \
      solutions. --scratch CONFIG starts from random weights of a model's config.json; the tokenizer \
      files lie beside it.
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "A config.json to start from random weights of.")
  var scratch: String?

  @Flag(help: "Show the resolved configuration, batch geometry and memory estimate, and stop.")
  var dryRun = false

  @Flag(help: "Print the last step's figures as JSON.")
  var json = false

  func run() throws {
    let workspace = try options.workspace()
    if dryRun {
      print(try DryRun(workspace).text)
      return
    }
    let warmup = try SupervisedRun(workspace, scratch: scratch.map { URL(filePath: $0) })
    Interruption.watch()
    let total = workspace.configuration.sft.steps
    let start = ContinuousClock.now
    var last: Metrics?
    let (model, isFinished) = try warmup.run(shouldStop: { Interruption.isAsked }) { metrics in
      last = metrics
      guard Console.isTerminal || metrics.step % 50 == 0 || metrics.step == total else { return }
      let elapsed = Double((ContinuousClock.now - start).components.seconds)
      Console.progress(
        "\(metrics.step)/\(total)  loss \(rounded(metrics["loss"] ?? .nan, 4))  "
          + "grad \(rounded(metrics["grad_norm"] ?? .nan, 3))  "
          + "left \(Int(elapsed / Double(metrics.step) * Double(total - metrics.step))) s")
    }
    Console.endProgress()
    if json { try printJSON(last?.values ?? [:]) }
    guard isFinished else {
      Console.note(
        "stopped after step \(last?.step ?? 0) of \(total); the model so far is in \(model.path)")
      throw ExitCode(130)
    }
    Console.note("the model is in \(model.path)")
  }
}
