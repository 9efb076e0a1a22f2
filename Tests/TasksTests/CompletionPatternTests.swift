import Testing

@testable import Tasks

@Suite struct CompletionPatternTests {
  private static let tags = #"(?s)^<think>(?!.*<think>).*?</think>\s*<answer>.*</answer>$"#

  @Test(arguments: [
    ("<think>a\nb</think>\n<answer>4</answer>", true),
    ("<think></think><answer></answer>", true),
    ("<think>a</think> 4", false),
    ("so <think>a</think><answer>4</answer>", false),
    ("<think>a <think>b</think><answer>4</answer>", false),
    ("", false),
  ])
  func tagsAreFound(text: String, occurs: Bool) throws {
    #expect(try CompletionPattern(Self.tags).occurs(in: text) == occurs)
  }

  @Test func aPatternIsSearchedAnywhere() throws {
    let boxed = try CompletionPattern(#"\\boxed\{[^{}]+\}"#)
    #expect(try boxed.occurs(in: "so it is \\boxed{7}."))
    #expect(try !boxed.occurs(in: "so it is \\boxed{}."))
    #expect(try CompletionPattern("é.👍").occurs(in: "cafés👍"))
  }

  @Test func aLongCompletionIsRead() throws {
    let text =
      "<think>" + String(repeating: "1 + 1\n", count: 50_000) + "</think><answer>2</answer>"
    #expect(try CompletionPattern(Self.tags).occurs(in: text))
  }

  @Test(arguments: ["(a+)+$", "(a|a)*$", "(a|b)*c"])
  func aPatternWithoutEndIsGivenUp(pattern: String) throws {
    // The last needs memory for every character, the others steps without end.
    let text = String(repeating: "a", count: pattern.hasSuffix("c") ? 1_000_000 : 60) + "!"
    #expect {
      _ = try CompletionPattern(pattern).occurs(in: text)
    } throws: { "\($0)".contains("\"\(pattern)\" takes too many steps") }
  }

  @Test func whatIsNoPatternIsRefused() {
    #expect {
      _ = try CompletionPattern("<think>(.*")
    } throws: { "\($0)".contains("\"<think>(.*\" is no regular expression, expected") }
  }
}
