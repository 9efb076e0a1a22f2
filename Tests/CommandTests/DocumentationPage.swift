import Foundation

/// A page of the documentation and what it shows as code: its indented blocks.
struct DocumentationPage {
  /// The path from the project's folder.
  let name: String
  let text: String
  /// The lines of every indented block, without the indentation.
  let blocks: [[String]]

  static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  init(_ name: String) throws {
    self.name = name
    text = String(
      decoding: try Data(contentsOf: Self.project.appending(path: name)), as: UTF8.self)
    var blocks: [[String]] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isCode = line.hasPrefix("    ")
      if isCode, !isInside { blocks.append([]) }
      if isCode { blocks[blocks.count - 1].append(String(line.drop { $0 == " " })) }
      isInside = isCode
    }
    self.blocks = blocks
  }

  /// README and all pages below Documentation but the results, whose commands are the records of long
  /// experiments.
  static let names: [String] = {
    let folder = project.appending(path: "Documentation").resolvingSymlinksInPath()
    let pages = (FileManager.default.subpaths(atPath: folder.path) ?? [])
      .filter { $0.hasSuffix(".md") && $0 != "Results.md" }
    return ["README.md"] + pages.sorted().map { "Documentation/\($0)" }
  }()

  /// Those that show commands.
  static let namesWithCommands = names.filter {
    (try? DocumentationPage($0))?.commands.isEmpty == false
  }

  // What may begin a line that a user types.
  private static let programs: Set<String> = [
    "laconic", "echo", "make", "python", ".venv/bin/python", ".venv/bin/pip", "jq",
  ]

  /// The blocks that are typed.
  var commands: [Commands] {
    blocks.filter { Self.programs.contains(Self.firstWord($0.first ?? "")) }.map(Commands.init)
  }

  /// The lines of blocks that are JSON: rows of data files.
  var rows: [String] { blocks.flatMap { $0.filter { $0.hasPrefix("{") } } }

  private static func firstWord(_ line: String) -> String {
    String(line.prefix { !$0.isWhitespace })
  }

  /// Commands to be typed one after another, and what the page says that they print.
  struct Commands {
    /// For the shell. Of what can be chosen or left out (`[key=a|b]`, `...`) there is the first choice.
    let script: String
    /// The lines that the page shows as output.
    let output: [String]

    fileprivate init(_ lines: [String]) {
      output = lines.filter { $0.hasPrefix("{") }
      script = lines.filter { !$0.hasPrefix("{") }.joined(separator: "\n")
        .replacing(/\[([a-z0-9.-]+=[^|\]\s]+)(\|[^\]\s]+)?\]/) { String($0.1) }
        .replacing(#/ \.\.\.(?=\s|$)/#, with: "")
    }
  }

  /// Every `laconic ...` between backquotes.
  var mentions: [String] {
    text.matches(of: /`(laconic [^`]+)`/).map { String($0.1).replacing("\n", with: " ") }
  }
}
