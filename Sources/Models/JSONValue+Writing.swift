extension JSONValue {
  /// The value as transformers writes its configuration files: two spaces of indentation and a line
  /// feed at the end.
  var prettyPrinted: String {
    var text = ""
    write(to: &text, indentation: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indentation: Int) {
    func newLine(_ level: Int) {
      text += "\n" + String(repeating: "  ", count: level)
    }
    switch self {
    case .null: text += "null"
    case .bool(let value): text += "\(value)"
    case .number(let number): text += number
    case .string(let string): text += Self.quoted(string)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        newLine(indentation + 1)
        element.write(to: &text, indentation: indentation + 1)
      }
      if !elements.isEmpty { newLine(indentation) }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        newLine(indentation + 1)
        text += Self.quoted(member.key) + ": "
        member.value.write(to: &text, indentation: indentation + 1)
      }
      if !members.isEmpty { newLine(indentation) }
      text += "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
