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
    commandName: "tasks", abstract: "The tasks, with what their data looks like.")

  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    if json {
      return try printJSON(
        TaskRegistry.all.map { ["name": $0.name, "summary": $0.summary, "citation": $0.citation] })
    }
    for task in TaskRegistry.all {
      print("\(task.name)  \(task.summary) (\(task.citation))")
    }
  }
}
