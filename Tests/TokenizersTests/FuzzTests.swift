import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

/// Bounded and seeded: any bytes load or raise `TokenizerError`, and what loads also encodes.
@Suite struct FuzzTests {
  /// How many times over, `make fuzz`.
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1
  private static let texts = ["", "It's 12 o'clock.\n", "é 漢字 😀\u{301}", "<s> <0x41> ▁a [UNK]"]

  /// Loads and uses; anything but a `TokenizerError` fails the test.
  private func use(_ data: Data) throws -> Bool {
    do {
      let tokenizer = try Tokenizer(json: data, name: "fuzz.json")
      for text in Self.texts {
        let ids = tokenizer.encode(text)
        #expect(ids.allSatisfy { $0 >= 0 })
        _ = tokenizer.decode(ids, skipSpecialTokens: false)
        _ = tokenizer.tokenStarts(of: ids + [-1, .max], skipSpecialTokens: true)
      }
      return true
    } catch let error as TokenizerError {
      #expect(!error.description.isEmpty)
      return false
    }
  }

  @Test(arguments: Fixture.families)
  func mutatedFiles(_ name: String) throws {
    let original = try Array(Fixture.tokenizerJSON(name))
    let noise = Array(#"{}[]",:0123456789-truefalsnl\u "#.utf8)
    var generator = SplitMix64(seed: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    var loaded = 0
    let rounds = 150 * Self.rounds
    for _ in 0..<rounds {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] = noise.randomElement(using: &generator) ?? 0
        case 2:
          let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
          bytes.removeSubrange(place..<end)
        case 3:
          let end = min(bytes.count, place + Int.random(in: 1...60, using: &generator))
          bytes.insert(contentsOf: bytes[place..<end], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = noise }
      }
      loaded += try use(Data(bytes)) ? 1 : 0
    }
    // Some mutations only change a token; most break the file.
    #expect(loaded < rounds)
    #expect(try use(Data(original)))
  }

  /// Values in place of others, so that the JSON stays well-formed.
  @Test(arguments: Fixture.families)
  func mutatedValues(_ name: String) throws {
    let text = String(decoding: try Fixture.tokenizerJSON(name), as: UTF8.self)
    var generator = SplitMix64(seed: 5)
    let keys = [
      "\"type\"", "\"vocab\"", "\"merges\"", "\"pattern\"", "\"String\"", "\"Regex\"", "\"id\"",
      "\"ids\"", "\"content\"", "\"decoders\"", "\"pretokenizers\"", "\"start\"", "\"special\"",
      "\"replacement\"", "\"prepend_scheme\"", "\"single\"", "\"unk_token\"", "\"byte_fallback\"",
      "\"add_prefix_space\"", "\"use_regex\"", "\"unk_id\"", "\"precompiled_charsmap\"",
      "\"normalized\"", "\"model\"", "\"added_tokens\"",
    ]
    let values = [
      "null", "true", "-1", "4294967296", "1e999", "\"\"", "\"a\"", "[]", "{}", "[[],{}]",
      "\"BPE\"", "\"WordPiece\"", "\"ByteLevel\"", "{\"a\":16777216}", "[\"a a\"]", "\"\\u0000\"",
    ]
    for _ in 0..<120 * Self.rounds {
      let key = keys.randomElement(using: &generator) ?? keys[0]
      let value = values.randomElement(using: &generator) ?? values[0]
      // The key's value moves to a key that nothing reads.
      let changed = text.replacingOccurrences(of: "\(key):", with: "\(key):\(value),\"was\":")
      _ = try use(Data(changed.utf8))
    }
  }

  /// Normalization rules (`precompiled_charsmap`) of any numbers do no harm.
  @Test func randomRules() {
    var generator = SplitMix64(seed: 29)
    for _ in 0..<2_000 * Self.rounds {
      let count = Int.random(in: 1...60, using: &generator)
      var data = [UInt8(count * 4), 0, 0, 0]
      for _ in 0..<count * 4 {
        data.append(Bool.random(using: &generator) ? 0 : .random(in: 0...255, using: &generator))
      }
      data += Array("ab\0é\0".utf8)
      guard let map = PrecompiledMap(data) else { continue }
      let text = map.apply(to: Array(generator.text(maximumLength: 30).utf8))
      #expect(String(validating: text, as: UTF8.self) != nil)
    }
  }

  @Test func randomBytes() throws {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<2_000 * Self.rounds {
      let count = Int.random(in: 0...64, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try !use(Data(bytes)))
    }
  }

  /// Byte-level tokenizers without normalizer give every text back.
  @Test(arguments: ["gpt2", "llama3"])
  func roundTrips(_ name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    var generator = SplitMix64(seed: 13)
    for _ in 0..<2_000 * Self.rounds {
      let text = generator.text(maximumLength: 40)
      let ids = tokenizer.encode(text, addSpecialTokens: false)
      let decoded = tokenizer.decode(ids, skipSpecialTokens: false)
      #expect(decoded.utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test func longTexts() throws {
    let tokenizer = try Fixture.tokenizer("gpt2")
    let llama = try Fixture.tokenizer("llama2")
    for text in [
      String(repeating: "a", count: 20_000), String(repeating: " ", count: 20_000),
      String(repeating: "Natalia sold 48 clips. ", count: 2_000),
      String(repeating: "😀", count: 4_000), String(repeating: "\n", count: 10_000),
    ] {
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
      #expect(llama.decode(llama.encode(text)) == text)
    }
  }

  /// Many threads use one tokenizer.
  @Test func concurrentUse() async throws {
    let tokenizer = try Fixture.tokenizer("qwen")
    let texts = try Fixture.texts()
    let expected = texts.map { tokenizer.encode($0) }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<50 where texts.map({ tokenizer.encode($0) }) != expected { return false }
          return true
        }
      }
      for await agrees in group { #expect(agrees) }
    }
  }
}
