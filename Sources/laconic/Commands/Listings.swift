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
    let title: String
    let citation: String
    let summary: String
    let departuresFromGRPO: [String: String]
  }

  func run() throws {
    let methods = try name.map { [try Methods.named($0, settings: SettingDocument())] } ?? Methods.all
    if json {
      return try printJSON(
        methods.map { method in
          Entry(
            name: method.name, title: method.title, citation: method.citation,
            summary: method.summary,
            departuresFromGRPO: Dictionary(
              method.departuresFromGRPO.map { ($0.key, "\($0.value)") }, uniquingKeysWith: { $1 }))
        })
    }
    for method in methods {
      print("\(method.name)  \(method.title) (\(method.citation))\n    \(method.summary)")
      if name != nil { print(method.settingsText) }
    }
  }
}

extension Method {
  /// Every setting with its value and meaning, departures from GRPO marked.
  fileprivate var settingsText: String {
    let departures = Set(departuresFromGRPO.map(\.key))
    let width = settings.map(\.name.count).max() ?? 0
    return settings.map { setting in
      let mark = departures.contains(setting.name) ? "*" : " "
      let name = setting.name.padding(toLength: width, withPad: " ", startingAt: 0)
      return "  \(mark) \(name)  \(setting.value)"
    }.joined(separator: "\n") + "\n  * differs from GRPO"
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
