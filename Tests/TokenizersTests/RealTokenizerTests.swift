import Foundation
import Testing

@testable import Tokenizers

/// Published tokenizers against ids that other implementations made (llama.cpp, transformers).
@Suite(
  .enabled(
    if: RealData.folder != nil,
    "real tokenizers are absent: set LACONIC_DATA or provide ../shared/data"))
struct RealTokenizerTests {
  @Test(arguments: [
    ("gpt2", "gpt-2", false), ("qwen2", "qwen2", false), ("llama2_tinyllama", "llama-spm", false),
  ])
  func llamaCppVectors(folder: String, name: String, special: Bool) throws {
    let tokenizer = try Tokenizer(folder: RealData.url("tokenizers/\(folder)"))
    func read(_ suffix: String) throws -> String {
      let path = "tokenizer_vectors/llama.cpp/ggml-vocab-\(name).gguf.\(suffix)"
      return String(decoding: try Data(contentsOf: RealData.url(path)), as: UTF8.self)
    }
    let inputs = try read("inp").components(separatedBy: "\n__ggml_vocab_test__\n")
    let outputs = try read("out").split(separator: "\n", omittingEmptySubsequences: false)
    try #require(inputs.count == 47 && outputs.count >= inputs.count)
    for (input, output) in zip(inputs, outputs) {
      let expected = output.split(separator: " ").compactMap { Int($0) }
      #expect(
        tokenizer.encode(input, addSpecialTokens: special) == expected,
        "\(name): \(input.debugDescription)")
    }
  }

  private struct Multilingual: Decodable {
    struct Entry: Decodable {
      var id: String
      var input_ids: [Int]
      var tokens: [String]
      var decoded_with_special: String
      var decoded_skip_special: String
    }
    var entries: [Entry]
  }

  private struct Input: Decodable {
    var id: String
    var text: String
  }

  @Test(arguments: [
    ("gpt2", "gpt2"), ("qwen2", "qwen2_5"), ("llama2_tinyllama", "tinyllama"),
  ])
  func multilingualVectors(folder: String, name: String) throws {
    let tokenizer = try Tokenizer(folder: RealData.url("tokenizers/\(folder)"))
    let vectors = "tokenizer_vectors/swift-transformers"
    let inputs = try JSONDecoder().decode(
      [Input].self, from: Data(contentsOf: RealData.url("\(vectors)/inputs.json")))
    let expected = try JSONDecoder().decode(
      Multilingual.self,
      from: Data(contentsOf: RealData.url("\(vectors)/\(name)_multilingual.json")))
    let texts = Dictionary(uniqueKeysWithValues: inputs.map { ($0.id, $0.text) })
    try #require(expected.entries.count == 83)
    for entry in expected.entries {
      let text = try #require(texts[entry.id])
      let ids = tokenizer.encode(text)
      #expect(ids == entry.input_ids, "\(name): \(entry.id)")
      #expect(ids.compactMap(tokenizer.token) == entry.tokens, "\(name): \(entry.id)")
      for skips in [false, true] {
        let decoded = tokenizer.decode(entry.input_ids, skipSpecialTokens: skips)
        let expected = skips ? entry.decoded_skip_special : entry.decoded_with_special
        #expect(decoded.utf8.elementsEqual(expected.utf8), "\(name): \(entry.id)")
      }
    }
  }

  private struct Encoded: Decodable {
    var text: String
    var decoded_text: String?
    var token_ids: [Int]
  }

  @Test func gpt2Paragraph() throws {
    let tokenizer = try Tokenizer(folder: RealData.url("tokenizers/gpt2"))
    let file = try RealData.url("tokenizer_vectors/swift-transformers/gpt2_encoded_tokens.json")
    let expected = try JSONDecoder().decode(Encoded.self, from: Data(contentsOf: file))
    #expect(tokenizer.encode(expected.text) == expected.token_ids)
    #expect(tokenizer.decode(expected.token_ids) == expected.decoded_text)
  }

  private struct Greedy: Decodable {
    var ids: [Int]
    var text: String
  }

  @Test func storyOfATrainedModel() throws {
    let tokenizer = try Tokenizer(folder: RealData.url("models/stories260K/hf_derived"))
    let file = try RealData.url("models/stories260K/reference_greedy.json")
    let story = try JSONDecoder().decode(Greedy.self, from: Data(contentsOf: file))
    #expect(tokenizer.decode(story.ids) == story.text)
    #expect([1] + tokenizer.encode(story.text) == story.ids)
  }

  @Test func specialTokensOfFolders() throws {
    let llama = try Tokenizer(folder: RealData.url("tokenizers/llama2_tinyllama"))
    #expect(llama.bosTokenID == 1 && llama.eosTokenID == 2 && llama.padTokenID == nil)
    #expect(llama.vocabularySize == 32_000)
    let smol = try Tokenizer(folder: RealData.url("tokenizers/smollm2"))
    #expect(smol.bosTokenID == 1 && smol.eosTokenID == 2 && smol.padTokenID == 2)
    #expect(smol.isSpecial(2) && !smol.isSpecial(100))
    let stories = try Tokenizer(folder: RealData.url("models/stories260K/hf_derived"))
    #expect(stories.vocabularySize == 512 && stories.bosTokenID == nil)
    #expect(stories.decode(stories.encode("Once upon a time, Lily")) == "Once upon a time, Lily")
  }

  @Test(arguments: ["gpt2", "qwen2", "smollm2", "llama2_tinyllama"])
  func questionsRoundTrip(folder: String) throws {
    struct Row: Decodable {
      var question: String
      var answer: String
    }
    let tokenizer = try Tokenizer(folder: RealData.url("tokenizers/\(folder)"))
    let lines = try Data(contentsOf: RealData.url("gsm8k/test.jsonl"))
      .split(separator: UInt8(ascii: "\n"))
    try #require(lines.count == 1_319)
    for line in lines {
      let row = try JSONDecoder().decode(Row.self, from: Data(line))
      let text = row.question + row.answer
      #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
    }
  }
}
