import Foundation
import Testing

@testable import Tokenizers

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONDocument(Array(text.utf8), name: "test.json").root
  }

  @Test func values() throws {
    let root = try parse(
      #" {"a": [1, -2.5e3, true, false, null], "b": {"c": "x"}, "d": "", "e": 0} "#)
    let list = try root.required("a", expected: "").elements()
    #expect(try list[0].count() == 1)
    #expect(try list[2].bool() && !list[3].bool())
    #expect(list[4].kind == .null)
    let inner = try root.required("b", expected: "").required("c", expected: "")
    #expect(try inner.string() == "x")
    #expect(inner.path == "b.c")
    #expect(try root.required("d", expected: "").string().isEmpty)
    #expect(try root.members().map(\.key) == ["a", "b", "d", "e"])
    #expect(try root.optional("absent") == nil)
  }

  @Test func escapes() throws {
    let text = try parse(#""\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00é""#).string()
    #expect(text.unicodeScalars.elementsEqual("\"\\/\u{8}\u{C}\n\r\té€😀é".unicodeScalars))
    #expect(try parse(#"{"\u0061": 7}"#).required("a", expected: "").count() == 7)
  }

  static let faultCases: [(String, Int, Int)] = [
    ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("{\"a\":1,}", 1, 8),
    ("tru", 1, 4), ("01", 1, 2), ("1.", 1, 3), ("-", 1, 2), ("1e", 1, 3), ("\"a", 1, 3),
    ("\"\\x\"", 1, 3), ("\"\\u12G4\"", 1, 6), ("\"\\ud800\"", 1, 8), ("\"\\udc00\"", 1, 8),
    ("\"\\ud800\\u0041\"", 1, 14), ("[\n1,\n x]", 3, 2), ("1 2", 1, 3), ("\"\u{1}\"", 1, 2),
    ("nul!", 1, 4), ("{a: 1}", 1, 2), ("[1 2]", 1, 4),
  ]

  @Test(arguments: faultCases)
  func faults(text: String, line: Int, column: Int) {
    #expect {
      try parse(text)
    } throws: { error in
      guard case .malformedJSON("test.json", line, column, _, _)? = error as? TokenizerError else {
        Issue.record("\(text.debugDescription): \(error)")
        return false
      }
      return true
    }
  }

  @Test func illFormedUTF8() {
    for bytes in [
      [0x80], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
    ]
      as [[UInt8]]
    {
      #expect(throws: TokenizerError.self) {
        try JSONDocument([0x22] + bytes + [0x22], name: "test.json")
      }
    }
  }

  @Test func deepNesting() throws {
    let depth = JSONParser.maximumDepth
    let deepest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try parse(deepest).elements().count == 1)
    #expect(throws: TokenizerError.self) { try parse("[" + deepest + "]") }
    #expect(throws: TokenizerError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func wrongKindsNameTheirPath() throws {
    let root = try parse(#"{"a": {"b": [1, "x"]}, "c": -1, "a b": 1.5, "c": 2}"#)
    let list = try root.required("a", expected: "").required("b", expected: "")
    #expect {
      try list.elements()[1].count()
    } throws: {
      "\($0)" == "test.json: a.b[1] is \"x\", expected a whole number from 0"
    }
    #expect { try list.string() } throws: { "\($0)".contains("a.b is an array") }
    #expect { try root.optional("c") } throws: { "\($0)".contains("\"c\" stands twice") }
    #expect { try root.required("a b", expected: "").count() } throws: { "\($0)".contains("1.5") }
  }
}
