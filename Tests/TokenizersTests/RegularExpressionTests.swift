import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

@Suite struct RegularExpressionTests {
  private func matches(_ text: String, _ expression: String) throws -> [String] {
    matches(text, try RegularExpression(expression))
  }

  private func matches(_ text: String, _ expression: RegularExpression) -> [String] {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      var found: [String] = []
      expression.forEachMatch(in: buffer, 0..<buffer.count) { match in
        found.append(String(decoding: buffer[match], as: UTF8.self))
      }
      return found
    }
  }

  static let cases: [(String, String, [String])] = [
    ("a|ab", "abab", ["a", "a"]), ("ab|a", "aba", ["ab", "a"]), ("a*b", "aaabb", ["aaab", "b"]),
    ("a+?b?", "aab", ["a", "ab"]), ("a{2,3}", "aaaaa", ["aaa", "aa"]), ("a{2}", "aaa", ["aa"]),
    ("a{,2}b", "aaab", ["aab"]), ("a{2,}", "a aa aaaa", ["aa", "aaaa"]),
    ("a++a", "aaa", []), ("a+a", "aaa", ["aaa"]), ("(?>a+)b", "aab", ["aab"]),
    ("(?:ab)+", "ababa", ["abab"]), ("(?:ab)*?c", "ababc", ["ababc"]),
    ("(ab|c){2}", "abcab", ["abc"]),
    ("x(?=y)", "xyxz", ["x"]), ("x(?!y).", "xyxz", ["xz"]), ("(?<=a)b", "abcb", ["b"]),
    ("(?<!a)b", "abb", ["b"]), (#"\s+(?!\S)|\s+"#, "a   b  ", ["  ", " ", "  "]),
    ("[^a-c]+", "abcdéc漢", ["dé", "漢"]), ("[a-c&&[^b]]+", "abca", ["a", "ca"]),
    ("[^(x|[.,])]+", "ab(c.d|x", ["ab", "c", "d"]), (#"[\p{Lu}\p{Nd}]+"#, "aB1cÉ", ["B1", "É"]),
    (#"\p{^L}+"#, "a1b", ["1"]), (#"\P{L}+"#, "a1b", ["1"]), (#"\p{Han}+"#, "a漢字b", ["漢字"]),
    (#"\x41\x{6F22}\u6F22"#, "A漢漢", ["A漢漢"]), (#"[\-\]\\]+"#, "a-]\\b", ["-]\\"]),
    ("(?i:'s|'ll)", "'S 'Ll '\u{17F} 's", ["'S", "'Ll", "'\u{17F}", "'s"]),
    (".", "a\n\r", ["a", "\r"]), (#"\w+"#, "a_1-é", ["a_1", "é"]), ("[+-]", "a+-", ["+", "-"]),
  ]

  @Test(arguments: cases)
  func matching(expression: String, text: String, expected: [String]) throws {
    #expect(try matches(text, expression) == expected)
  }

  static let refused: [(String, String)] = [
    ("a*", "matches empty text"), ("(?=a)", "matches empty text"), ("(a+)+", "repetition of a rep"),
    ("(?:a?)*b", "repetition of nothing"), ("^a", "\"^\""), ("a$", "\"$\""), ("(a", "not closed"),
    ("a)", "closes no group"), ("[a", "is not closed"), ("[]", "[]"), ("[[:alpha:]]", "[:"),
    ("\\", "escapes nothing"), (#"\b"#, #""\b""#), (#"(a)\1"#, #""\1""#), (#"\p{Foo}"#, "{Foo}"),
    ("(?<n>a)", "(?"), ("a{3,2}", "{"), ("a{1,9999}", "{"), ("a{1,2}+", "}+"), ("a{1,2}?", "}?"),
    ("*a", "\"*\""),
    ("(?i:[a])", "class inside"), ("(?i:ss)", "(?i:ss)"), ("(?i:é)", "beyond ASCII"),
    ("(?<=ab)c", "look behind"), ("a{2}{3}", "\"{\""), ("{2}", "\"{\""), ("[b-a]", "a range"),
    (String(repeating: "(", count: 100), "nested too deeply"),
    (String(repeating: "[", count: 100), "nested too deeply"), (#"\x{110000}"#, "\\x"),
    ("(?:(?:ab){200}){200}", "too long"),
  ]

  @Test(arguments: refused)
  func refusing(expression: String, expected: String) {
    #expect {
      try RegularExpression(expression)
    } throws: { error in
      guard let error = error as? ExpressionError else { return false }
      let text = "\"\(error.part)\" \(error.problem)"
      if !text.contains(expected) { Issue.record("\(expression): \(text)") }
      return text.contains(expected)
    }
  }

  /// The expressions of published tokenizers.
  static let published = [
    // GPT-4o and gpt-oss
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|"#
      + #"'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
      + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|"#
      + #"\s+(?!\S)|\s+"#,
    // DeepSeek V3
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"##
      + #" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    // CLIP
    #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#,
    // BLOOM
    " ?[^(\\s|[.,!?\u{2026}\u{3002}\u{FF0C}\u{3001}\u{964}\u{6D4}\u{60C}])]+",
    // The ones that are also scanned by hand
    WordPattern.known[0].expression, WordPattern.known[1].expression,
  ]

  /// Against Foundation's regular expressions, on characters whose classes all Unicode versions
  /// agree on.
  @Test(arguments: published)
  func agreesWithFoundation(_ expression: String) throws {
    let own = try RegularExpression(expression)
    try expectFoundationsMatches(
      of: expression, beside: ["(", "|", "/", "ǅ"], texts: 2_000
    ) { matches($0, own) }
  }

  /// Any expression is refused or matches only what is there, in order.
  @Test func randomExpressions() throws {
    let parts = [
      "a", "b", "é", ".", "|", "(", ")", "(?:", "(?=", "(?!", "(?>", "(?<=", "(?i:", "[", "]", "^",
      "-", "*", "+", "?", "{2}", "{1,3}", "{", "}", "\\s", "\\p{L}", "\\", "&&", "漢",
    ]
    var generator = SplitMix64(seed: 17)
    var accepted = 0
    for _ in 0..<4_000 {
      let expression = (0..<Int.random(in: 1...10, using: &generator))
        .map { _ in parts.randomElement(using: &generator) ?? "a" }.joined()
      do {
        let regex = try RegularExpression(expression)
        accepted += 1
        let bytes = Array("aab éb漢 a\nbb".utf8)
        bytes.withUnsafeBufferPointer { buffer in
          var end = 0
          regex.forEachMatch(in: buffer, 0..<buffer.count) { match in
            #expect(match.lowerBound >= end && !match.isEmpty, "\(expression)")
            #expect(match.upperBound <= buffer.count, "\(expression)")
            end = match.upperBound
          }
        }
      } catch is ExpressionError {}
    }
    #expect(accepted > 300)
  }

  @Test func longTexts() throws {
    let text = String(repeating: "ab", count: 50_000)
    #expect(try matches(text, "(?:ab)+") == [text])
    #expect(try matches(String(text.prefix(1_000)), "(?:ab)+c") == [])
    #expect(
      try matches(String(repeating: " ", count: 1_000) + "x", #"\s*[\r\n]+|\s+(?!\S)|x"#).count == 2
    )
  }

  /// General categories are those of the standard library where Unicode 9 and later agree.
  @Test func categories() throws {
    let upper = try #require(UnicodeProperties.set(named: "Lu"))
    let punctuation = try #require(UnicodeProperties.set(named: "P"))
    #expect(upper.contains(0x41) && !upper.contains(0x61) && upper.contains(0xC9))
    #expect(
      punctuation.contains(0x21) && punctuation.contains(0x3002) && !punctuation.contains(0x24))
    #expect(UnicodeProperties.set(named: "word") == nil)
    for name in ["L", "N", "M"] {
      let set = try #require(UnicodeProperties.set(named: name))
      let wanted: UnicodeClasses = name == "L" ? .letter : name == "N" ? .number : .mark
      let scalars = (0..<ScalarSet.limit).filter { UnicodeClassTable.shared[$0].contains(wanted) }
      #expect(set == ScalarSet(scalars.map { $0..<$0 + 1 }), "\(name)")
    }
  }

  @Test func sets() {
    let letters = ScalarSet(0x61...0x7A)
    #expect(letters.inverted.inverted == letters)
    #expect(letters.union(ScalarSet(0x7B)).ranges == [0x61..<0x7C])
    #expect(letters.intersection(ScalarSet(0x70...0x80)).ranges == [0x70..<0x7B])
    #expect(ScalarSet().inverted.ranges == [0..<ScalarSet.limit])
    #expect(letters.intersection(letters.inverted) == ScalarSet())
  }
}
