import Foundation
import Testing

@testable import ChatTemplates

/// Agreement with Python's Jinja2 as transformers sets it up.
@Suite struct GoldenTests {
  /// The outcome here of what Python was given; texts must be equal, errors must both be errors.
  private func compare(
    _ expected: Golden.Outcome, _ label: String, _ render: () throws -> String
  ) {
    switch expected {
    case .text(let text):
      do {
        #expect(try render() == text, "\(label)")
      } catch {
        Issue.record("\(label): \(error), expected \(text)")
      }
    case .error(let name, let message):
      do {
        let text = try render()
        Issue.record("\(label): \(text), expected \(name): \(message)")
      } catch let error as TemplateError {
        #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
        if error.kind == .raised || error.kind == .undefined {
          #expect(error.message == message, "\(label)")
        }
      } catch {
        Issue.record("\(label): \(error) is no TemplateError")
      }
    }
  }

  @Test func language() throws {
    let golden = try Golden.json("language.json")
    let shared = try #require(golden["variables"]).members
    let cases = try #require(golden["cases"]).elements
    #expect(cases.count > 700)
    for item in cases {
      let template = try #require(item["template"]).string
      let variables = try item["variables"]?.members ?? shared
      compare(try Golden.Outcome(item), template.debugDescription) {
        try ChatTemplate(template).render(variables, clock: Golden.clock)
      }
    }
  }

  private func compareFamilies(_ golden: TemplateValue, templates: URL) throws {
    let conversations = try #require(golden["conversations"])
    let families = try #require(golden["families"]).members
    #expect(!families.isEmpty)
    for family in families {
      let file = templates.appending(path: "\(family.name).jinja")
      let template = ModelChatTemplate(
        try ChatTemplate(file: file), specialTokens: Golden.tokens)
      for outcome in try family.value.members {
        let conversation = try Conversation(try #require(conversations[outcome.name]))
        compare(try Golden.Outcome(outcome.value), "\(family.name), \(outcome.name)") {
          try template.render(conversation, clock: Golden.clock)
        }
      }
    }
  }

  @Test func conversations() throws {
    try compareFamilies(
      try Golden.json("conversations.json"),
      templates: Golden.folder.appending(path: "chat_templates"))
  }

  @Test(.enabled(if: RealData.folder != nil, "LACONIC_DATA is not there"))
  func publishedTemplates() throws {
    let folder = try #require(RealData.folder).appending(path: "chat_templates")
    try compareFamilies(try Golden.json("models.json"), templates: folder)
  }
}
