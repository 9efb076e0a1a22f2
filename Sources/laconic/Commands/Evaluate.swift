import ArgumentParser
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "pass@1, avg@k, pass@k, tokens, steps, truncation, with 95 % intervals.")

  @OptionGroup var options: ConfigurationOptions

  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    // --data names the problems to evaluate here.
    let workspace = try options.workspace([("evaluation.data", options.data)])
    try Preflight(evaluating: workspace).warnings.forEach(Console.warn)
    let evaluation = try workspace.evaluator().evaluate(try workspace.model())
    if json { return try printJSON(evaluation) }
    print(evaluation.text)
  }
}
