import Foundation
import Testing

@testable import ChatTemplates

/// Templates that mean harm end with an error of kind `limit`, within the stack of a small thread.
@Suite struct LimitTests {
  /// Runs `body` on a thread with little stack: half again as much as the smallest threads have, since
  /// calls of debug builds take more than twice as much of it.
  private func onSmallStack(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      body()
      done.signal()
    }
    thread.stackSize = 768 << 10
    thread.start()
    done.wait()
  }

  private func expectLimit(_ template: String, _ variables: [TemplateValue.Member] = []) {
    onSmallStack {
      do throws(TemplateError) {
        var limits = TemplateLimits()
        limits.steps = 1_000_000
        let text = try ChatTemplate(template).render(variables, limits: limits)
        Issue.record("\(template.prefix(80)) gave \(text.utf8.count) bytes")
      } catch {
        #expect(error.kind == .limit, "\(template.prefix(80)): \(error)")
      }
    }
  }

  private func repeated(_ text: String, _ count: Int = 100_000) -> String {
    String(repeating: text, count: count)
  }

  @Test func nestingInTheText() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{1:", "}"), ("a[", "]"), ("a|f(", ")")] {
      expectLimit("{{ " + repeated(open, 1000) + "1" + repeated(close, 1000) + " }}")
    }
    expectLimit("{{ " + repeated("not ") + "1 }}")
    expectLimit("{{ " + repeated("- ") + "1 }}")
    expectLimit("{{ " + repeated("a(", 1000) + repeated(")", 1000) + " }}")
    expectLimit("{{ 1 " + repeated("if 1 else 1 ") + "}}")
    expectLimit(repeated("{% if 1 %}"))
    expectLimit(repeated("{% for x in y %}"))
    expectLimit("{% set " + repeated("(", 1000) + "a" + repeated(")", 1000) + " = 1 %}")
    expectLimit("{{ 1 is " + repeated("odd [", 1000) + repeated("]", 1000) + "}}")
  }

  @Test func longButFlatTextIsNoNesting() throws {
    for (pattern, expected) in [
      (" + 1", "10001"), (" ~ ''", "1"), (" or 1", "1"), (" and 1", "1"), ("|string", "1"),
    ] {
      #expect(
        try ChatTemplate("{{ 1" + repeated(pattern, 10_000) + " }}").render([]) == expected)
    }
    #expect(try ChatTemplate(repeated("{% if 1 %}a{% endif %}", 5000)).render([]).count == 5000)
    #expect(
      try ChatTemplate("{% if 0 %}" + repeated("{% elif 0 %}", 5000) + "{% else %}b{% endif %}")
        .render([]) == "b")
  }

  @Test func recursion() {
    expectLimit("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")
    expectLimit(
      "{% macro m() %}{{ caller() }}{% call m() %}{% endcall %}{% endmacro %}"
        + "{% call m() %}{% endcall %}")
    expectLimit("{% macro m(x=m()) %}{% endmacro %}{{ m() }}")
    expectLimit("{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}")
    expectLimit(
      "{% macro m() %}{% if 1 %}{% for x in [1] %}{% set y %}{% filter upper %}"
        + "{{ ('a' ~ (1 + [m()][0] | length)) | replace('a', m()) }}"
        + "{% endfilter %}{% endset %}{% endfor %}{% endif %}{% endmacro %}{{ m() }}")
  }

  @Test func nestingOfValues() {
    let loop = "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}"
    for value in [
      "[ns.x]", "(ns.x,)", "{'a': ns.x}", "[ns.x].copy", "ns.x | map('string')",
      "cycler(ns.x)", "joiner(ns.x)", "{'a': ns.x}.items()", "[ns.x] | reverse",
      "[ns.x] | groupby(0)",
    ] {
      expectLimit(loop + "{% set ns.x = \(value) %}{% endfor %}")
    }
    expectLimit(loop + "{% for j in [ns.x] %}{% set ns.x = loop %}{% endfor %}{% endfor %}")
    expectLimit(loop + "{% set ns.x = namespace(x=ns.x) %}{% endfor %}")
    expectLimit("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}")
  }

  /// Rows and circles of objects that hold each other are let go without recursion.
  @Test func rowsOfObjects() {
    let templates = [
      "{% set ns = namespace(x=namespace()) %}{% for i in range(20000) %}{% set n = namespace() %}"
        + "{% set m = ns.x %}{% set m.next = n %}{% set ns.x = n %}{% endfor %}done",
      "{% set ns = namespace(x=1) %}{% for i in range(20000) %}{% set y = ns.x %}"
        + "{% macro m() %}{{ y }}{% endmacro %}{% set ns.x = m %}{% endfor %}done",
      "{% set ns = namespace(x=1) %}{% for i in range(20000) %}{% for j in [1] %}"
        + "{% set _ = loop.changed(ns.x) %}{% set ns.x = loop %}{% endfor %}{% endfor %}done",
    ]
    for template in templates {
      onSmallStack {
        do throws(TemplateError) {
          #expect(try ChatTemplate(template).render([]) == "done")
        } catch {
          #expect(error.kind == .limit, "\(error)")
        }
      }
    }
  }

  @Test func work() {
    expectLimit("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}")
    expectLimit(
      "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}"
        + "{% endfor %}")
    expectLimit(
      "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}"
        + "{% endfor %}")
    expectLimit("{{ 'a' * 1000000000 }}")
    expectLimit("{{ [0] * 1000000000 }}")
    expectLimit("{{ 'a'.center(1000000000) }}")
    expectLimit("{{ '%1000000000d' % 1 }}")
    expectLimit("{{ '{:1000000000}'.format(1) }}")
    expectLimit("{{ 'a'.zfill(9223372036854775807) }}")
    expectLimit("{{ 'a' | indent(1000000000) }}")
    expectLimit("{{ [1] | tojson(indent=1000000000) }}")
    expectLimit("{{ range(0, 9223372036854775807, 1) }}")
    expectLimit("{{ range(-9223372036854775807, 9223372036854775807) }}")
    expectLimit("{{ [1] | batch(1000000000, 0) | list }}")
    expectLimit("{{ [1] | slice(1000000000) | list }}")
    expectLimit("{{ ('a' * 100000).replace('', 'b' * 100000) }}")
    expectLimit("{{ ('b' * 100000).join(['a'] * 100000) }}")
    expectLimit("{{ ('a' * 200000).find('a' * 100000 ~ 'b') }}")
    expectLimit("{{ ('a' * 200000).rfind('a' * 100000 ~ 'b') }}")
    // Two lists in each list, forty times: small in memory, not when walked through.
    let doubled =
      "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = (ns.x, ns.x) %}"
      + "{% endfor %}"
    expectLimit(doubled + "{{ ns.x }}")
    expectLimit(doubled + "{{ ns.x | tojson }}")
    expectLimit(doubled.replacing("[1]", with: "1") + "{{ {ns.x: 1} }}")
    expectLimit(
      doubled + "{% set a = ns.x %}" + doubled + "{{ a == ns.x }}")
  }

  @Test func numbers() {
    for expression in [
      "9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2",
      "2 ** 63", "-(-9223372036854775807 - 1)", "(-9223372036854775807 - 1) // -1",
      "(-9223372036854775807 - 1) | abs", "99999999999999999999", "1e20 | int",
      "'99999999999999999999' | int", "'1e30' | int",
    ] {
      expectLimit("{{ \(expression) }}")
    }
  }
}
