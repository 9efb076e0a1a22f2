import ArgumentParser
import Foundation
import JSON
import PolicyOptimization
import Tasks
import Tokenizers
import Training

struct Modes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Examples for `sft` of deciding whether to think, before hipo trains it.",
    discussion: """
      Reads two files of `laconic sample`: solutions of the same problems that were asked to think, and \
      solutions that were asked for at once. For every problem the mode with the higher pass rate is \
      taken, and its shortest right solution, with the mode's tag before it.
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: "Rollouts that were asked to think, as `laconic sample` writes them.")
  var on: String

  @Option(help: "Rollouts that were asked for the answer at once.")
  var off: String

  @Option(help: "File to write, with the columns prompt and completion; it must not exist.")
  var to: String

  @Option(help: "Text that ends the decision to think.")
  var onTag = HiPOSettings().onTag

  @Option(help: "Text that ends the decision to answer at once.")
  var offTag = HiPOSettings().offTag

  @Option(help: "Pass rates that differ by less are alike: no thinking then.")
  var delta = ModePairSettings().delta

  @Option(help: "Share of problems whose mode is drawn at random.")
  var randomShare = ModePairSettings().randomShare

  func validate() throws {
    for (name, value) in [("--delta", delta), ("--random-share", randomShare)]
    where !(0...1).contains(value) {
      throw ValidationError("\(name) is \(value), expected a number from 0 to 1")
    }
    var settings = HiPOSettings()
    settings.onTag = onTag
    settings.offTag = offTag
    do {
      try settings.validate()
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    let workspace = try options.workspace()
    let url = URL(filePath: to)
    guard !FileManager.default.fileExists(atPath: url.path) else {
      throw FileError("\(url.path): the file is already there; name another")
    }
    let rollouts = try [on, off].map { try LabelledRollout.read(from: URL(filePath: $0)) }
    var settings = ModePairSettings()
    settings.delta = delta
    settings.randomShare = randomShare
    let reader = ModeReader(onTag: onTag, offTag: offTag)
    var builder = ModePairBuilder(
      settings, reader: reader, seed: UInt64(workspace.configuration.run.seed))
    let examples = builder.examples(on: rollouts[0], off: rollouts[1])
    guard !examples.isEmpty else {
      throw FileError("\(on), \(off): no problem has a right solution in its mode")
    }
    let writer = PromptWriter(
      task: workspace.task, chat: try workspace.chatPrompting(),
      tokenizer: try Tokenizer(folder: try workspace.tokenizerFolder()))
    var lines = Data()
    for example in examples {
      let row: JSONValue = [
        "prompt": .string(try writer.text(of: example.problem)),
        "completion": .string(example.solution),
      ]
      lines.append(Data(row.serialized() + [UInt8(ascii: "\n")]))
    }
    try AtomicFile.write(lines, to: url)
    let problems = Set(rollouts.joined().map(\.problemID)).count
    let thinking = examples.count { reader.decision($0.solution)?.mode == .on }
    print(
      "\(examples.count) of \(problems) problems have an example, \(thinking) of them with thinking"
    )
  }
}
