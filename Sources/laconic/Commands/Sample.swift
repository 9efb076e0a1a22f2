import ArgumentParser
import Foundation
import Training

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "K labelled rollouts per problem as JSON lines: the input of phase I.")

  @OptionGroup var options: ConfigurationOptions

  @Option(name: .shortAndLong, help: "Rollouts per problem (K).")
  var count = 4

  @Option(help: "File to write; it must not exist.")
  var to: String

  func validate() throws {
    guard count >= 1 else { throw ValidationError("--count is \(count), expected 1 or more") }
  }

  func run() throws {
    let workspace = try options.workspace()
    let url = URL(filePath: to)
    guard !FileManager.default.fileExists(atPath: url.path) else {
      throw FileError("\(url.path): the file is already there; name another")
    }
    // Before hours of sampling, not after.
    guard FileManager.default.isWritableFile(atPath: url.deletingLastPathComponent().path) else {
      throw FileError("\(url.path): its folder is not there or cannot be written to")
    }
    try Preflight(workspace).warnings.forEach(Console.warn)
    let sampling = try LabelledSampling(workspace)
    var lines = Data()
    var done = 0
    var correct = 0
    try sampling.sample(count) { rollouts in
      for rollout in rollouts {
        lines.append(Data(rollout.json.serialized() + [UInt8(ascii: "\n")]))
      }
      done += rollouts.count
      correct += rollouts.count(where: \.correct)
      Console.progress(
        "\(done / count)/\(sampling.problemCount) problems, "
          + "\(percent(Double(correct) / Double(done))) of the rollouts are right")
    }
    Console.endProgress()
    try AtomicFile.write(lines, to: url)
  }
}
