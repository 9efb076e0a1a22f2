import ArgumentParser
import Foundation
import PolicyOptimization
import Settings
import Tasks

struct MethodsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "methods", abstract: "The methods, with citations and settings.")

  @Argument(help: "A method, to see its settings.")
  var name: String?

  @Flag(help: "Print as JSON.")
  var json = false

  private struct Entry: Encodable {
    let name: String
    let aliases: [String]
    let title: String
    let citation: String
    let summary: String
    let settings: [String: String]
    let departuresFromGRPO: [String: String]
  }

  func run() throws {
    let entries = try name.map { [try Methods.entry($0)] } ?? Methods.all
    let described = try entries.map { (entry: $0, method: try $0.make(SettingDocument())) }
    if json { return try printJSON(described.map { Self.entry($0.entry, $0.method) }) }
    for (entry, method) in described {
      let publication = entry.publication
      let aliases =
        publication.aliases.isEmpty
        ? "" : " (also \(publication.aliases.joined(separator: ", ")))"
      print("\(publication.name)\(aliases)  \(publication.title), arXiv \(publication.citation)")
      print("    \(publication.summary)")
      if name != nil { print(Self.settings(entry, method)) }
    }
  }

  private static func entry(_ entry: MethodEntry, _ method: Method) -> Entry {
    Entry(
      name: entry.publication.name, aliases: entry.publication.aliases,
      title: entry.publication.title, citation: entry.publication.citation,
      summary: entry.publication.summary,
      settings: Dictionary(
        method.settings.map { ($0.name, "\($0.value)") }, uniquingKeysWith: { $1 }),
      departuresFromGRPO: Dictionary(
        method.departuresFromGRPO.map { ($0.key, "\($0.value)") }, uniquingKeysWith: { $1 }))
  }

  /// Every setting with its default and meaning, departures from GRPO marked.
  private static func settings(_ entry: MethodEntry, _ method: Method) -> String {
    let departures = Set(method.departuresFromGRPO.map(\.key))
    let width = entry.help.map(\.key.count).max() ?? 0
    let lines = entry.help.map { key in
      let mark = departures.contains(key.key) ? "*" : " "
      let name = key.key.padding(toLength: width, withPad: " ", startingAt: 0)
      return "  \(mark) \(name)  \(key.help) (\(key.expected); default \(key.standard))"
    }
    return (lines + ["  * differs from GRPO"]).joined(separator: "\n")
  }
}

struct TasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "The tasks, or problems of a task that makes its own, as JSON lines.")

  @Argument(help: "A task that makes its own problems, to see some.")
  var name: String?

  @Option(help: "Problems to make.")
  var count = 5

  @Option(help: "train or held-out.")
  var split = "train"

  @Option(help: "Which problems; equal seeds give equal ones.")
  var seed: UInt64 = 0

  @Flag(help: "With a solution each, as supervised training has them (the split train).")
  var solved = false

  @Flag(help: "Print the list of tasks as JSON.")
  var json = false

  private struct Row: Encodable {
    let id: String
    let prompt: String
    let answer: String
    let level: Int?
    let completion: String?
  }

  func validate() throws {
    if count < 1 { throw ValidationError("--count is \(count), expected at least 1") }
    if ProblemSplit(rawValue: split) == nil {
      throw ValidationError("--split is \"\(split)\", expected train or held-out")
    }
    if solved, split != ProblemSplit.train.rawValue {
      throw ValidationError("--solved goes with the split train: held-out problems are not taught")
    }
  }

  func run() throws {
    if let name { return try printProblems(of: TaskRegistry.task(named: name)) }
    if json {
      return try printJSON(
        TaskRegistry.all.map { ["name": $0.name, "summary": $0.summary, "citation": $0.citation] })
    }
    for task in TaskRegistry.all {
      print("\(task.name)  \(task.summary) (\(task.citation))")
    }
  }

  private func printProblems(of task: any ReasoningTask) throws {
    guard let generator = task as? any GeneratingTask,
      let split = ProblemSplit(rawValue: split)
    else {
      let makers = TaskRegistry.all.filter { $0 is any GeneratingTask }.map(\.name)
      throw ValidationError(
        "the task \(task.name) makes no problems of its own; \(makers.joined(separator: ", ")) do")
    }
    let rows: [(Problem, String?)] =
      solved
      ? generator.solvedProblems(count: count, seed: seed).map { ($0.problem, $0.solution) }
      : generator.problems(count: count, split: split, seed: seed).map { ($0, nil) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for (problem, solution) in rows {
      let row = Row(
        id: problem.id, prompt: problem.prompt, answer: problem.answer, level: problem.level,
        completion: solution)
      print(String(decoding: try encoder.encode(row), as: UTF8.self))
    }
  }
}
