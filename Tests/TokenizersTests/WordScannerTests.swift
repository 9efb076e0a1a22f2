import Foundation
import Testing

@testable import Tokenizers

@Suite struct WordScannerTests {
  private func words(_ text: String, _ pattern: WordPattern) -> [String] {
    var pieces = Pieces(bytes: Array(text.utf8))
    PreTokenizer.words(pattern).apply(to: &pieces)
    return pieces.ranges.map { String(decoding: pieces.bytes[$0], as: UTF8.self) }
  }

  static let gpt2Cases: [(String, [String])] = [
    ("Hello world", ["Hello", " world"]),
    ("it's I'LL", ["it", "'s", " I", "'", "LL"]),
    ("a  b   ", ["a", " ", " b", "   "]),
    ("x\n\n y", ["x", "\n\n", " y"]),
    (" \t1234,5!?", [" ", "\t", "1234", ",", "5", "!?"]),
    ("\u{A0}é 漢字", ["\u{A0}", "é", " 漢字"]),
    ("'", ["'"]), ("a'", ["a", "'"]), ("'re're", ["'re", "'re"]), (" ", [" "]), ("", []),
  ]

  @Test(arguments: gpt2Cases)
  func gpt2(text: String, expected: [String]) {
    #expect(words(text, .gpt2) == expected)
  }

  static let llama3Cases: [(String, [String])] = [
    ("it's I'LL", ["it", "'s", " I", "'LL"]),
    ("12345 67", ["123", "45", " ", "67"]),
    ("\tx _y", ["\tx", " _", "y"]),
    ("a!\r\n\nb", ["a", "!\r\n\n", "b"]),
    ("a \n  \n  b", ["a", " \n  \n", " ", " b"]),
    ("'ſx", ["'ſ", "x"]), ("'şx", ["'şx"]), ("  !", [" ", " !"]),
  ]

  @Test(arguments: llama3Cases)
  func llama3(text: String, expected: [String]) {
    #expect(words(text, .cl100k(digits: 3, marks: false)) == expected)
  }

  @Test func qwen() {
    #expect(words("a12 b", .cl100k(digits: 1, marks: false)) == ["a", "1", "2", " b"])
    // A combining mark is a symbol to the older expression and part of the word to the newer one.
    let syllables = "\u{915}\u{94D}\u{937} x"
    #expect(
      words(syllables, .cl100k(digits: 1, marks: false)).map(\.unicodeScalars.count) == [1, 2, 2])
    #expect(
      words(syllables, .cl100k(digits: 1, marks: true)).map(\.unicodeScalars.count) == [3, 2])
  }

  /// The scanners against Foundation's regular expressions, on characters whose classes all Unicode
  /// versions agree on.
  @Test(arguments: WordPattern.known.map(\.expression))
  func agreesWithTheExpression(_ expression: String) throws {
    let pattern = try #require(WordPattern(expression: expression))
    try expectFoundationsMatches(of: expression, texts: 3_000) { words($0, pattern) }
  }

  @Test func unknownExpressionsAreNotGuessed() {
    #expect(WordPattern(expression: #"\s+"#) == nil)
    #expect(WordPattern(expression: WordPattern.known[0].expression + " ") == nil)
  }
}
