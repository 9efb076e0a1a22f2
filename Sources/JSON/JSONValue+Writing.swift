extension JSONValue: CustomStringConvertible {
  /// The value as one line of JSON without spaces. Members are sorted by their names' UTF-8 bytes, so
  /// equal values have equal texts.
  public var description: String { String(decoding: serialized(), as: UTF8.self) }

  /// `description` as UTF-8.
  public func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// The value as transformers writes its configuration files: members in their order, two spaces of
  /// indentation and a line feed at the end.
  public var prettyPrinted: String {
    var bytes: [UInt8] = []
    append(to: &bytes, indentation: 0)
    return String(decoding: bytes, as: UTF8.self) + "\n"
  }

  private func append(to bytes: inout [UInt8], indentation: Int) {
    func newLine(_ level: Int) {
      bytes.append(contentsOf: ("\n" + String(repeating: "  ", count: level)).utf8)
    }
    func list<Element>(
      _ elements: [Element], in brackets: String, _ write: (Element, inout [UInt8]) -> Void
    ) {
      bytes.append(contentsOf: brackets.prefix(1).utf8)
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newLine(indentation + 1)
        write(element, &bytes)
      }
      if !elements.isEmpty { newLine(indentation) }
      bytes.append(contentsOf: brackets.suffix(1).utf8)
    }
    switch self {
    case .array(let elements):
      list(elements, in: "[]") { $0.append(to: &$1, indentation: indentation + 1) }
    case .object(let members):
      list(members.members, in: "{}") { member, bytes in
        Self.append(quoted: member.key, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.append(to: &bytes, indentation: indentation + 1)
      }
    default: append(to: &bytes)
    }
  }

  private func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let value): bytes.append(contentsOf: value.literal.utf8)
    case .string(let value): Self.append(quoted: value, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.append(quoted: member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func append(quoted text: String, to bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    bytes.append(quote)
    for byte in text.utf8 {
      switch byte {
      case quote, backslash: bytes.append(contentsOf: [backslash, byte])
      case 0x08: bytes.append(contentsOf: "\\b".utf8)
      case 0x0C: bytes.append(contentsOf: "\\f".utf8)
      case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
      case ..<0x20:
        let hex = String(byte, radix: 16)
        bytes.append(contentsOf: "\\u00\(hex.count == 1 ? "0" : "")\(hex)".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(quote)
  }
}
