import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import ChatTemplates

/// Bounded and seeded: every text is a template or a `TemplateError`, and every template renders or
/// gives one.
@Suite struct FuzzTests {
  private static let pieces = [
    "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "'", "\"", "\\",
    "|",
    ".", ",", ":", "=", "==", "~", "*", "**", "//", "%", " ", "\n", " if ", " else ", " for ",
    " in ",
    " not ", " is ", " and ", "{% endif %}", "{% endfor %}", "{% set x = x %}", "{% macro m(a) %}",
    "{% endmacro %}", "{{ m(m) }}", "loop", "loop(x)", "messages", "namespace()", "range(9)",
    "|tojson", "|map('upper')", "|list", "[::-1]", "[1:]", "0", "-1", "1e9", "none", "é", "😀",
    "9223372036854775807", "'%s%d' % x", ".format(x)", "|sort", "|groupby('role')", ".split('')",
    "{% raw %}", "{% break %}", "{% call m(1) %}", "{% endcall %}", "{% generation %}",
  ]

  /// Times that the templates are gone through; `make fuzz` sets more.
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1

  /// Renders; anything but a `TemplateError` fails the test.
  private func use(_ text: String, _ variables: [TemplateValue.Member]) -> Bool {
    var limits = TemplateLimits()
    limits.steps = 20_000
    do throws(TemplateError) {
      _ = try ChatTemplate(text).render(variables, limits: limits, clock: Golden.clock)
      return true
    } catch {
      #expect(!error.message.isEmpty && error.line >= 1 && error.column >= 1)
      return false
    }
  }

  private func mutated(_ text: [Unicode.Scalar], _ generator: inout SplitMix64) -> String {
    var scalars = text
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0...scalars.count, using: &generator)
      let length = Int.random(in: 1...30, using: &generator)
      let end = min(scalars.count, place + length)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0, 1:
        let piece = Self.pieces.randomElement(using: &generator) ?? ""
        scalars.insert(contentsOf: piece.unicodeScalars, at: place)
      case 2: scalars.removeSubrange(place..<end)
      case 3:
        let target = Int.random(in: 0...scalars.count, using: &generator)
        scalars.insert(contentsOf: Array(scalars[place..<end]), at: target)
      default:
        let piece = Self.pieces.randomElement(using: &generator) ?? ""
        scalars.replaceSubrange(place..<end, with: piece.unicodeScalars)
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  @Test func mutatedTemplates() throws {
    let golden = try Golden.json("language.json")
    let variables = try #require(golden["variables"]).members
    var templates = try #require(golden["cases"]).elements.map {
      try #require($0["template"]).string
    }
    let folder = Golden.folder.appending(path: "chat_templates")
    for file in try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    {
      let text = try String(contentsOf: file, encoding: .utf8)
      templates += Array(repeating: text, count: 50)
    }
    var generator = SplitMix64(seed: 7)
    var rendered = 0
    var refused = 0
    for template in (0..<Self.rounds).flatMap({ _ in templates }) {
      let text = mutated(Array(template.unicodeScalars), &generator)
      if use(text, variables) { rendered += 1 } else { refused += 1 }
    }
    // Most mutations break a template; some leave one.
    #expect(rendered > 50 && refused > 50)
  }

  @Test func randomPieces() throws {
    let variables = try #require(Golden.json("language.json")["variables"]).members
    var generator = SplitMix64(seed: 11)
    var refused = 0
    for _ in 0..<(1000 * Self.rounds) {
      let count = Int.random(in: 1...25, using: &generator)
      let text = (0..<count).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
      refused += use(text.joined(), variables) ? 0 : 1
    }
    #expect(refused > 100)
  }
}
