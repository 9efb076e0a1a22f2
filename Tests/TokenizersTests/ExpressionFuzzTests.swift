import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

/// Bounded and seeded: any text is an expression or an `ExpressionError`, and any expression finds matches
/// that are there, in steps that are counted.
@Suite struct ExpressionFuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1
  private static let pieces = [
    "a", "b", "\u{E9}", "\u{1F600}", ".", "\\s", "\\S", "\\d", "\\w", "\\p{L}", "\\P{N}",
    "\\p{Han}", "\\r",
    "\\n", "\\x41", "\\u00e9", "\\", "*", "+", "?", "*?", "++", "{1,3}", "{2}", "{,4}", "{1000}",
    "(", ")",
    "(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "|", "[", "]", "[^", "-", "&&", "[a-z]",
    "^", "$",
    "\\b", " ", "'s", "0",
  ]
  private static let texts = [
    "", "It's 12 o'clock.\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    "\u{E9}\u{6F22}\u{5B57}\u{1F600}\u{301} x",
    "  \t\r\n\n a0b1", "\u{10FFFF}\0",
  ]

  // Fewer than the library allows, to be done sooner.
  private static let steps = 20_000

  /// The matches, in order.
  private func matches(_ expression: RegularExpression, _ text: String) -> [Range<Int>] {
    var found: [Range<Int>] = []
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      expression.forEachMatch(in: bytes, 0..<bytes.count) { found.append($0) }
    }
    return found
  }

  @Test func anyPatternMatchesOrIsRefused() {
    var generator = SplitMix64(seed: 17)
    var (used, refused) = (0, 0)
    for _ in 0..<3_000 * Self.rounds {
      let pattern = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        Self.pieces.randomElement(using: &generator) ?? ""
      }.joined()
      let expression: RegularExpression
      do {
        expression = try RegularExpression(pattern, steps: Self.steps)
      } catch {
        #expect(error is ExpressionError, "\(pattern)")
        refused += 1
        continue
      }
      used += 1
      for text in Self.texts {
        let bytes = Array(text.utf8)
        var end = 0
        for match in matches(expression, text) {
          // In order, not empty, and of whole scalars.
          #expect(match.lowerBound >= end && !match.isEmpty && match.upperBound <= bytes.count)
          #expect(String(validating: bytes[match], as: UTF8.self) != nil, "\(pattern)")
          end = match.upperBound
        }
      }
    }
    #expect(used > 300 && refused > 300)
  }

  /// Expressions whose ways are too many to be gone through.
  @Test(arguments: ["(?:a{1,50}){1,50}b", "(?:a|aa){1,60}c", "a*a*a*a*a*a*b", "(?:a|a){40}c"])
  func countlessWaysAreGivenUp(pattern: String) throws {
    let expression = try RegularExpression(pattern, steps: Self.steps)
    #expect(matches(expression, String(repeating: "a", count: 400)).isEmpty)
    #expect(matches(expression, "aab") == (pattern.hasSuffix("b") ? [0..<3] : []))
  }

  /// Nothing is as deep as the stack, or as long as memory.
  @Test(arguments: [
    String(repeating: "(", count: 100_000), String(repeating: "[", count: 100_000),
    String(repeating: "(?:a|", count: 50_000), String(repeating: "(?=", count: 100_000),
    "a{2147483647}", "(?:(?:(?:ab){1000}){1000}){1000}", "(?:abc){999999999}",
  ])
  func whatIsTooLargeIsRefused(pattern: String) {
    #expect(throws: ExpressionError.self) { try RegularExpression(pattern, steps: Self.steps) }
  }
}
