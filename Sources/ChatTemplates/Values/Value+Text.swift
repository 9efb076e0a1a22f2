extension Value {
  /// The value as `{{ }}` prints it: Python's `str`.
  func printed(_ meter: Meter) throws -> String {
    switch self {
    case .undefined: return ""
    case .string(let text), .markup(let text): return text
    default:
      var text = ""
      try appendRepresentation(to: &text, meter)
      return text
    }
  }

  /// Python's `repr`.
  func representation(_ meter: Meter) throws -> String {
    var text = ""
    try appendRepresentation(to: &text, meter)
    return text
  }

  private func appendRepresentation(to text: inout String, _ meter: Meter) throws {
    try meter.spend()
    switch self {
    case .undefined: text += "Undefined"
    case .none: text += "None"
    case .bool(let value): text += value ? "True" : "False"
    case .int(let value): text += "\(value)"
    case .float(let value): text += value.pythonDescription
    case .string(let string):
      try meter.spend(bytes: string.utf8.count)
      text += string.pythonRepresentation
    case .markup(let string):
      try meter.spend(bytes: string.utf8.count)
      text += "Markup(\(string.pythonRepresentation))"
    case .list(let items):
      text += "["
      try Self.append(items.values, to: &text, meter)
      text += "]"
    case .tuple(let items):
      text += "("
      try Self.append(items.values, to: &text, meter)
      text += items.values.count == 1 ? ",)" : ")"
    case .dictionary(let mapping):
      text += "{"
      for (index, (key, value)) in zip(mapping.keys, mapping.values).enumerated() {
        if index > 0 { text += ", " }
        try key.appendRepresentation(to: &text, meter)
        text += ": "
        try value.appendRepresentation(to: &text, meter)
      }
      text += "}"
    case .object(let object): text += try object.representation(meter)
    }
  }

  private static func append(_ values: [Value], to text: inout String, _ meter: Meter) throws {
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      try value.appendRepresentation(to: &text, meter)
    }
  }
}

extension Double {
  /// Python's `repr`: the shortest digits that give the number again, with an exponent from 1e16 on
  /// and below 1e-4.
  var pythonDescription: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    let shortest = description
    // Swift writes whole numbers up to 2^54 without an exponent, Python only those below 1e16.
    guard magnitude >= 1e16, !shortest.contains("e") else { return shortest }
    let sign = self < 0 ? "-" : ""
    let digits = shortest.drop { $0 == "-" }.prefix { $0 != "." }
    var significant = Substring(digits)
    while significant.count > 1, significant.last == "0" { significant.removeLast() }
    let fraction = significant.dropFirst()
    return "\(sign)\(significant.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")"
      + "e+\(digits.count - 1)"
  }
}

extension String {
  /// Python's `repr` of a string.
  var pythonRepresentation: String {
    let quote: Unicode.Scalar = utf8.contains(0x27) && !utf8.contains(0x22) ? "\"" : "'"
    var text = String.UnicodeScalarView()
    text.append(quote)
    for scalar in unicodeScalars {
      switch scalar {
      case quote, "\\":
        text.append("\\")
        text.append(scalar)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      case "\r": text.append(contentsOf: "\\r".unicodeScalars)
      case "\t": text.append(contentsOf: "\\t".unicodeScalars)
      case " "..."~": text.append(scalar)
      default:
        if scalar.isPythonPrintable {
          text.append(scalar)
        } else {
          let value = scalar.value
          let (letter, width) =
            value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
          text.append(
            contentsOf: "\\\(letter)\(hexadecimalDigits(value, width: width))".unicodeScalars)
        }
      }
    }
    text.append(quote)
    return String(text)
  }
}

extension Unicode.Scalar {
  /// Python's `str.isprintable` of one character.
  var isPythonPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: self == " "
    default: true
    }
  }
}
