import Foundation
import Testing

@testable import ChatTemplates

/// The cases of @huggingface/jinja, with what Python's Jinja2 prints where the two differ.
@Suite(.enabled(if: RealData.folder != nil, "LACONIC_DATA is not there"))
struct OracleTests {
  private func cases(_ name: String) throws -> [TemplateValue] {
    let file = try #require(RealData.folder).appending(path: "oracles/\(name).json")
    return try TemplateValue(parsing: Array(Data(contentsOf: file)), name: file.path).elements
  }

  private func check(
    _ name: String, template: String, variables: String, expected: String, atLeast: Int
  ) throws {
    let cases = try cases(name)
    #expect(cases.count >= atLeast)
    var agreeing = 0
    for item in cases {
      let label = try #require(item["name"]).string
      let agrees = item["python_jinja2_agrees"] == .bool(true)
      let text = try #require(agrees ? item[expected] : item["python_jinja2_output"]).string
      let variables = try #require(item[variables]).members
      let template = try #require(item[template]).string
      do {
        let rendered = try ChatTemplate(template, name: label).render(variables)
        #expect(rendered == text, "\(label)")
        agreeing += rendered == text ? 1 : 0
      } catch {
        #expect(text.hasPrefix("ERR "), "\(error), expected \(text)")
        agreeing += text.hasPrefix("ERR ") ? 1 : 0
      }
    }
    print("\(name): \(agreeing) of \(cases.count) agree with Python's Jinja2")
  }

  @Test func language() throws {
    try check(
      "hf_jinja_language", template: "template", variables: "context", expected: "expected",
      atLeast: 100)
  }

  @Test func chatTemplates() throws {
    try check(
      "hf_jinja_chat_templates", template: "chat_template", variables: "data",
      expected: "target", atLeast: 25)
  }
}
