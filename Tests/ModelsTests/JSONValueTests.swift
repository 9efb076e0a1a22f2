import Foundation
import Testing

@testable import Models

@Suite("JSON of configurations")
struct JSONValueTests {
  private func parsed(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  @Test func keepsOrderAndSpelling() throws {
    let text = """
      {
        "z": 1e-05,
        "a": 10000.0,
        "list": [
          1,
          -2.50,
          "ü\\n\\"\\u0001",
          null,
          true
        ],
        "empty": {},
        "none": []
      }

      """
    #expect(try parsed(text).prettyPrinted == text)
  }

  @Test func escapes() throws {
    #expect(try parsed(#""\u00e9\ud83d\ude00\/\b""#) == .string("é😀/\u{8}"))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "{\"a\": 1,}", "01", "1.", ".5", "+1", "nul", "\"a", "\"\\x\"",
    "\"\\ud800\"", "1 2", "{\"a\": 1, \"a\": 2}", "\"\t\"", "NaN", "-", "1e", "[1 2]",
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONValue.ParsingError.self) { try parsed(text) }
  }

  @Test func namesTheLine() {
    let error = #expect(throws: JSONValue.ParsingError.self) {
      try parsed("{\n  \"a\": 1,\n  \"b\": ?\n}")
    }
    #expect(error?.line == 3)
    #expect(error?.problem == "expected a value, found '?'")
  }

  @Test func depthIsLimited() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONValue.ParsingError.self) { try parsed(text) }
  }
}

/// SplitMix64 (Steele et al. 2014): the same damage in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
