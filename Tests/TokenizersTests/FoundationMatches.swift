import Foundation
import Testing
import struct Tasks.SplitMix64

/// That the matches of an expression in random texts are those of Foundation's regular expressions, on
/// characters whose classes all Unicode versions agree on.
func expectFoundationsMatches(
  of expression: String, beside more: [Unicode.Scalar] = [], texts count: Int,
  _ matches: (String) throws -> [String]
) throws {
  let regex = try NSRegularExpression(pattern: expression)
  let alphabet: [Unicode.Scalar] =
    [
      "a", "S", "t", "l", "é", "漢", "1", "²", " ", " ", "\n", "\r", "\t", "\u{A0}", "\u{3000}",
      "'", "!", "_", "\u{301}", "😀",
    ] + more
  var generator = SplitMix64(seed: 1)
  for _ in 0..<count {
    var view = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...14, using: &generator) {
      view.append(alphabet.randomElement(using: &generator) ?? "a")
    }
    let text = String(view)
    let whole = NSRange(location: 0, length: text.utf16.count)
    let expected = regex.matches(in: text, range: whole).map {
      (text as NSString).substring(with: $0.range)
    }
    #expect(
      try matches(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) },
      "\(text.debugDescription)")
  }
}
