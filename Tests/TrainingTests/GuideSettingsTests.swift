import Foundation
import PolicyOptimization
import Settings
import Testing

@testable import Training

/// Settings that pages name are there, and have the defaults that the pages say.
@Suite struct GuideSettingsTests {
  private static let pages: [(name: String, text: String)] = {
    let project = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardizedFileURL
    let folder = project.appending(path: "Documentation").resolvingSymlinksInPath()
    let names = (FileManager.default.subpaths(atPath: folder.path) ?? [])
      .filter { $0.hasSuffix(".md") }.map { "Documentation/\($0)" }
    return (["README.md"] + names.sorted()).map { name in
      let data = FileManager.default.contents(atPath: project.appending(path: name).path)
      return (name, String(decoding: data ?? Data(), as: UTF8.self))
    }
  }()

  @Test func settingsOfEveryPageAreThere() throws {
    let known = try Set(
      Methods.all.flatMap { RunConfiguration.paths(method: try $0.make(SettingDocument())) })
    let sections = RunConfiguration.sectionNames.subtracting([RewardSettings.section])
    let named = try Regex(
      "(?:^|[^\\w./-])((?:\(sections.sorted().joined(separator: "|")))\\.([a-z0-9][a-z0-9-]*))",
      as: (Substring, Substring, Substring).self)
    let fileTypes: Set<Substring> = ["yaml", "json", "jsonl", "safetensors"]
    var count = 0
    for (name, text) in Self.pages {
      let code =
        text.matches(of: /`[^`]+`/).map(\.output)
        + text.split(separator: "\n").filter { $0.hasPrefix("    ") }
      for (_, path, key) in code.flatMap({ $0.matches(of: named).map(\.output) })
      where !fileTypes.contains(key) {
        #expect(known.contains(String(path)), "\(name): \(path)")
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test func defaultsOfMethodsAreAsTheirPagesSay() throws {
    let methods = Methods.all.map { entry in
      Dictionary(uniqueKeysWithValues: entry.help.map { ($0.key, $0.standard) })
    }
    var count = 0
    for (name, text) in Self.pages where name.contains("/Methods/") {
      for row in Self.rows(text) {
        let fits = methods.contains { settings in
          row.keys.allSatisfy { settings[$0] != nil }
            && zip(row.keys, row.defaults).allSatisfy { key, value in
              settings[key].map { Self.says(value, $0) } ?? false
            }
        }
        #expect(fits, "\(name): \(row.keys) \(row.defaults)")
        count += row.keys.count
      }
    }
    #expect(count > 60)
  }

  /// The keys and defaults of all tables that have them. Defaults are empty where they are told in words.
  private static func rows(_ text: String) -> [(keys: [String], defaults: [String])] {
    var places: (key: Int, standard: Int)?
    var rows: [(keys: [String], defaults: [String])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      if let key = cells.firstIndex(of: "key"), let standard = cells.firstIndex(of: "default") {
        places = (key, standard)
      } else if !line.hasPrefix("|") {
        places = nil
      } else if let places, cells.count > max(places.key, places.standard),
        !cells[places.key].hasPrefix("---")
      {
        let keys = cells[places.key].split(separator: ", ").map { String($0.filter { $0 != "`" }) }
        let told = cells[places.standard].replacing(/\s*\[[A-Z]\]/, with: "")
          .split(separator: ", ").map(String.init)
        rows.append((keys, told.count == keys.count ? told : []))
      }
    }
    return rows
  }

  /// Whether a default is what a cell says. Words and names of other settings are not compared.
  private static func says(_ cell: String, _ value: SettingValue) -> Bool {
    if cell == "none" || cell == "off" { return value == .null }
    if cell.hasPrefix("`") {
      let text = String(cell.filter { $0 != "`" })
      return text.contains(".") || "\(SettingValue(scalar: text))" == "\(value)"
        || .string(text) == value
    }
    guard let number = Double(cell) else { return true }
    return Double(setting: value) == number
  }
}
