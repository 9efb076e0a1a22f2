/// Writes values as `json.dumps` does.
struct JSONWriter {
  var ensuresASCII = false
  /// What one level is indented by; nil for one line.
  var indentation: String?
  var itemSeparator = ", "
  var keySeparator = ": "
  var sortsKeys = false
  let meter: Meter

  /// The writer that `tojson`'s arguments ask for, as transformers defines that filter.
  init(_ arguments: Arguments, _ meter: Meter) throws {
    self.meter = meter
    let bound = try arguments.bind(
      "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
    ensuresASCII = bound[0]?.isTrue ?? false
    sortsKeys = bound[3]?.isTrue ?? false
    if let indent = bound[1], !indent.isNone {
      if let text = indent.text {
        indentation = text
      } else {
        let width = try indent.requiredInteger("indent")
        try meter.spend(bytes: 1, times: width)
        indentation = String(repeating: " ", count: max(width, 0))
      }
      itemSeparator = ","
    }
    switch bound[2] {
    case nil, Value.none?: break
    case .list(let items)?, .tuple(let items)?:
      guard items.values.count == 2 else {
        throw Fault.value("separators must be a pair of texts, found \(items.values.count)")
      }
      itemSeparator = try items.values[0].requiredText("separators")
      keySeparator = try items.values[1].requiredText("separators")
    case let other?:
      throw Fault.type("separators must be a pair of texts, not \(other.typeName)")
    }
  }

  func text(of value: Value) throws -> String {
    var text = ""
    try append(value, to: &text, level: 0)
    return text
  }

  private func append(_ value: Value, to text: inout String, level: Int) throws {
    try meter.spend()
    switch value {
    case .none: text += "null"
    case .bool(let truth): text += truth ? "true" : "false"
    case .int(let number): text += "\(number)"
    case .float(let number): text += Self.spelled(number)
    case .string(let string), .markup(let string): try append(quoted: string, to: &text)
    case .list(let items), .tuple(let items):
      try append(items.values.count, "[", "]", to: &text, level: level) { place, text in
        try append(items.values[place], to: &text, level: level + 1)
      }
    case .dictionary(let mapping): try append(mapping, to: &text, level: level)
    case .undefined, .object:
      throw Fault.type("Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private func append(_ mapping: Mapping, to text: inout String, level: Int) throws {
    var places = Array(0..<mapping.count)
    if sortsKeys {
      let order = places.map(Value.int)
      places = try Value.sorted(order, by: mapping.keys, reverse: false, meter).compactMap(
        \.integer)
    }
    try append(places.count, "{", "}", to: &text, level: level) { place, text in
      let key = mapping.keys[places[place]]
      switch key {
      case .string(let name), .markup(let name): try append(quoted: name, to: &text)
      case .none: text += "\"null\""
      case .bool(let truth): text += truth ? "\"true\"" : "\"false\""
      case .int(let number): text += "\"\(number)\""
      case .float(let number): text += "\"\(Self.spelled(number))\""
      default:
        throw Fault.type(
          "keys must be str, int, float, bool or None, not \(key.typeName)")
      }
      text += keySeparator
      try append(mapping.values[places[place]], to: &text, level: level + 1)
    }
  }

  private func append(
    _ count: Int, _ open: String, _ close: String, to text: inout String, level: Int,
    _ appendItem: (Int, inout String) throws -> Void
  ) throws {
    text += open
    for place in 0..<count {
      if place > 0 {
        try meter.spend(bytes: itemSeparator.utf8.count)
        text += itemSeparator
      }
      try appendNewLine(to: &text, level: level + 1)
      try appendItem(place, &text)
    }
    if count > 0 { try appendNewLine(to: &text, level: level) }
    text += close
  }

  private func appendNewLine(to text: inout String, level: Int) throws {
    guard let indentation else { return }
    try meter.spend(bytes: indentation.utf8.count, times: level)
    text += "\n" + String(repeating: indentation, count: level)
  }

  private static func spelled(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    return number.pythonDescription
  }

  private func append(quoted string: String, to text: inout String) throws {
    try meter.spend(bytes: string.utf8.count)
    text += "\""
    defer { text += "\"" }
    guard string.utf8.contains(where: { needsEscape($0) }) else {
      text += string
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case "\u{0}"..."\u{1F}": text += "\\u" + hexadecimalDigits(scalar.value, width: 4)
      case " "..."~": text.unicodeScalars.append(scalar)
      default:
        guard ensuresASCII else {
          text.unicodeScalars.append(scalar)
          continue
        }
        for unit in String(Character(scalar)).utf16 {
          text += "\\u" + hexadecimalDigits(UInt32(unit), width: 4)
        }
      }
    }
  }

  /// Whether a byte of UTF-8 may begin a character that is not written as it is.
  @inline(__always)
  private func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
      || ensuresASCII && byte >= 0x7F
  }
}
