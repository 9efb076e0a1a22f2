/// Python's `text % values`.
struct PercentFormat {
  private let text: String

  init(_ text: String) { self.text = text }

  func filled(with values: Value, _ renderer: Renderer) throws -> String {
    let meter = renderer.meter
    try meter.spend(bytes: text.utf8.count)
    var arguments: [Value]
    var isTuple = false
    if case .tuple(let items) = values {
      arguments = items.values
      isTuple = true
    } else {
      arguments = [values]
    }
    var next = 0
    var usesNames = false
    func take() throws -> Value {
      guard next < arguments.count else {
        throw Fault.type("not enough arguments for format string")
      }
      next += 1
      return arguments[next - 1]
    }
    var result = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      var named: Value?
      if rest.first == "(" {
        named = try Self.member(&rest, of: values, meter)
        usesNames = true
      }
      var format = try Self.specification(&rest, take)
      guard let conversion = rest.popFirst() else { throw Fault.value("incomplete format") }
      if conversion == "%" {
        result += "%"
        continue
      }
      let value = try named ?? take()
      let part = try Self.format(value, conversion, &format, meter)
      try meter.spend(bytes: part.utf8.count)
      result += part
    }
    // What can be indexed may go unused, as Python takes it for a mapping.
    let isIndexed =
      switch values {
      case .dictionary, .list, .undefined: true
      case .object(let object): object.isSequence
      default: false
      }
    guard usesNames || next == arguments.count || !isTuple && isIndexed else {
      throw Fault.type("not all arguments converted during string formatting")
    }
    return result
  }

  private static func member(
    _ rest: inout Substring.UnicodeScalarView, of values: Value, _ meter: Meter
  ) throws -> Value {
    rest.removeFirst()
    guard let end = rest.firstIndex(of: ")") else { throw Fault.value("incomplete format key") }
    let name = String(rest[..<end])
    rest = rest[rest.index(after: end)...]
    guard case .dictionary(let mapping) = values else {
      throw Fault.type("format requires a mapping")
    }
    guard let value = mapping.value(name) else {
      throw Fault.value("KeyError: '\(name)'")
    }
    return value
  }

  private static func specification(
    _ rest: inout Substring.UnicodeScalarView, _ take: () throws -> Value
  ) throws -> NumberFormat {
    var format = NumberFormat()
    while let flag = rest.first, "-+ #0".unicodeScalars.contains(flag) {
      rest.removeFirst()
      switch flag {
      case "-": format.align = "<"
      case "0":
        if format.align == nil {
          format.fill = "0"
          format.align = "="
        }
      case "#": format.isAlternate = true
      default: format.sign = format.sign == "+" ? "+" : flag
      }
    }
    if format.align == "<" { format.fill = " " }
    format.width = try width(&rest, take) ?? 0
    if rest.first == "." {
      rest.removeFirst()
      format.precision = try width(&rest, take) ?? 0
    }
    while let modifier = rest.first, "hlL".unicodeScalars.contains(modifier) {
      rest.removeFirst()
    }
    return format
  }

  private static func width(
    _ rest: inout Substring.UnicodeScalarView, _ take: () throws -> Value
  ) throws -> Int? {
    guard rest.first == "*" else { return try NumberFormat.number(&rest) }
    rest.removeFirst()
    let given = try take().requiredInteger("* wants int")
    var digits = "\(given)".unicodeScalars[...]
    guard given >= 0 else { throw Fault(.unsupported, "a negative width is not supported") }
    return try NumberFormat.number(&digits)
  }

  private static func format(
    _ value: Value, _ conversion: Unicode.Scalar, _ format: inout NumberFormat, _ meter: Meter
  ) throws -> String {
    switch conversion {
    case "s", "r", "a":
      let text = try conversion == "s" ? value.printed(meter) : value.representation(meter)
      if format.align != "<" { format.align = ">" }
      format.fill = " "
      return format.format(text: text)
    case "d", "i", "u":
      guard let number = value.number else {
        throw Fault.type("%d format: a real number is required, not \(value.typeName)")
      }
      guard let whole = value.integer ?? Int(exactly: number.rounded(.towardZero)) else {
        throw Fault(.limit, "the number does not fit into 64 bits")
      }
      format.type = "d"
      return try format.format(whole)
    case "x", "X", "o", "c":
      if conversion == "c", let text = value.text, text.unicodeScalars.count == 1 {
        return format.format(text: text)
      }
      guard let whole = value.integer else {
        throw Fault.type("%\(conversion) format: an integer is required, not \(value.typeName)")
      }
      format.type = conversion
      return try format.format(whole)
    case "e", "E", "f", "F", "g", "G":
      guard let number = value.number else {
        throw Fault.type("must be real number, not \(value.typeName)")
      }
      format.type = conversion
      return try format.format(number)
    default:
      throw Fault.value("unsupported format character '\(conversion)'")
    }
  }
}
