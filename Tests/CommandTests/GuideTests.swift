import Foundation
import Testing

/// Runs the commands of the guides as they stand, with fewer steps and problems.
@Suite("Guides")
struct GuideTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(
    "Every command of a page runs",
    arguments: [
      "README.md", "Documentation/Guides/FirstHour.md", "Documentation/Guides/ChoosingAMethod.md",
      "Documentation/Guides/Troubleshooting.md", "Documentation/Adapters.md",
    ])
  func commands(page: String) throws {
    let text = String(
      decoding: try Data(contentsOf: Self.package.appending(path: page)), as: UTF8.self)
    let blocks = Self.commandBlocks(text)
    #expect(!blocks.isEmpty)
    try withTemporaryFolder { folder in
      try Self.furnish(folder)
      for block in blocks {
        let (status, said) = try Self.run(block, in: folder)
        #expect(status == 0, "\(block)\n\(said)")
      }
    }
  }

  /// The indented blocks of a page whose first word is the command, one string each.
  private static func commandBlocks(_ text: String) -> [String] {
    var blocks: [[String]] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isCode = line.hasPrefix("    ")
      if isCode, !isInside { blocks.append([]) }
      if isCode { blocks[blocks.count - 1].append(String(line.drop { $0 == " " })) }
      isInside = isCode
    }
    return blocks.filter { $0.first?.hasPrefix("laconic ") == true }
      .map { $0.joined(separator: "\n") }
  }

  /// What the pages assume: a model, data, and a command that keeps itself short.
  private static func furnish(_ folder: URL) throws {
    let files = FileManager.default
    try files.copyItem(
      at: package.appending(path: "Sources/EmbeddedModel/model"),
      to: folder.appending(path: "MODEL"))
    for name in ["Sources", "Configurations"] {
      try files.createSymbolicLink(
        at: folder.appending(path: name), withDestinationURL: package.appending(path: name))
    }
    let program = try #require(Program.url, "the command is not built beside the tests")
    let short = """
      #!/bin/bash
      rollouts="rollouts.max-completion=48"
      evaluation="evaluation.problems=2 evaluation.samples=1 $rollouts run.threads=1"
      training="training.prompts-per-step=2 training.group-size=2 training.evaluate-every=null"
      training="$training training.save-every=1 $evaluation preference.phase1-problems=24"
      case "$1 $2" in
        train*) more="training.steps=1 $training" ;;
        compare*) more="training.steps=1 $training" ;;
        sft*) more="sft.steps=1 sft.batch-size=2 sft.examples=4 run.threads=1" ;;
        eval*) more="$evaluation" ;;
        sample*) more="task.limit=24 $rollouts run.threads=1" ;;
        generate*) more="$rollouts" ;;
        "preference train") more="preference.classifier-epochs=1 preference.phase1-problems=24 $rollouts" ;;
      esac
      [[ " $* " == *" --resume "* ]] && more="${more/training.steps=1/training.steps=2}"
      exec "\(program.path)" "$@" $more
      """
    let bin = folder.appending(path: "bin")
    try files.createDirectory(at: bin, withIntermediateDirectories: true)
    let wrapper = bin.appending(path: "laconic")
    try Data(short.utf8).write(to: wrapper)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrapper.path)
    // Problems in the form of GSM8K that the embedded model knows how to solve.
    let rows = (0..<24).map { index in
      let (start, more) = (2 + index % 8, 1 + index % 5)
      return "{\"question\": \"Ann has \(start) apples. She buys \(more). How many?\", "
        + "\"answer\": \"\(start) + \(more) = \(start + more)\\n#### \(start + more)\"}\n"
    }.joined()
    try Data("{\"prompt\": \"2 + 1?\", \"completion\": \"3\"}\n".utf8)
      .write(to: folder.appending(path: "pairs.jsonl"))
    for name in ["train.jsonl", "test.jsonl"] {
      try Data(rows.utf8).write(to: folder.appending(path: name))
    }
  }

  private static func run(_ block: String, in folder: URL) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-euo", "pipefail", "-c", block]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] =
      folder.appending(path: "bin").path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["OMP_WAIT_POLICY"] = "passive"
    environment["OMP_NUM_THREADS"] = "1"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let log = folder.appending(path: ".log")
    try Data().write(to: log)
    let handle = try FileHandle(forWritingTo: log)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    let said = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    return (process.terminationStatus, String(said.suffix(2_000)))
  }
}
