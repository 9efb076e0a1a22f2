import Foundation

/// Text that is not JSON: where, what was found, and what was expected.
public struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The byte at which reading stopped, from 0.
  public let offset: Int
  /// Its line, from 1.
  public let line: Int
  /// What stands there.
  public let found: String
  /// What JSON needs there.
  public let expected: String

  /// The byte at which reading stopped, from 1.
  public var column: Int { offset + 1 }

  /// What was found and what was expected.
  public var problem: String { "found \(found), expected \(expected)" }

  /// The whole message.
  public var description: String { "column \(column): \(problem)" }

  init(_ bytes: [UInt8], at offset: Int, found: String, expected: String) {
    self.offset = offset
    line = 1 + bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") }
    self.found = found
    self.expected = expected
  }
}

extension JSONValue {
  /// Arrays and objects may be nested this deep; deeper input is refused rather than exhaust the stack.
  public static let maximumDepth = 256

  /// Reads one JSON document (RFC 8259) from UTF-8 bytes. A member name that appears twice is an
  /// error, and so is half of a surrogate pair.
  public init(parsing data: Data) throws(JSONSyntaxError) {
    try self.init(parsing: [UInt8](data))
  }

  /// Reads one JSON document (RFC 8259) from UTF-8 bytes.
  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    if let offset = bytes.firstInvalidUTF8Offset {
      throw JSONSyntaxError(
        bytes, at: offset, found: "byte 0x\(String(bytes[offset], radix: 16)), not UTF-8",
        expected: "UTF-8")
    }
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// Reads one JSON document (RFC 8259).
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A recursive-descent reader over validated UTF-8.
private struct JSONParser {
  let bytes: [UInt8]
  var index = 0
  var depth = 0

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    let value = try value()
    skipWhitespace()
    guard index == bytes.count else { throw error(expected: "the end of the document") }
    return value
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    skipWhitespace()
    guard let next = peek else { throw error(expected: "a JSON value") }
    switch next {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < JSONValue.maximumDepth else {
        throw error(expected: "at most \(JSONValue.maximumDepth) nested arrays and objects")
      }
      depth += 1
      defer { depth -= 1 }
      index += 1
      return next == UInt8(ascii: "{") ? try object() : try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error(expected: "a JSON value")
    }
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONValue {
    var members: [JSONObject.Member] = []
    var names: Set<String> = []
    skipWhitespace()
    if take("}") { return .object(JSONObject()) }
    repeat {
      skipWhitespace()
      guard peek == UInt8(ascii: "\"") else { throw error(expected: "a member name in quotes") }
      let start = index
      let name = try string()
      skipWhitespace()
      guard take(":") else { throw error(expected: "\":\" after the member name") }
      guard names.insert(name).inserted else {
        throw JSONSyntaxError(
          bytes, at: start, found: "\"\(name)\" again", expected: "every name once")
      }
      members.append(JSONObject.Member(key: name, value: try value()))
      skipWhitespace()
    } while take(",")
    guard take("}") else { throw error(expected: "\",\" or \"}\"") }
    return .object(JSONObject(distinct: members))
  }

  private mutating func array() throws(JSONSyntaxError) -> JSONValue {
    var elements: [JSONValue] = []
    skipWhitespace()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value())
      skipWhitespace()
    } while take(",")
    guard take("]") else { throw error(expected: "\",\" or \"]\"") }
    return .array(elements)
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        index += 1
        let scalar = try escape()
        text.append(contentsOf: UTF8.encode(scalar)!)
      case ..<0x20:
        throw error(expected: "an escape such as \\n: control characters cannot stand in strings")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw error(expected: "the closing quote of a string")
  }

  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = index
    let letter = peek
    if letter != nil { index += 1 }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter!)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      guard unit < 0xDC00, take("\\"), take("u") else { return try loneSurrogate(at: start) }
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low) else { return try loneSurrogate(at: start) }
      return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))!
    default:
      index = start
      throw error(expected: "one of \" \\ / b f n r t u after a backslash")
    }
  }

  private func loneSurrogate(at start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
    throw JSONSyntaxError(
      bytes, at: start - 1, found: "half of a surrogate pair",
      expected: "both halves, or a character")
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw error(expected: "four hexadecimal digits after \\u") }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    let start = index
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return JSONNumber(checked: String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = index
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
    guard index > start else { throw error(expected: "a digit") }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError)
    -> JSONValue
  {
    guard bytes[index...].starts(with: word.utf8) else { throw error(expected: word) }
    index += word.utf8.count
    return value
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: scalar) else { return false }
    index += 1
    return true
  }

  private mutating func skipWhitespace() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      index += 1
    }
  }

  private func error(expected: String) -> JSONSyntaxError {
    guard index < bytes.count else {
      return JSONSyntaxError(bytes, at: index, found: "the end", expected: expected)
    }
    let shown = String(decoding: bytes[index...].prefix(16), as: UTF8.self)
    return JSONSyntaxError(
      bytes, at: index, found: JSONValue.string(shown).description, expected: expected)
  }
}
