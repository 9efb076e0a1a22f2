import ArgumentParser
import Foundation
import Rollouts
import Tasks
import Training

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One completion of a prompt, shown as it is written.",
    discussion: "Without --prompt, a held-out problem of the task is taken.")

  @OptionGroup var options: ConfigurationOptions

  @Option(
    help: "The question; the task's template and the model's chat template are put around it.")
  var prompt: String?

  @Flag(help: "Take --prompt as it is, without any template.")
  var raw = false

  func run() throws {
    let workspace = try options.workspace()
    let model = try workspace.model()
    let problem: Problem? =
      prompt == nil ? try workspace.heldOutProblems().first : nil
    let ids: [Int]
    if raw {
      ids = model.tokenizer.encode(prompt ?? problem?.prompt ?? "")
      guard !ids.isEmpty else { throw ValidationError("the prompt has no tokens") }
    } else {
      let written = try model.promptWriter(workspace.task).prompt(
        for: problem ?? Problem(id: "prompt", prompt: prompt ?? "", answer: ""))
      if prompt == nil { Console.note(written.text) }
      ids = written.ids
    }
    let sampler = Sampler(
      model: model.model, settings: workspace.configuration.rollouts,
      endTokens: model.endTokens, tokenizer: model.tokenizer)
    var decoder = model.tokenizer.streamDecoder()
    let stream = RandomStream(seed: UInt64(workspace.configuration.run.seed))
    _ = sampler.sample([Prompt(ids: ids, key: 0)], completions: 1, stream: stream) { _, _, id in
      FileHandle.standardOutput.write(Data(decoder.append(id).utf8))
    }
    print(decoder.finish())
    if let problem { Console.note("gold answer: \(problem.answer)") }
  }
}
