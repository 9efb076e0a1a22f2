import Foundation
import Testing

/// Runs the commands of the documentation as they stand, with fewer steps and problems.
@Suite("Guides", .enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct GuideTests {
  @Test("Every command of a page runs", arguments: DocumentationPage.namesWithCommands)
  func commands(name: String) throws {
    let page = try DocumentationPage(name)
    try withTemporaryFolder { folder in
      let stage = try PageStage(in: folder, for: page)
      for block in page.commands {
        let result = try stage.run(block.script)
        #expect(result.status == 0, "\(block.script)\n\(result.errors.suffix(2_000))")
        if !block.output.isEmpty {
          #expect(result.output.split(separator: "\n").map(String.init) == block.output)
        }
      }
    }
  }

  @Test("No command of a page is passed over", arguments: DocumentationPage.names)
  func nothingIsPassedOver(name: String) throws {
    let page = try DocumentationPage(name)
    let shown = page.text.split(separator: "\n").count {
      $0.hasPrefix("    ") && $0.contains(/\blaconic [a-z]/)
    }
    let run = page.commands.map(\.script).joined(separator: "\n").split(separator: "\n").count {
      $0.contains(/\blaconic [a-z]/)
    }
    #expect(shown == run)
    for row in page.rows {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(row.utf8)) }
    }
  }

  /// What running text says of commands: that they are there, and have the options.
  @Test func whatPagesMentionIsThere() throws {
    var help: [String: String] = [:]
    try withTemporaryFolder { folder in
      for name in DocumentationPage.names {
        for mention in try DocumentationPage(name).mentions {
          let words = mention.split(separator: " ").dropFirst().map(String.init)
          let command = words.prefix(words.first == "preference" ? 2 : 1)
          #expect(!command.contains { $0.hasPrefix("-") }, "\(name): \(mention)")
          let key = command.joined(separator: " ")
          if help[key] == nil {
            let result = try Program.run(command + ["--help"], in: folder)
            #expect(result.status == 0, "\(name): \(mention)\n\(result.errors)")
            help[key] = result.output
          }
          for word in words.dropFirst(command.count) where word.hasPrefix("--") {
            #expect(help[key]?.contains("\(word) ") == true, "\(name): \(mention)")
          }
        }
      }
    }
    #expect(help.count > 8)
  }
}
