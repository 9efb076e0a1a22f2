import Foundation
import Testing

@testable import JSON

@Suite struct JSONValueTests {
  @Test func readsEveryKindOfValue() throws {
    let value = try JSONValue(
      parsing: #" {"a":[1,-2.50,1e-7,true,false,null],"b":{"c":"x\"\\\/\b\f\n\r\té\ud83d\ude00"}} "#
    )
    #expect(value["a"]?.array?.compactMap(\.double) == [1, -2.5, 1e-7])
    #expect(value["a"]?.array?.compactMap(\.bool) == [true, false])
    #expect(value["a"]?.array?.last == .null)
    #expect(value["b"]?["c"] == "x\"\\/\u{8}\u{C}\n\r\té😀")
  }

  @Test func writesSortedMembersAndTheDigitsThatWereRead() throws {
    let text = #"{"z":1.10,"a":[123456789012345678901234567890,-0,1E+5],"é":"\u0001\n"}"#
    #expect(
      try JSONValue(parsing: text).description
        == #"{"a":[123456789012345678901234567890,-0,1E+5],"z":1.10,"é":"\u0001\n"}"#)
    #expect(JSONValue.double(0.1).description == "0.1")
    #expect(JSONValue.double(.nan) == .null)
    #expect(JSONValue.int(.min).int == .min)
  }

  @Test func prettyPrintingKeepsOrderAndSpelling() throws {
    let text = """
      {
        "z": 1e-05,
        "a": 10000.0,
        "list": [
          1,
          -2.50,
          "ü\\n\\"\\u0001\\b",
          null,
          true
        ],
        "empty": {},
        "none": []
      }

      """
    #expect(try JSONValue(parsing: text).prettyPrinted == text)
  }

  @Test func objectsAreEqualInWhateverOrder() throws {
    let left = try JSONValue(parsing: #"{"a":1,"b":{"c":[],"d":2}}"#)
    let right = try JSONValue(parsing: #"{"b":{"d":2,"c":[]},"a":1}"#)
    #expect(left == right)
    #expect(left.hashValue == right.hashValue)
    #expect(left.prettyPrinted != right.prettyPrinted)
    #expect(try left != JSONValue(parsing: #"{"a":1,"b":{"c":[],"d":3}}"#))
    #expect(try left != JSONValue(parsing: #"{"a":1}"#))
  }

  @Test func membersAreSetAddedAndTakenOut() {
    var value: JSONValue = ["z": 1, "a": 2]
    value["z"] = "new"
    value["b"] = .null
    value["a"] = nil
    value["absent"] = nil
    #expect(value.object?.members.map(\.key) == ["z", "b"])
    #expect(value["z"] == "new")
    #expect(value["b"] == .null)
    #expect(value["a"] == nil)
    #expect(JSONValue("text")["a"] == nil)
  }

  @Test func errorsNameTheLine() throws {
    let error = #expect(throws: JSONSyntaxError.self) {
      try JSONValue(parsing: "{\n  \"a\": 1,\n  \"b\": ?\n}")
    }
    #expect(error?.line == 3)
    #expect(error?.offset == 19)
    #expect(error?.problem == "found \"?\\n}\", expected a JSON value")
  }

  @Test func summariesAreOfOneLine() throws {
    let value = try JSONValue(parsing: #"[{"a":1},"b\n",2.50,null,[true]]"#)
    #expect(value.summary == #"[an object, "b\n", 2.50, null, [true]]"#)
  }

  @Test func agreesWithFoundationOnWhatItWrites() throws {
    let value: JSONValue = ["k\"\\\u{7F}\u{2028}": ["t\u{0}\u{1F}", 7, true], "empty": [:]]
    let object = try JSONSerialization.jsonObject(with: Data(value.serialized()))
    let back = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONValue(parsing: back) == value)
  }

  @Test(arguments: [
    ("", 1), ("{", 2), ("{\"a\" 1}", 6), ("{\"a\":1,}", 8), ("[1,]", 4), ("[1 2]", 4),
    ("01", 2), ("1.", 3), ("-", 2), ("1e", 3), (".5", 1), ("+1", 1), ("nul", 1), ("NaN", 1),
    ("\"a", 3), ("\"\n\"", 2), (#""\x""#, 3), (#""\u12""#, 6), (#""\ud800""#, 2),
    (#""\ud800\u0041""#, 2), (#""\udc00""#, 2), ("{\"a\":1,\"a\":2}", 8), ("1 x", 3),
    ("{'a':1}", 2),
  ])
  func namesWhereJSONEnds(text: String, column: Int) {
    do {
      let value = try JSONValue(parsing: text)
      Issue.record("\(text) was read as \(value)")
    } catch {
      #expect(error.column == column, "\(error)")
      #expect(!error.expected.isEmpty)
    }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82],
    ] {
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
      #expect(String(validating: bytes, as: UTF8.self) == nil)
    }
  }

  @Test func refusesDeepNestingRatherThanExhaustTheStack() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: deep) }
    let fits =
      String(repeating: "[", count: JSONValue.maximumDepth)
      + String(repeating: "]", count: JSONValue.maximumDepth)
    #expect(throws: Never.self) { try JSONValue(parsing: fits) }
  }
}
