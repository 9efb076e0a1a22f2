import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

@Suite struct DecodingTests {
  private func decode(_ tokens: [String], _ decoder: String) throws -> String {
    let json = try JSONDocument(Array(decoder.utf8), name: "test.json").root
    var pipeline = DecoderPipeline(try DecoderStep.steps(json))
    var text: [DecodedScalar] = []
    for (index, token) in tokens.enumerated() {
      var scalars: [DecodedScalar] = []
      scalars.append(utf8: Array(token.utf8)[...], source: Int32(index))
      text += pipeline.push(scalars + [.end(of: Int32(index))])
    }
    return (text + pipeline.finish()).string
  }

  static let stepCases: [(String, [String], String)] = [
    (#"{"type":"ByteLevel"}"#, ["ĠÃ", "©", "Ġa b", "ðŁĺ"], " é\u{120}a b\u{FFFD}"),
    (#"{"type":"ByteFallback"}"#, ["a", "<0xC3>", "<0xA9>", "b"], "aéb"),
    (#"{"type":"ByteFallback"}"#, ["<0xC3>", "<0xA9>", "<0xFF>"], "\u{FFFD}\u{FFFD}\u{FFFD}"),
    (#"{"type":"ByteFallback"}"#, ["<0xZZ>", "<0x41>", "<0x4>"], "<0xZZ>A<0x4>"),
    (
      ###"{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"WordPiece","prefix":"##"}]}"###,
      ["<0xC3>", "<0xA9>", "a", "<0xC3>", "<0x41>"], "é a \u{FFFD} \u{FFFD}"
    ),
    (#"{"type":"Fuse"}"#, ["a", " b"], "a b"),
    (#"{"type":"Strip","content":" ","start":1,"stop":0}"#, ["  a", " b "], " ab "),
    (#"{"type":"Strip","content":"_","start":0,"stop":2}"#, ["a___", "_b"], "a__b"),
    (#"{"type":"Replace","pattern":{"String":"▁"},"content":" "}"#, ["▁a", "b▁▁"], " ab  "),
    (#"{"type":"Replace","pattern":{"String":"ab"},"content":"x"}"#, ["aab", "a", "b"], "axab"),
    (
      #"{"type":"Sequence","decoders":[{"type":"Fuse"},"#
        + #"{"type":"Replace","pattern":{"String":"ab"},"content":"x"}]}"#, ["aa", "b", "a"], "axa"
    ),
    (
      #"{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},"#
        + #"{"type":"ByteFallback"},{"type":"Fuse"},"#
        + #"{"type":"Strip","content":" ","start":1,"stop":0}]}"#,
      ["▁Hi", "▁", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>", "▁!"], "Hi 😀 !"
    ),
    (
      ###"{"type":"WordPiece","prefix":"##","cleanup":true}"###,
      ["do", "not", "stop", "##ping", ".", "n't"], "do not stopping.n't"
    ),
    (###"{"type":"WordPiece","prefix":"##","cleanup":false}"###, ["##a", "##b", "."], "##ab ."),
    (
      #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}"#, ["▁▁a", "▁b"], "a b"
    ),
    (#"{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}"#, ["▁a", "▁b"], " a b"),
  ]

  @Test(arguments: stepCases)
  func steps(decoder: String, tokens: [String], expected: String) throws {
    #expect(try decode(tokens, decoder).utf8.elementsEqual(expected.utf8))
  }

  /// Random ids through every family: piecewise text joins to the whole, never ends inside a
  /// scalar, and the starts are where the tokens begin.
  @Test(arguments: Fixture.families)
  func streaming(_ name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    var generator = SplitMix64(seed: 3)
    for round in 0..<300 {
      let skips = round.isMultiple(of: 2)
      let ids = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
        Int.random(in: 0..<tokenizer.vocabularySize, using: &generator)
      }
      let whole = tokenizer.decode(ids, skipSpecialTokens: skips)
      var stream = tokenizer.streamDecoder(skipSpecialTokens: skips)
      var joined = ""
      for id in ids { joined += stream.append(id) }
      joined += stream.finish()
      #expect(joined.utf8.elementsEqual(whole.utf8), "\(name): \(ids)")

      let (text, starts) = tokenizer.tokenStarts(of: ids, skipSpecialTokens: skips)
      #expect(text.utf8.elementsEqual(whole.utf8), "\(name): \(ids)")
      #expect(starts.count == ids.count && starts == starts.sorted(), "\(name): \(ids)")
      #expect(starts.allSatisfy { (0...text.unicodeScalars.count).contains($0) })
    }
  }

  @Test func charactersAreNotSplit() throws {
    let tokenizer = try Fixture.tokenizer("gpt2")
    let ids = tokenizer.encode("😀é")
    try #require(ids.count > 2)
    var stream = tokenizer.streamDecoder()
    let parts = ids.map { stream.append($0) }
    #expect(parts.filter { !$0.isEmpty }.map { Array($0.unicodeScalars) } == [["😀"], ["é"]])
    #expect(stream.finish().isEmpty)
    var broken = tokenizer.streamDecoder()
    #expect(broken.append(ids[0]).isEmpty)
    #expect(broken.finish() == "\u{FFFD}")
  }

  @Test func starts() throws {
    let tokenizer = try Fixture.tokenizer("gpt2")
    let end = try #require(tokenizer.id(of: "<|end|>"))
    let smile = tokenizer.encode("😀")
    try #require(smile.count == 4)
    let a = try #require(tokenizer.id(of: "a"))
    let ids = [a, end] + smile + [a, end]
    let skipped = tokenizer.tokenStarts(of: ids, skipSpecialTokens: true)
    #expect(skipped.text == "a😀a")
    #expect(skipped.starts == [0, 1, 1, 1, 1, 1, 2, 3])
    let kept = tokenizer.tokenStarts(of: ids, skipSpecialTokens: false)
    #expect(kept.text == "a<|end|>😀a<|end|>")
    #expect(kept.starts == [0, 1, 8, 8, 8, 8, 9, 10])
    // A character that is never finished stands before the one that breaks it off.
    let broken = tokenizer.tokenStarts(of: [smile[0], a], skipSpecialTokens: true)
    #expect(broken.text == "\u{FFFD}a" && broken.starts == [0, 1])
  }

  @Test func startsWithStrippedSpace() throws {
    let tokenizer = try Fixture.tokenizer("llama2")
    let ids = tokenizer.encode("a 😀", addSpecialTokens: false)
    let (text, starts) = tokenizer.tokenStarts(of: ids, skipSpecialTokens: true)
    #expect(text == "a 😀")
    #expect(starts.first == 0 && starts.last == 2)
  }
}
