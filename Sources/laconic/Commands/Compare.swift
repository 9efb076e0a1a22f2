import ArgumentParser
import Foundation
import PolicyOptimization
import Reports
import Settings
import Training

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Several methods from one base model: one table, one page.",
    discussion: """
      Every contender starts from the same model and gets the same problems, steps and rollouts per \
      step; all are evaluated on the same held-out problems. A comparison that was stopped goes on \
      where it was.

      Contenders are methods (--methods), or variants that the configuration file lists:

        contenders:
          grpo: {method: {name: grpo}}
          shuffled: {method: {name: ws-grpo, pref-control: shuffled}}

      Differences are to the contender grpo, or to --reference; a comparison that is done is only \
      written again.

      Example: laconic compare --methods grpo,ws-grpo,disco --seeds 3 --output runs/compare
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Hugging Face model folder that all start from; the same as --model.")
  var base: String?

  @Option(help: "Methods, separated by commas; see `laconic methods`.")
  var methods: String?

  @Option(help: "Number of seeds: run.seed, and the ones after it.")
  var seeds = 1

  @Option(
    help: "The contender that others are compared with; grpo, or the first, when absent.")
  var reference: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    guard seeds > 0 else { throw ValidationError("--seeds is \(seeds), expected 1 or more") }
    guard base == nil || options.model == nil else {
      throw ValidationError("--base and --model name the same thing; give one of them")
    }
  }

  func run() throws {
    let written = try options.document([("model.path", base)])
    var (contenders, document) = try Contender.take(from: written)
    for name in methods?.split(separator: ",") ?? [] {
      let entry = try Methods.entry(String(name))
      contenders.append(
        try Contender(name: String(name), overrides: ["method.name=\(entry.publication.name)"]))
    }
    guard !contenders.isEmpty else {
      throw SettingError(
        "there is nothing to compare: give --methods, or a configuration with the section "
          + Contender.section)
    }
    if let reference, !contenders.contains(where: { $0.name == reference }) {
      throw SettingError(
        "--reference \(reference): there is no such contender; there are "
          + contenders.map(\.name).joined(separator: ", "))
    }
    if document.entry("training.evaluate-every") == nil {
      document.append(.init(path: "training.evaluate-every", value: .int(10), origin: "compare"))
    }
    let common = try RunConfiguration(document)
    let first = common.run.seed
    let comparison = try Comparison(
      document, contenders: contenders, seeds: Array(first..<first + seeds))
    guard let result = try ComparisonConsole.run(comparison) else {
      Console.note("stopped; the same command goes on")
      throw ExitCode(130)
    }
    let command = (["laconic"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    let report = ComparisonReport(
      result, title: "Comparison", command: command, reference: reference)
    let page = try report.write(to: URL(filePath: common.run.output))
    if json { return try printJSON(result) }
    print(report.table.text)
    print("\nreport: \(page.path)")
  }
}
