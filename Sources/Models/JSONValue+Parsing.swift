extension JSONValue {
  /// Why a text is not JSON.
  struct ParsingError: Error, Equatable {
    /// The line, counted from 1.
    let line: Int
    let problem: String
  }

  /// The value that `bytes` (UTF-8) spell, with white space around it.
  init(parsing bytes: [UInt8]) throws(ParsingError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ParsingError(line: 1, problem: "the file is not valid UTF-8")
    }
    var scanner = JSONScanner(bytes: Array(text.utf8))
    self = try scanner.value(depth: 0)
    scanner.skipSpace()
    guard scanner.next == nil else { throw scanner.failure("expected the end of the file") }
  }
}

private struct JSONScanner {
  /// Configurations are three levels deep; the limit keeps a hostile file from using up the stack.
  static let maximumDepth = 64

  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ problem: String) -> JSONValue.ParsingError {
    let line = 1 + bytes[..<position].count { $0 == UInt8(ascii: "\n") }
    let found =
      switch next {
      case nil: "the end of the file"
      case let byte? where (0x21...0x7E).contains(byte):
        "'\(Character(Unicode.Scalar(byte)))'"
      case let byte?: "byte \(byte)"
      }
    return .init(line: line, problem: "\(problem), found \(found)")
  }

  mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  mutating func take(_ character: Character) -> Bool {
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(JSONValue.ParsingError) -> JSONValue {
    guard depth < Self.maximumDepth else {
      throw failure("nested deeper than \(Self.maximumDepth) levels")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    default: return try scalar()
    }
  }

  private mutating func members(
    depth: Int
  ) throws(JSONValue.ParsingError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var seen: Set<String> = []
    position += 1
    skipSpace()
    if take("}") { return members }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key = try string()
      guard seen.insert(key).inserted else {
        throw failure("the key \"\(key)\" is there twice")
      }
      skipSpace()
      guard take(":") else { throw failure("expected ':' after the key \"\(key)\"") }
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return members
  }

  private mutating func elements(depth: Int) throws(JSONValue.ParsingError) -> [JSONValue] {
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return elements
  }

  private mutating func string() throws(JSONValue.ParsingError) -> String {
    var text: [UInt8] = []
    position += 1
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        text += try escape()
      case 0..<0x20: throw failure("a control character in a string must be escaped")
      default:
        position += 1
        text.append(byte)
      }
    }
    throw failure("expected the closing quote of a string")
  }

  private mutating func escape() throws(JSONValue.ParsingError) -> [UInt8] {
    let simple: [Character: UInt8] = [
      "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 0x08, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09,
    ]
    guard let byte = next else { throw failure("expected an escape sequence") }
    if byte == UInt8(ascii: "u") {
      position += 1
      return try unicodeEscape()
    }
    guard byte < 0x80, let meant = simple[Character(Unicode.Scalar(byte))] else {
      throw failure("unknown escape sequence")
    }
    position += 1
    return [meant]
  }

  private mutating func unicodeEscape() throws(JSONValue.ParsingError) -> [UInt8] {
    var value = try codeUnit()
    if (0xD800..<0xDC00).contains(value) {
      guard take("\\"), take("u") else { throw failure("expected the second half of a pair") }
      let low = try codeUnit()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("half of a surrogate pair") }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func codeUnit() throws(JSONValue.ParsingError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, byte < 0x80,
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue
      else { throw failure("expected four hexadecimal digits") }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func scalar() throws(JSONValue.ParsingError) -> JSONValue {
    let start = position
    while let byte = next, isScalarByte(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case let number where isNumber(number): return .number(number)
    default:
      position = start
      throw failure("expected a value")
    }
  }

  /// JSON's grammar of numbers, `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`.
  private func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    func take(_ characters: String) -> Bool {
      guard let first = rest.first, characters.contains(first) else { return false }
      rest.removeFirst()
      return true
    }
    func takeDigits() -> Bool {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest.removeFirst(digits.count)
      return !digits.isEmpty
    }
    _ = take("-")
    guard take("0") || takeDigits() else { return false }
    if take("."), !takeDigits() { return false }
    if take("eE") {
      _ = take("+-")
      if !takeDigits() { return false }
    }
    return rest.isEmpty
  }

  private func isScalarByte(_ byte: UInt8) -> Bool {
    let character = Character(Unicode.Scalar(byte))
    return byte < 0x80 && (character.isLetter || character.isNumber || "+-.".contains(character))
  }
}
