/// A JSON value as safetensors headers use them.
///
/// Foundation's parsers keep one of two equal keys and turn large integers into floating-point
/// numbers; a header must be read exactly, so it has this small parser of its own.
enum HeaderJSON: Equatable {
  case string(String)
  case integer(UInt64)
  case array([HeaderJSON])
  case object([Member])
  /// Any other scalar, as it is written: `null`, `true`, `-1`, `0.5`.
  case other(String)

  struct Member: Equatable {
    let key: String
    let value: HeaderJSON
  }

  /// Why the bytes are not JSON.
  struct Failure: Error {
    /// The byte of the header, counted from 0.
    let offset: Int
    let problem: String
  }

  /// The value that `bytes` spell, with white space around it.
  init(parsing bytes: [UInt8]) throws(Failure) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.elementsEqual(bytes) else {
      throw Failure(offset: 0, problem: "not valid UTF-8")
    }
    var scanner = Scanner(bytes: bytes)
    self = try scanner.value(depth: 0)
    scanner.skipSpace()
    guard scanner.position == bytes.count else {
      throw scanner.failure("expected the end of the header")
    }
  }

  /// The value as it reads in an error message.
  var summary: String {
    switch self {
    case .string(let text): "\"\(text)\""
    case .integer(let value): "\(value)"
    case .array(let values): "[" + values.map(\.summary).joined(separator: ", ") + "]"
    case .object: "an object"
    case .other(let text): text
    }
  }
}

private struct Scanner {
  /// A header's own depth is 3; the rest is room for keys of later versions of the format.
  static let maximumDepth = 32

  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func failure(_ problem: String) -> HeaderJSON.Failure {
    let found =
      position < bytes.count
      ? (0x21...0x7E).contains(bytes[position])
        ? "'\(Character(Unicode.Scalar(bytes[position])))'"
        : "byte \(bytes[position])" : "the end"
    return HeaderJSON.Failure(offset: position, problem: "\(problem), found \(found)")
  }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  mutating func take(_ character: Character) -> Bool {
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(HeaderJSON.Failure) -> HeaderJSON {
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

  private mutating func members(depth: Int) throws(HeaderJSON.Failure) -> [HeaderJSON.Member] {
    var members: [HeaderJSON.Member] = []
    var seen: Set<[UInt8]> = []
    position += 1
    skipSpace()
    if take("}") { return members }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let start = position
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else {
        throw HeaderJSON.Failure(offset: start, problem: "the key \"\(key)\" is there twice")
      }
      skipSpace()
      guard take(":") else { throw failure("expected ':' after the key \"\(key)\"") }
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return members
  }

  private mutating func elements(depth: Int) throws(HeaderJSON.Failure) -> [HeaderJSON] {
    var elements: [HeaderJSON] = []
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

  private mutating func string() throws(HeaderJSON.Failure) -> String {
    var text: [UInt8] = []
    position += 1
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20:
        position -= 1
        throw failure("a control character must be escaped")
      default: text.append(byte)
      }
    }
    throw failure("expected the closing quote of a string")
  }

  private mutating func escape() throws(HeaderJSON.Failure) -> [UInt8] {
    guard let byte = next else { throw failure("expected an escape sequence") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default:
      position -= 1
      throw failure("unknown escape sequence")
    }
  }

  private mutating func unicodeEscape() throws(HeaderJSON.Failure) -> [UInt8] {
    var value = try codeUnit()
    if (0xD800..<0xDC00).contains(value) {
      guard take("\\"), take("u") else { throw failure("expected the second half of a pair") }
      let low = try codeUnit()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("half of a surrogate pair") }
    return Array(String(scalar).utf8)
  }

  private mutating func codeUnit() throws(HeaderJSON.Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw failure("expected four hexadecimal digits") }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func scalar() throws(HeaderJSON.Failure) -> HeaderJSON {
    let start = position
    while let byte = next, isScalarByte(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if ["null", "true", "false"].contains(text) { return .other(text) }
    let isCanonical = text == "0" || !text.hasPrefix("0")
    if isCanonical, !text.isEmpty, text.allSatisfy(\.isASCIIDigit) {
      // Beyond 64 bits no offset or size is possible.
      return UInt64(text).map(HeaderJSON.integer) ?? .other(text)
    }
    if text.contains(where: \.isASCIIDigit), Double(text) != nil { return .other(text) }
    position = start
    throw failure("expected a value")
  }

  private func isScalarByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
