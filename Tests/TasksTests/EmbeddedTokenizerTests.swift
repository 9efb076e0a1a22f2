import Foundation
import JSON
import Testing

@testable import Tasks

@Suite("Embedded task: tokenizer")
struct EmbeddedTokenizerTests {
  let task = EmbeddedTask()

  /// What `tokenizer.json` says, done with Foundation's regular expressions.
  private struct Reading {
    let vocabulary: [String: Int]
    let pattern: NSRegularExpression

    init() throws {
      let json = try JSONValue(parsing: EmbeddedTask.tokenizerJSON)
      vocabulary = try #require(json["model"]?["vocab"]?.object?.dictionary).compactMapValues(\.int)
      let regex = try #require(json["pre_tokenizer"]?["pattern"]?["Regex"]?.string)
      pattern = try NSRegularExpression(pattern: regex)
    }

    func pieces(_ text: String) -> [String] {
      let text = " " + text
      return pattern.matches(in: text, range: NSRange(text.startIndex..., in: text))
        .compactMap { Range($0.range, in: text).map { String(text[$0]) } }
    }
  }

  @Test("Every text of the task is made of the vocabulary's words and restored by joining them")
  func coversEveryText() throws {
    let reading = try Reading()
    var used: Set<String> = []
    let heldOut = task.problems(count: 500, split: .heldOut, seed: 1).map(\.prompt)
    let solved = task.solvedProblems(count: 2_000, seed: 1)
    for text in heldOut + solved.map(\.problem.prompt) + solved.map(\.solution) {
      let pieces = reading.pieces(text)
      #expect(pieces.joined() == " " + text)
      #expect(pieces.allSatisfy { reading.vocabulary[$0] != nil }, "\(text)")
      used.formUnion(pieces)
    }
    // No word of the vocabulary is idle, apart from the four special tokens.
    #expect(used.count == EmbeddedTask.vocabulary.count - 4)
  }

  @Test("Ids are the places in the vocabulary, without gaps or twins")
  func ids() throws {
    let vocabulary = EmbeddedTask.vocabulary
    #expect(Set(vocabulary).count == vocabulary.count)
    let reading = try Reading()
    #expect(vocabulary.enumerated().allSatisfy { reading.vocabulary[$1] == $0 })
    #expect(reading.vocabulary.count == vocabulary.count)
  }

  @Test("The special tokens have the same ids and roles in both files")
  func specialTokens() throws {
    let tokenizer = try JSONValue(parsing: EmbeddedTask.tokenizerJSON)
    let configuration = try JSONValue(parsing: EmbeddedTask.tokenizerConfigJSON)
    let added = try #require(tokenizer["added_tokens"]?.array)
    #expect(added.map { $0["content"]?.string } == Array(EmbeddedTask.vocabulary.prefix(4)))
    #expect(added.map { $0["id"]?.int } == [0, 1, 2, 3])
    #expect(added.allSatisfy { $0["special"]?.bool == true })
    #expect(configuration["pad_token"] == "<pad>")
    #expect(configuration["bos_token"] == "<bos>")
    #expect(configuration["eos_token"] == "<eos>")
    let template = tokenizer["post_processor"]?["special_tokens"]?["<bos>"]
    #expect(template?["ids"]?.array == [1])
  }
}
