/// A value of a JSON document and the path to it, for errors (`model.vocab`).
struct JSONValue {
  let document: JSONDocument
  let index: Int
  let path: String

  private var node: JSONDocument.Node { document.nodes[index] }

  var kind: JSONDocument.Kind { node.kind }

  var isString: Bool { kind == .string || kind == .escapedString }

  /// The member of an object, `nil` where it is absent or null.
  ///
  /// - Throws: `TokenizerError.wrongValue` if this is no object.
  func optional(_ key: String) throws -> JSONValue? {
    guard kind == .object else { throw wrong("an object") }
    let wanted = Array(key.utf8)
    var found: JSONValue?
    var child = index + 1
    while child < Int(node.next) {
      let name = document.nodes[child]
      let value = child + 1
      if name.kind == .string ? raw(name).elementsEqual(wanted) : unescaped(child) == wanted {
        guard found == nil else {
          let problem = "the key \"\(key)\" stands twice"
          throw TokenizerError.inconsistent(
            file: document.name, key: path.isEmpty ? "the outermost object" : path, problem: problem
          )
        }
        found = JSONValue(document: document, index: value, path: joined(key))
      }
      child = Int(document.nodes[value].next)
    }
    return found?.kind == .null ? nil : found
  }

  /// The member of an object that must be there and not null.
  func required(_ key: String, expected: String) throws -> JSONValue {
    guard let value = try optional(key) else {
      throw TokenizerError.missingKey(file: document.name, key: joined(key), expected: expected)
    }
    return value
  }

  /// An array's values.
  func elements() throws -> [JSONValue] {
    guard kind == .array else { throw wrong("an array") }
    var values: [JSONValue] = []
    var child = index + 1
    while child < Int(node.next) {
      values.append(
        JSONValue(document: document, index: child, path: "\(path)[\(values.count)]"))
      child = Int(document.nodes[child].next)
    }
    return values
  }

  /// An object's keys and values in the order they stand.
  func members() throws -> [(key: String, value: JSONValue)] {
    guard kind == .object else { throw wrong("an object") }
    var members: [(key: String, value: JSONValue)] = []
    var child = index + 1
    while child < Int(node.next) {
      let key = String(decoding: unescaped(child), as: UTF8.self)
      members.append(
        (key, JSONValue(document: document, index: child + 1, path: joined(key))))
      child = Int(document.nodes[child + 1].next)
    }
    return members
  }

  func string() throws -> String { String(decoding: try utf8(), as: UTF8.self) }

  /// A string's UTF-8.
  func utf8() throws -> [UInt8] {
    guard isString else { throw wrong("a string") }
    return unescaped(index)
  }

  func bool() throws -> Bool {
    switch kind {
    case .true: return true
    case .false: return false
    default: throw wrong("true or false")
    }
  }

  /// A whole number from 0.
  func count() throws -> Int {
    guard kind == .number, let value = Int(String(decoding: raw(node), as: UTF8.self)), value >= 0
    else { throw wrong("a whole number from 0") }
    return value
  }

  /// The error that this value is not `expected`.
  func wrong(_ expected: String) -> TokenizerError {
    TokenizerError.wrongValue(
      file: document.name, key: path.isEmpty ? "the outermost value" : path, found: summary,
      expected: expected)
  }

  /// The error that this value is not implemented.
  func unsupported(_ supported: String) -> TokenizerError {
    TokenizerError.unsupported(
      file: document.name, key: path, found: summary, supported: supported)
  }

  /// The error that this value contradicts another.
  func inconsistent(_ problem: String) -> TokenizerError {
    TokenizerError.inconsistent(file: document.name, key: path, problem: problem)
  }

  /// The value as errors show it: short values as they stand, large ones by their kind.
  var summary: String {
    switch kind {
    case .array: return "an array"
    case .object: return "an object"
    default:
      let limit = 200
      let text = String(decoding: raw(node).prefix(limit), as: UTF8.self)
      let shown = node.end - node.start > UInt32(limit) ? text + "..." : text
      return isString ? "\"\(shown)\"" : shown
    }
  }

  private func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The bytes of a number or a literal as they stand.
  var source: ArraySlice<UInt8> { raw(node) }

  private func raw(_ node: JSONDocument.Node) -> ArraySlice<UInt8> {
    document.bytes[Int(node.start)..<Int(node.end)]
  }

  private func unescaped(_ index: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    document.appendUTF8(ofString: index, to: &bytes)
    return bytes
  }

  static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}

extension JSONDocument {
  /// Appends the UTF-8 of the string at a node, which the parser has checked.
  func appendUTF8(ofString index: Int, to target: inout [UInt8]) {
    let node = nodes[index]
    let source = bytes[Int(node.start)..<Int(node.end)]
    guard node.kind == .escapedString else {
      target.append(contentsOf: source)
      return
    }
    var position = source.startIndex
    func codeUnit() -> UInt32 {
      var value: UInt32 = 0
      for byte in source[position..<position + 4] {
        value = value << 4 | (JSONValue.hexDigit(byte) ?? 0)
      }
      position += 4
      return value
    }
    while position < source.endIndex {
      let byte = source[position]
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        target.append(byte)
        continue
      }
      let escape = source[position]
      position += 1
      switch escape {
      case UInt8(ascii: "b"): target.append(0x08)
      case UInt8(ascii: "f"): target.append(0x0C)
      case UInt8(ascii: "n"): target.append(0x0A)
      case UInt8(ascii: "r"): target.append(0x0D)
      case UInt8(ascii: "t"): target.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = codeUnit()
        if scalar & 0xFC00 == 0xD800 {
          position += 2
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + codeUnit() & 0x3FF
        }
        UTF8Scalars.append(scalar, to: &target)
      default: target.append(escape)
      }
    }
  }
}
