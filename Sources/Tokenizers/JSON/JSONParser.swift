/// A JSON reader (RFC 8259) that checks everything, UTF-8 and surrogate pairs included, and writes
/// a flat list of nodes.
struct JSONParser {
  /// Deeper nesting than any tokenizer file has; it bounds the recursion on hostile input.
  static let maximumDepth = 64

  let name: String
  private var position = 0
  private var nodes: [JSONDocument.Node] = []

  init(name: String) { self.name = name }

  mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws -> [JSONDocument.Node] {
    position = 0
    nodes = []
    // A vocabulary's entries take some 24 bytes each, two nodes an entry.
    nodes.reserveCapacity(bytes.count / 12 + 16)
    skipWhitespace(bytes)
    try value(bytes, depth: 0)
    skipWhitespace(bytes)
    guard position == bytes.count else { throw fault(bytes, expected: "the end of the text") }
    return nodes
  }

  private mutating func value(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int) throws {
    guard depth < Self.maximumDepth else {
      throw fault(bytes, expected: "at most \(Self.maximumDepth) levels of nesting")
    }
    guard position < bytes.count else { throw fault(bytes, expected: "a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""): try string(bytes)
    case UInt8(ascii: "{"): try object(bytes, depth: depth)
    case UInt8(ascii: "["): try array(bytes, depth: depth)
    case UInt8(ascii: "t"): try literal(bytes, "true", .true)
    case UInt8(ascii: "f"): try literal(bytes, "false", .false)
    case UInt8(ascii: "n"): try literal(bytes, "null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(bytes)
    default: throw fault(bytes, expected: "a value")
    }
  }

  private mutating func object(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int) throws {
    let index = open(.object)
    skipWhitespace(bytes)
    if peek(bytes) == UInt8(ascii: "}") { return close(index) }
    while true {
      guard peek(bytes) == UInt8(ascii: "\"") else { throw fault(bytes, expected: "a quoted key") }
      try string(bytes)
      skipWhitespace(bytes)
      guard peek(bytes) == UInt8(ascii: ":") else { throw fault(bytes, expected: "':'") }
      position += 1
      skipWhitespace(bytes)
      try value(bytes, depth: depth + 1)
      skipWhitespace(bytes)
      if peek(bytes) == UInt8(ascii: "}") { return close(index) }
      guard peek(bytes) == UInt8(ascii: ",") else { throw fault(bytes, expected: "',' or '}'") }
      position += 1
      skipWhitespace(bytes)
    }
  }

  private mutating func array(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int) throws {
    let index = open(.array)
    skipWhitespace(bytes)
    if peek(bytes) == UInt8(ascii: "]") { return close(index) }
    while true {
      try value(bytes, depth: depth + 1)
      skipWhitespace(bytes)
      if peek(bytes) == UInt8(ascii: "]") { return close(index) }
      guard peek(bytes) == UInt8(ascii: ",") else { throw fault(bytes, expected: "',' or ']'") }
      position += 1
      skipWhitespace(bytes)
    }
  }

  /// Writes the node of an array or object at its opening bracket.
  private mutating func open(_ kind: JSONDocument.Kind) -> Int {
    append(kind, from: position, to: position)
    position += 1
    return nodes.count - 1
  }

  private mutating func close(_ index: Int) {
    position += 1
    nodes[index].end = UInt32(position)
    nodes[index].next = UInt32(nodes.count)
  }

  private mutating func append(_ kind: JSONDocument.Kind, from start: Int, to end: Int) {
    let next = UInt32(nodes.count + 1)
    nodes.append(.init(kind: kind, start: UInt32(start), end: UInt32(end), next: next))
  }

  private mutating func literal(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString, _ kind: JSONDocument.Kind
  ) throws {
    let start = position
    for offset in 0..<word.utf8CodeUnitCount {
      guard peek(bytes) == word.utf8Start[offset] else {
        throw fault(bytes, expected: "\"\(word)\" without its quotes")
      }
      position += 1
    }
    append(kind, from: start, to: position)
  }

  private mutating func number(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    let start = position
    if peek(bytes) == UInt8(ascii: "-") { position += 1 }
    if peek(bytes) == UInt8(ascii: "0") { position += 1 } else { try digits(bytes) }
    if peek(bytes) == UInt8(ascii: ".") {
      position += 1
      try digits(bytes)
    }
    if peek(bytes) == UInt8(ascii: "e") || peek(bytes) == UInt8(ascii: "E") {
      position += 1
      if peek(bytes) == UInt8(ascii: "+") || peek(bytes) == UInt8(ascii: "-") { position += 1 }
      try digits(bytes)
    }
    append(.number, from: start, to: position)
  }

  private mutating func digits(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    let start = position
    while let byte = peek(bytes), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      position += 1
    }
    guard position > start else { throw fault(bytes, expected: "a digit") }
  }

  private mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    position += 1
    let start = position
    var kind = JSONDocument.Kind.string
    while true {
      guard position < bytes.count else { throw fault(bytes, expected: "a closing quote") }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        append(kind, from: start, to: position)
        position += 1
        return
      } else if byte == UInt8(ascii: "\\") {
        kind = .escapedString
        try escape(bytes)
      } else if byte < 0x20 {
        throw fault(bytes, expected: "an escape in place of a control character")
      } else if byte < 0x80 {
        position += 1
      } else {
        guard case .scalar(_, let length) = UTF8Scalars.check(bytes, at: position) else {
          throw fault(bytes, expected: "well-formed UTF-8")
        }
        position += length
      }
    }
  }

  private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    position += 1
    switch peek(bytes) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      let first = try codeUnit(bytes)
      guard first & 0xF800 == 0xD800 else { return }
      guard first < 0xDC00, peek(bytes) == UInt8(ascii: "\\") else {
        throw fault(bytes, expected: "a surrogate pair")
      }
      position += 1
      guard peek(bytes) == UInt8(ascii: "u"), try codeUnit(bytes) & 0xFC00 == 0xDC00 else {
        throw fault(bytes, expected: "the second half of a surrogate pair")
      }
    default: throw fault(bytes, expected: "an escape of JSON")
    }
  }

  /// Reads `uXXXX` at the position.
  private mutating func codeUnit(_ bytes: UnsafeBufferPointer<UInt8>) throws -> UInt32 {
    position += 1
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(bytes), let digit = JSONValue.hexDigit(byte) else {
        throw fault(bytes, expected: "four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  @inline(__always)
  private func peek(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  @inline(__always)
  private mutating func skipWhitespace(_ bytes: UnsafeBufferPointer<UInt8>) {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private func fault(_ bytes: UnsafeBufferPointer<UInt8>, expected: String) -> TokenizerError {
    let before = bytes[..<min(position, bytes.count)]
    let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let found =
      peek(bytes).map { byte in
        byte > 0x20 && byte < 0x7F
          ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
      } ?? "the end"
    return .malformedJSON(
      file: name, line: line, column: position - lineStart + 1, found: found, expected: expected)
  }
}
