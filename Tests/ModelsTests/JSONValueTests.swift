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

  /// Random damage to a real configuration: every outcome is a value that Foundation's parser accepts
  /// too, or an error; never a trap.
  @Test func damagedConfigurations() throws {
    var generator = SplitMix(state: 17)
    let original = Array(
      try Data(contentsOf: Fixture.llama3.folder.appending(path: "config.json")))
    var accepted = 0
    for _ in 0..<4000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      accepted += 1
      #expect(throws: Never.self) {
        _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      }
      #expect(try JSONValue(parsing: Array(value.prettyPrinted.utf8)) == value)
      do {
        _ = try ModelConfiguration(json: Data(bytes), name: "damaged")
      } catch is ModelError {}
    }
    #expect(accepted > 400)
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
