import Foundation

@testable import Tokenizers

/// Writes small `tokenizer.json` texts; parts are JSON as it stands in the file.
struct TokenizerBuilder {
  var model = #"{"type":"WordLevel","vocab":{"[UNK]":0},"unk_token":"[UNK]"}"#
  var addedTokens = "[]"
  var normalizer = "null"
  var preTokenizer = "null"
  var postProcessor = "null"
  var decoder = "null"

  var json: String {
    """
    {"version":"1.0","truncation":null,"padding":null,"added_tokens":\(addedTokens),
    "normalizer":\(normalizer),"pre_tokenizer":\(preTokenizer),
    "post_processor":\(postProcessor),"decoder":\(decoder),"model":\(model)}
    """
  }

  func build() throws -> Tokenizer { try Tokenizer(json: Data(json.utf8), name: "test.json") }

  /// A word-level model of tokens whose ids are their places, the first for what is unknown.
  static func wordLevel(_ tokens: [String]) -> String {
    let entries = tokens.enumerated().map { "\(quoted($1)):\($0)" }.joined(separator: ",")
    return #"{"type":"WordLevel","vocab":{\#(entries)},"unk_token":\#(quoted(tokens[0]))}"#
  }

  static func quoted(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\\\")
      .replacingOccurrences(of: "\"", with: "\\\"")
      .replacingOccurrences(of: "\n", with: "\\n")
    return "\"\(escaped)\""
  }

  /// An added token; `flags` are the names of those that are set.
  static func added(_ content: String, _ id: Int, _ flags: String...) -> String {
    let fields = ["single_word", "lstrip", "rstrip", "normalized", "special"]
      .map { "\"\($0)\":\(flags.contains($0))" }.joined(separator: ",")
    return #"{"id":\#(id),"content":\#(quoted(content)),\#(fields)}"#
  }
}
