import Foundation
import Testing

@testable import Tasks

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
