import Foundation
import Testing

@testable import Tokenizers

/// What is refused, and that the message says where and why.
@Suite struct LoadingTests {
  private static let bytePair = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#

  private func message(_ json: String) -> String {
    do {
      _ = try Tokenizer(json: Data(json.utf8), name: "test.json")
      return "loaded"
    } catch let error as TokenizerError {
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  static let modelCases: [(String, String)] = [
    (#"{"type":"Other","vocab":{}}"#, "model.type \"Other\" is not supported"),
    (#"{"type":"Unigram","vocab":[["a",0.0]],"unk_id":0}"#, "loaded"),
    (#"{"vocab":[["a",0.0]],"unk_id":0}"#, "loaded"),
    (#"{"type":"Unigram","vocab":[["a",0.0]]}"#, "model.unk_id null is not supported"),
    (#"{"type":"Unigram","vocab":[["a",0.0]],"unk_id":1}"#, "model.unk_id: vocab has only 1"),
    (#"{"type":"Unigram","vocab":{"a":0},"unk_id":0}"#, "model.vocab is an object"),
    (#"{"type":"Unigram","vocab":[["a",0],["b"]],"unk_id":0}"#, "model.vocab[1] is an array"),
    (#"{"type":"Unigram","vocab":[["a","b"]],"unk_id":0}"#, "model.vocab[0][1] is \"b\""),
    (#"{"type":"Unigram","vocab":[["a",1e999]],"unk_id":0}"#, "model.vocab[0][1] is 1e999"),
    (#"{"type":"Unigram","vocab":[["a",0.0]],"unk_id":0,"alpha":0.1}"#, "model.alpha 0.1 is not"),
    (#"{"type":"BPE","vocab":{"a":0}}"#, "model.merges is missing"),
    (#"{"type":"BPE","merges":[]}"#, "model.vocab is missing"),
    (#"{"type":"BPE","vocab":[],"merges":[]}"#, "model.vocab is an array"),
    (#"{"type":"BPE","vocab":{"a":0,"b":-1},"merges":[]}"#, "model.vocab[\"b\"] is -1"),
    (#"{"type":"BPE","vocab":{"a":1e3},"merges":[]}"#, "model.vocab[\"a\"] is 1e3"),
    (#"{"type":"BPE","vocab":{"a":99999999},"merges":[]}"#, "expected an id from 0 to 16777216"),
    (#"{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}"#, "both have the id 0"),
    (#"{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}"#, "\"a\" stands twice"),
    (#"{"type":"BPE","vocab":{"a":0},"merges":["a b"]}"#, "model.merges[0]: \"b\" is not in"),
    (#"{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}"#, "model.merges[0]: \"ab\" is not"),
    (#"{"type":"BPE","vocab":{"a":0,"b":1},"merges":["ab"]}"#, "model.merges[0] is \"ab\""),
    (#"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#, "model.merges[0] is an array"),
    (#"{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}"#, "model.dropout 0.1 is not"),
    (#"{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"u"}"#, "model.unk_token: \"u\""),
    (#"{"type":"WordLevel","vocab":{"a":0},"unk_token":"u"}"#, "model.unk_token: \"u\" is not"),
    (#"{"type":"WordLevel","vocab":{"a":0}}"#, "model.unk_token is missing"),
    (#"{"type":"WordPiece","vocab":{"a":0},"unk_token":"u"}"#, "model.unk_token: \"u\" is not"),
    (#"[]"#, "model is an array"), ("3", "model is 3"), ("null", "model is missing"),
  ]

  @Test(arguments: modelCases)
  func models(model: String, expected: String) {
    var builder = TokenizerBuilder()
    builder.model = model
    let found = message(builder.json)
    #expect(found.contains(expected), "\(found)")
    #expect(found == "loaded" || found.hasPrefix("test.json: "), "\(found)")
  }

  static let partCases: [(String, String, String)] = [
    ("normalizer", #"{"type":"Other"}"#, "normalizer.type \"Other\" is not supported"),
    (
      "normalizer", #"{"type":"Precompiled","precompiled_charsmap":"AAAA"}"#,
      "normalizer.precompiled_charsmap is \"AAAA\", expected rules in the layout of SentencePiece"
    ),
    (
      "normalizer", #"{"type":"Precompiled","precompiled_charsmap":"*"}"#,
      "normalizer.precompiled_charsmap is \"*\", expected rules in Base64"
    ),
    (
      "normalizer", #"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"X"}]}"#,
      "normalizer.normalizers[1].type \"X\""
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"Regex":"^ +"},"content":" "}"#,
      "normalizer.pattern.Regex \"^ +\": \"^\" is not supported"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"Regex":"a)"},"content":" "}"#,
      "normalizer.pattern.Regex \"a)\": \")\" closes no group, which is not supported"
    ),
    ("normalizer", #"{"type":"Replace","pattern":{"String":""},"content":" "}"#, "not empty"),
    ("normalizer", #"{"type":"Prepend"}"#, "normalizer.prepend is missing"),
    ("normalizer", #"{}"#, "normalizer.type is missing"), ("normalizer", "7", "normalizer is 7"),
    ("pre_tokenizer", #"{"type":"UnicodeScripts"}"#, "pre_tokenizer.type \"UnicodeScripts\""),
    (
      "pre_tokenizer",
      #"{"type":"Split","pattern":{"Regex":"\\p{Klingon}"},"behavior":"Isolated"}"#,
      #"pre_tokenizer.pattern.Regex "\\p{Klingon}": "\p{Klingon}" is not supported"#
    ),
    (
      "pre_tokenizer", #"{"type":"Split","pattern":{"String":"a"},"behavior":"Odd"}"#,
      "pre_tokenizer.behavior \"Odd\""
    ),
    (
      "pre_tokenizer", #"{"type":"Metaspace","replacement":"ab"}"#,
      "pre_tokenizer.replacement is \"ab\", expected one character"
    ),
    (
      "pre_tokenizer",
      #"{"type":"Metaspace","replacement":"_","prepend_scheme":"first","add_prefix_space":false}"#,
      "contradicts add_prefix_space"
    ),
    (
      "pre_tokenizer",
      #"{"type":"Sequence","pretokenizers":[{"type":"Digits"},"#
        + #"{"type":"Metaspace","replacement":"_","prepend_scheme":"first"}]}"#,
      "Metaspace with prepend_scheme \"first\" after"
    ),
    ("post_processor", #"{"type":"Other"}"#, "post_processor.type \"Other\""),
    (
      "post_processor",
      #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}]}"#,
      "post_processor.single[0].Sequence.id \"B\""
    ),
    (
      "post_processor",
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}],"special_tokens":{}}"#,
      "\"x\" is not in special_tokens"
    ),
    ("post_processor", #"{"type":"BertProcessing","sep":["s"],"cls":["c",1]}"#, "an array"),
    ("decoder", #"{"type":"CTC"}"#, "decoder.type \"CTC\" is not supported"),
    ("decoder", #"{"type":"Strip","content":"ab","start":1,"stop":0}"#, "decoder.content is"),
    (
      "decoder", #"{"type":"Replace","pattern":{"Regex":"a+"},"content":""}"#,
      "decoder.pattern.Regex \"a+\""
    ),
  ]

  @Test(arguments: partCases)
  func parts(key: String, part: String, expected: String) {
    var builder = TokenizerBuilder()
    switch key {
    case "normalizer": builder.normalizer = part
    case "pre_tokenizer": builder.preTokenizer = part
    case "post_processor": builder.postProcessor = part
    default: builder.decoder = part
    }
    let found = message(builder.json)
    #expect(found.hasPrefix("test.json: ") && found.contains(expected), "\(found)")
  }

  static let addedTokenCases: [(String, String)] = [
    (TokenizerBuilder.added("<x>", 5), "has the id 5, but the next free id is 3"),
    (TokenizerBuilder.added("a", 5), "has the id 5, but its id in model.vocab is 0"),
    (TokenizerBuilder.added("", 3), "has no content"),
    (#"{"id":3}"#, "added_tokens[0].content is missing"),
    (#"{"content":"x"}"#, "added_tokens[0].id is missing"),
    (#"{"id":3,"content":"x","special":1}"#, "added_tokens[0].special is 1, expected true or"),
    (
      TokenizerBuilder.added("<x>", 3) + "," + TokenizerBuilder.added("<x>", 4), "stands twice"
    ),
  ]

  @Test(arguments: addedTokenCases)
  func addedTokens(added: String, expected: String) {
    var builder = TokenizerBuilder()
    builder.model = Self.bytePair
    builder.addedTokens = "[\(added)]"
    let found = message(builder.json)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func mergesInBothForms() throws {
    for merges in [#"["a b"]"#, #"[["a","b"]]"#] {
      var builder = TokenizerBuilder()
      builder.model = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":\#(merges)}"#
      #expect(try builder.build().encode("abba") == [2, 1, 0])
      // Without type the keys tell the model.
      builder.model = #"{"vocab":{"a":0,"b":1,"ab":2},"merges":\#(merges)}"#
      #expect(try builder.build().encode("abba") == [2, 1, 0])
    }
  }

  @Test func filesThatAreNotThere() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("laconic-\(UUID().uuidString)")
    #expect {
      try Tokenizer(folder: folder)
    } throws: { error in
      guard case .unreadable(let file, let reason)? = error as? TokenizerError else { return false }
      return file.hasSuffix("/tokenizer.json") && reason.contains("no such file")
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect { try Tokenizer(file: folder) } throws: { "\($0)".contains("it is a folder") }
  }

  @Test func companionsNameSpecialTokens() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("laconic-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    var builder = TokenizerBuilder()
    builder.model = TokenizerBuilder.wordLevel(["u", "<s>", "a"])
    builder.preTokenizer = #"{"type":"Whitespace"}"#
    try write("tokenizer.json", builder.json)
    let alone = try Tokenizer(folder: folder)
    #expect(alone.bosTokenID == nil && alone.vocabularySize == 3)

    try write(
      "tokenizer_config.json",
      #"{"bos_token":"<s>","pad_token":null,"added_tokens_decoder":"#
        + #"{"3":{"content":"<e>","special":true},"4":{"content":"<t>","special":false}}}"#)
    try write("special_tokens_map.json", #"{"bos_token":"a","eos_token":{"content":"<e>"}}"#)
    let named = try Tokenizer(folder: folder)
    #expect(named.bosTokenID == 1 && named.eosTokenID == 3 && named.padTokenID == nil)
    #expect(named.vocabularySize == 5)
    #expect(named.encode("a<s>a<t><e>") == [2, 1, 2, 4, 3])
    #expect(named.isSpecial(1) && named.isSpecial(3) && !named.isSpecial(4))

    try write("special_tokens_map.json", "{}")
    try write("tokenizer_config.json", #"{"pad_token":"<pad>"}"#)
    #expect { try Tokenizer(folder: folder) } throws: {
      "\($0)".contains("tokenizer_config.json: pad_token: \"<pad>\" is neither in model.vocab")
    }
    try write("tokenizer_config.json", #"{"added_tokens_decoder":{"9":{"content":"<x>"}}}"#)
    #expect { try Tokenizer(folder: folder) } throws: {
      "\($0)".contains("added_tokens_decoder.9: the added token \"<x>\" has the id 9")
    }
    try write("tokenizer_config.json", "{")
    #expect { try Tokenizer(folder: folder) } throws: {
      "\($0)".contains("tokenizer_config.json:1:2: not valid JSON")
    }
  }
}
