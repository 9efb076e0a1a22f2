import ArgumentParser
import Foundation
import Reports
import Settings
import Training

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "The main job on the embedded model, offline: phase I, GRPO and WS-GRPO, a table, a page.")

  @Option(help: "Folder for all results; a demo that was stopped goes on there.")
  var output = "runs/demo"

  @Option(help: "Seed of everything random.")
  var seed = 0

  @Option(help: "Policy-optimization steps of every method.")
  var steps: Int?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    var document = try DemoRecipe.document()
    try document.append(override: "run.output=\(output)")
    if let steps { try document.append(override: "training.steps=\(steps)") }
    let comparison = try Comparison(
      document, contenders: try DemoRecipe.contenders(), seeds: [seed])
    let start = ContinuousClock.now
    let result = try ComparisonConsole.run(comparison)
    guard let result else {
      Console.note("stopped; `laconic demo --output \(output)` goes on")
      throw ExitCode(130)
    }
    let report = ComparisonReport(
      result, title: "Laconic demo: GRPO and WS-GRPO from one base model",
      command: "laconic demo --seed \(seed)")
    let page = try report.write(to: URL(filePath: output))
    if json { return try printJSON(result) }
    print(report.table.text)
    let seconds = (ContinuousClock.now - start).components.seconds
    print("\nreport: \(page.path)  (\(seconds / 60) min \(seconds % 60) s)")
  }
}
