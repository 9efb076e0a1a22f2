import Testing

@testable import ChatTemplates

/// Errors name the template, the line, the column and what is wrong.
@Suite struct ErrorTests {
  private func error(
    _ template: String, _ variables: [TemplateValue.Member] = []
  ) throws -> TemplateError {
    try #require(throws: TemplateError.self) {
      try ChatTemplate(template, name: "chat.jinja").render(variables)
    }
  }

  @Test func places() throws {
    let cases: [(template: String, line: Int, column: Int)] = [
      ("{{ 1 +", 1, 1), ("a\nb {{ 1 2 }}", 2, 8), ("é😀 {{ $ }}", 1, 7),
      ("a\r\nb\rc {% nope %}", 3, 6), ("{% if yes %}\n{% endfor %}", 2, 4),
      ("{# never\nclosed", 1, 1), ("{% raw %}\nx", 1, 1), ("a\n {{ 'open }}", 2, 5),
      ("x\n\n  {{ missing.name }}", 3, 13), ("{{ ok }}\n{{ 1 + 'a' }}", 2, 6),
      ("{% for m in [1] %}\n  {{ m.x.y }}\n{% endfor %}", 2, 9),
      ("{% macro m(a) %}\n\n{{ a / 0 }}{% endmacro %}\n{{ m(1) }}", 3, 6),
      ("{% set a, b =\n [1] %}", 1, 4), ("{{ [1] |\n nope }}", 2, 2),
      ("{{ 'a' | join(1) | int | list }}", 1, 26), ("{% for a in 1 %}{% endfor %}", 1, 4),
      ("{{ 1\n  is nope }}", 2, 3), ("a\n{{ raise_exception('no') }}", 2, 19),
    ]
    for (template, line, column) in cases {
      let error = try error(template)
      #expect(
        error.line == line && error.column == column,
        "\(template.debugDescription): \(error), expected \(line):\(column)")
    }
  }

  @Test func messages() throws {
    let cases: [(template: String, kind: TemplateError.Kind, message: String)] = [
      ("{{ a.b }}", .undefined, "'a' is undefined"),
      ("{{ {}.b.c }}", .undefined, "'dict object' has no attribute 'b'"),
      ("{{ [][0].c }}", .undefined, "list object has no element 0"),
      ("{{ none.x.y }}", .undefined, "'None' has no attribute 'x'"),
      ("{{ 1 + 'a' }}", .type, "unsupported operand type(s) for +: 'int' and 'str'"),
      ("{{ 'a' + 1 }}", .type, "can only concatenate str (not \"int\") to str"),
      ("{{ 'a' > 1 }}", .type, "'>' not supported between instances of 'str' and 'int'"),
      ("{{ [].append(1) }}", .security, "access to attribute 'append' of 'list' object is unsafe."),
      ("{{ raise_exception('Only\\nuser') }}", .raised, "Only\nuser"),
      (
        "{% if 1 %}", .syntax,
        "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or "
          + "'endif'. The innermost block that needs to be closed is 'if'."
      ),
      ("{{ x | nope }}", .syntax, "No filter named 'nope'."),
      ("{{ 1 2 }}", .syntax, "expected token 'end of print statement', got '2'"),
      (
        "{% include 'a' %}", .type,
        "no loader for this environment specified ('include' needs one)"
      ),
      ("{{ 'a' | urlize }}", .unsupported, "the filter 'urlize' is not supported"),
      ("{{ 'a'.encode() }}", .unsupported, "the method 'encode' of str is not supported"),
    ]
    for (template, kind, message) in cases {
      let error = try error(template)
      #expect(error.kind == kind && error.message == message, "\(template): \(error)")
      #expect(error.description.hasPrefix("chat.jinja:1:"))
    }
  }

  @Test func otherSpellingsOfACharacterAreOtherKeys() throws {
    let template = try ChatTemplate("{{ d['é'] }}{{ d['e\\u0301'] }}{{ d | length }}")
    let variables: [TemplateValue.Member] = [
      .init("d", .object([.init("é", .int(1)), .init("e\u{301}", .int(2))]))
    ]
    #expect(try template.render(variables) == "122")
  }

  @Test func theSameTemplateRendersAgainAndAgain() async throws {
    let template = try ChatTemplate(
      "{% set ns = namespace(n=0) %}{% for i in range(x) %}{% set ns.n = ns.n + i %}{% endfor %}"
        + "{{ ns.n }}")
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for count in 0..<20 {
        group.addTask { (count, try template.render([.init("x", .int(count))])) }
      }
      for try await (count, text) in group { #expect(text == "\(count * (count - 1) / 2)") }
    }
  }
}
