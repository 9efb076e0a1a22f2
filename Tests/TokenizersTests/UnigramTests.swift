import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

@Suite struct UnigramTests {
  private func tokenizer(
    _ vocab: String, unknown: Int = 0, byteFallback: Bool = false
  ) throws -> Tokenizer {
    var builder = TokenizerBuilder()
    builder.model =
      #"{"type":"Unigram","unk_id":\#(unknown),"vocab":[\#(vocab)],"byte_fallback":\#(byteFallback)}"#
    return try builder.build()
  }

  /// The example of the reference implementation's documentation.
  @Test func likeliestPath() throws {
    let tokenizer = try tokenizer(
      #"["<unk>",0.0],["a",0.0],["b",0.0],["c",0.0],["d",0.0],["cd",1.0],["ab",2.0],["abc",5.0],"#
        + #"["abcd",10.0]"#)
    #expect(tokenizer.encode("abcdacdxx") == [8, 1, 5, 0])
    #expect(tokenizer.encode("") == [])
  }

  /// Runs of unknown pieces are looked up as a whole, the unknown token's own text among them.
  @Test func unknownRuns() throws {
    let tokenizer = try tokenizer(#"["<unk>",0.0],["a",-1.0],["b",-2.0],["xx",-100.0]"#)
    #expect(tokenizer.encode("axxb") == [1, 3, 2])
    #expect(tokenizer.encode("<unk>xa") == [0, 1])
    #expect(tokenizer.encode("x<unk>") == [0])
    #expect(tokenizer.encode("a<unk>b") == [1, 0, 2])
    #expect(tokenizer.encode("xxx") == [0, 3])
    #expect(tokenizer.encode("漢字a漢") == [0, 1, 0])
  }

  @Test func bytesAsLastResort() throws {
    let bytes = (0..<256).map { String(format: #"["<0x%02X>",-5.0]"#, $0) }
    let all = try tokenizer(
      (["[\"<unk>\",0.0]", "[\"a\",-1.0]"] + bytes).joined(separator: ","), byteFallback: true)
    #expect(all.encode("aéa") == [1, 197, 171, 1])
    #expect(all.encode("é漢") == [197, 171, 232, 190, 164])
    #expect(all.encode("<unk>") == [0])
    // A byte without token: the whole run is unknown.
    let some = try tokenizer(
      (["[\"<unk>\",0.0]", "[\"a\",-1.0]"] + bytes.dropLast(60)).joined(separator: ","),
      byteFallback: true)
    #expect(some.encode("aé漢a") == [1, 0, 1])
  }

  /// Of equal tokens the last one counts; the empty one is never used.
  @Test func oddVocabularies() throws {
    let twice = try tokenizer(#"["<unk>",0.0],["a",-1.0],["a",-3.0]"#)
    #expect(twice.encode("aa") == [2, 2] && twice.vocabularySize == 3)
    #expect(twice.token(of: 1) == "a" && twice.token(of: 2) == "a")
    #expect(try tokenizer(#"["<unk>",0.0],["",-1.0],["a",-1.0]"#).encode("aba") == [2, 0, 2])
    // No score of the unknown token is better than the penalty makes it.
    #expect(try tokenizer(#"["<unk>",50.0],["ab",-100.0],["b",-1.0]"#).encode("ab") == [1])
  }

  /// The best of all ways to cut, by trying every one.
  @Test func agreesWithExhaustiveSearch() throws {
    var generator = SplitMix64(seed: 23)
    let letters = ["a", "b", "é", "漢"]
    for _ in 0..<200 {
      var pieces = Set(letters)
      while pieces.count < 14 {
        pieces.insert(
          (0..<Int.random(in: 2...4, using: &generator))
            .map { _ in letters.randomElement(using: &generator) ?? "a" }.joined())
      }
      let scored = pieces.sorted().map { ($0, -Double.random(in: 0...9, using: &generator)) }
      let vocab = scored.map { #"["\#($0.0)",\#($0.1)]"# }.joined(separator: ",")
      let tokenizer = try tokenizer(#"["<unk>",0.0],"# + vocab)
      let text = (0..<9).map { _ in letters.randomElement(using: &generator) ?? "a" }
      let found = tokenizer.encode(text.joined()).map { scored[$0 - 1] }
      #expect(found.map(\.0).joined() == text.joined())
      let table = Dictionary(uniqueKeysWithValues: scored)
      var best = [0.0] + [Double](repeating: -.infinity, count: text.count)
      for end in 1...text.count {
        for start in 0..<end {
          guard let score = table[text[start..<end].joined()] else { continue }
          best[end] = max(best[end], best[start] + score)
        }
      }
      #expect(abs(found.reduce(0) { $0 + $1.1 } - best[text.count]) < 1e-9)
    }
  }

  /// What PyPI `tokenizers` 0.23.3 writes for a score that it has read.
  static let scoreCases: [(String, Double)] = [
    ("-15.275492379532281", -15.27549237953228), ("-9.908701741838819", -9.90870174183882),
    ("-1.8771917354846979", -1.877191735484698), ("-14.429688151665367", -14.429688151665369),
    ("-3.4839446544647217", -3.4839446544647217), ("1e-5", 1e-05), ("2.5E2", 250), ("7", 7),
    ("123456789012345678901234567890", 1.2345678901234568e+29), ("1e-400", 0), ("0e9", 0),
    ("0.1234567890123456789012345", 0.12345678901234568),
    ("1.7976931348623157e308", 1.7976931348623157e308), ("-11.000000000000000001", -11),
    ("12345678901234567890.5", 1.2345678901234567e+19),
  ]

  @Test(arguments: scoreCases)
  func scores(text: String, expected: Double) throws {
    #expect(try JSONDocument(Array(text.utf8), name: "test.json").root.double() == expected)
  }

  @Test func rules() throws {
    // One rule, made by hand: "a" to "bc".
    func unit(_ offset: UInt32, label: UInt32 = 0, isLeaf: Bool = false) -> UInt32 {
      offset << 10 | label | (isLeaf ? 1 << 8 : 0)
    }
    var units = [UInt32](repeating: 0, count: 256)
    units[0] = unit(128)
    units[128 ^ 0x61] = unit(1, label: 0x61, isLeaf: true)
    units[128 ^ 0x61 ^ 1] = 1 << 31 | 1
    let numbers = [UInt32(units.count * 4)] + units
    let data = numbers.flatMap { number in (0..<4).map { UInt8(number >> ($0 * 8) & 0xFF) } }
    let map = try #require(PrecompiledMap(data + Array("\0bc\0".utf8)))
    func apply(_ text: String) -> String {
      String(decoding: map.apply(to: Array(text.utf8)), as: UTF8.self)
    }
    #expect(apply("a") == "bc" && apply("") == "" && apply("xaxa") == "xbcxbc")
    // The shortest rule replaces a cluster of less than six bytes.
    #expect(apply("a\u{301}\u{302}x") == "bcx")
    #expect(Array(apply("a\u{301}\u{302}\u{303}").unicodeScalars).count == 5)
    #expect(apply("\0a\r\na") == "\0bc\r\nbc")
    #expect(PrecompiledMap(Array(data.prefix(100))) == nil)
    #expect(PrecompiledMap([]) == nil && PrecompiledMap([0, 0, 0, 0]) == nil)
    #expect(PrecompiledMap(data + [0xFF]) == nil)
  }
}
