import Foundation
import Testing

@testable import Tokenizers

/// Normalizers, pre-tokenizers and post-processors one by one, from their JSON.
@Suite struct StepTests {
  private func json(_ text: String) throws -> JSONValue {
    try JSONDocument(Array(text.utf8), name: "test.json").root
  }

  private func normalized(_ text: String, _ part: String) throws -> String {
    var bytes = Array(text.utf8)
    for step in try Normalizer.steps(json(part)) { step.apply(to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func pieces(_ text: String, _ part: String) throws -> [String] {
    var pieces = Pieces(bytes: Array(text.utf8), startsText: true)
    for step in try PreTokenizer.steps(json(part)) { step.apply(to: &pieces) }
    return pieces.ranges.map { String(decoding: pieces.bytes[$0], as: UTF8.self) }
  }

  static let normalizerCases: [(String, String, String)] = [
    (#"{"type":"Lowercase"}"#, "ABC ÉİΣ", "abc éi̇σ"),
    (#"{"type":"Strip","strip_left":true,"strip_right":true}"#, " \t a b\u{3000}\n", "a b"),
    (#"{"type":"Strip","strip_left":false,"strip_right":true}"#, " a ", " a"),
    (#"{"type":"Strip","strip_left":true,"strip_right":true}"#, " \n ", ""),
    (#"{"type":"Prepend","prepend":"▁"}"#, "a", "▁a"),
    (#"{"type":"Prepend","prepend":"▁"}"#, "", ""),
    (#"{"type":"Replace","pattern":{"String":"aa"},"content":"b"}"#, "aaaca", "baca"),
    (#"{"type":"Replace","pattern":{"Regex":" "},"content":"▁"}"#, " a b", "▁a▁b"),
    (#"{"type":"Replace","pattern":{"String":"é"},"content":""}"#, "été", "t"),
    (#"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"}"#, "a  b c   ", "a▁b c▁"),
    (#"{"type":"Nmt"}"#, "a\u{1}\tb\u{200B}\u{FEFF}c\u{7F}", "a b  c"),
    (#"{"type":"ByteLevel"}"#, "é a", "Ã©Ġa"),
    (#"{"type":"StripAccents"}"#, "e\u{301}a\u{327}", "ea"),
    (#"{"type":"NFC"}"#, "e\u{301}", "é"), (#"{"type":"NFKC"}"#, "ﬁ①", "fi1"),
    (
      #"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"#
        + #""strip_accents":null,"lowercase":true}"#, "É\u{0}\t中A\u{FFFD}", "e  中 a"
    ),
    (
      #"{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"#
        + #""strip_accents":false,"lowercase":true}"#, "É中", "é中"
    ),
    (
      #"{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},"#
        + #"{"type":"Sequence","normalizers":[{"type":"Lowercase"}]}]}"#, "ÀB", "ab"
    ),
  ]

  @Test(arguments: normalizerCases)
  func normalizers(part: String, text: String, expected: String) throws {
    #expect(try normalized(text, part).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  static let preTokenizerCases: [(String, String, [String])] = [
    (#"{"type":"Whitespace"}"#, "Hey you!? x_1", ["Hey", "you", "!?", "x_1"]),
    (#"{"type":"WhitespaceSplit"}"#, " a,b  c\u{A0}d", ["a,b", "c", "d"]),
    (#"{"type":"BertPreTokenizer"}"#, "a,b $ c", ["a", ",", "b", "$", "c"]),
    (#"{"type":"Punctuation"}"#, "a!!b", ["a", "!", "!", "b"]),
    (#"{"type":"Punctuation","behavior":"Contiguous"}"#, "a!!b", ["a", "!!", "b"]),
    (#"{"type":"Punctuation","behavior":"Removed"}"#, "!a!!b", ["a", "b"]),
    (#"{"type":"Punctuation","behavior":"MergedWithPrevious"}"#, "!a!!b", ["!", "a!", "!", "b"]),
    (#"{"type":"Punctuation","behavior":"MergedWithNext"}"#, "!a!!b!", ["!a", "!", "!b", "!"]),
    (#"{"type":"Digits","individual_digits":true}"#, "a12²b", ["a", "1", "2", "²", "b"]),
    (#"{"type":"Digits","individual_digits":false}"#, "a12b3", ["a", "12", "b", "3"]),
    (#"{"type":"CharDelimiterSplit","delimiter":"-"}"#, "a-b--c", ["a", "b", "c"]),
    (
      #"{"type":"Split","pattern":{"String":"ab"},"behavior":"Isolated","invert":false}"#,
      "xababab", ["x", "ab", "ab", "ab"]
    ),
    (
      #"{"type":"Split","pattern":{"String":"ab"},"behavior":"Removed","invert":true}"#,
      "xabyab", ["ab", "ab"]
    ),
    (
      #"{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext"}"#,
      "a b c", ["a", " b", " c"]
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated"}"#,
      "a12345b678", ["a", "123", "45b", "678"]
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"\\p{N}+"},"behavior":"MergedWithPrevious"}"#,
      "a1b22c", ["a1", "b22", "c"]
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"\\p{N}"},"behavior":"Contiguous"}"#,
      "a12b", ["a", "12", "b"]
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"\\w+|\\S"},"behavior":"Removed","invert":true}"#,
      "a b! ", ["a", "b", "!"]
    ),
    (
      #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"#,
      "a b  c", ["▁a", "▁b", "▁", "▁c"]
    ),
    (
      #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}"#,
      "a b", ["a▁b"]
    ),
    (
      #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}"#,
      "a b", ["▁a▁b"]
    ),
    (#"{"type":"Metaspace","replacement":"▁","add_prefix_space":false}"#, "a b", ["a", "▁b"]),
    (#"{"type":"Metaspace","replacement":"▁","add_prefix_space":true}"#, " a", ["▁a"]),
    (
      #"{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}"#, "é a\n",
      ["ĠÃ©", "Ġa", "Ċ"]
    ),
    (
      #"{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},"#
        + #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}"#,
      "x 12", ["x", "Ġ", "1", "2"]
    ),
  ]

  @Test(arguments: preTokenizerCases)
  func preTokenizers(part: String, text: String, expected: [String]) throws {
    #expect(try pieces(text, part) == expected)
    #expect(try pieces("", part).isEmpty)
  }

  static let postProcessorCases: [(String, [Int])] = [
    (#"{"type":"ByteLevel","trim_offsets":true}"#, [7, 8]),
    (#"{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}"#, [2, 7, 8, 3]),
    (#"{"type":"RobertaProcessing","sep":["</s>",3],"cls":["<s>",2]}"#, [2, 7, 8, 3]),
    (
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},"#
        + #"{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"e","type_id":0}}],"#
        + #""pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]},"#
        + #""e":{"id":"e","ids":[4,5],"tokens":["x","y"]}}}"#, [1, 7, 8, 4, 5]
    ),
    (
      #"{"type":"Sequence","processors":[{"type":"ByteLevel"},"#
        + #"{"type":"BertProcessing","sep":["s",3],"cls":["c",2]},"#
        + #"{"type":"RobertaProcessing","sep":["s",5],"cls":["c",4]}]}"#, [4, 2, 7, 8, 3, 5]
    ),
  ]

  @Test(arguments: postProcessorCases)
  func postProcessors(part: String, expected: [Int]) throws {
    #expect(try PostProcessor(json(part)).apply(to: [7, 8]) == expected)
  }
}
