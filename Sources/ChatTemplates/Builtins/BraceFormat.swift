/// Python's `text.format(...)`, with attributes and items as the sandbox lets them through.
struct BraceFormat {
  private let text: String

  init(_ text: String) { self.text = text }

  func filled(with arguments: Arguments, _ renderer: Renderer) throws -> String {
    var automatic = 0
    return try filled(text, arguments, &automatic, renderer, isNested: false)
  }

  private func filled(
    _ text: String, _ arguments: Arguments, _ automatic: inout Int, _ renderer: Renderer,
    isNested: Bool
  ) throws -> String {
    try renderer.meter.spend(bytes: text.utf8.count)
    var result = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        rest.removeFirst()
        result.unicodeScalars.append(scalar)
      case "}": throw Fault.value("Single '}' encountered in format string")
      case "{":
        guard !isNested else { throw Fault.value("Max string recursion exceeded") }
        let field = try Self.field(&rest)
        let part = try format(field, arguments, &automatic, renderer)
        try renderer.meter.spend(bytes: part.utf8.count)
        result += part
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private struct Field {
    var name = ""
    var conversion: Unicode.Scalar?
    var specification = ""
  }

  /// What stands up to the closing brace, which is consumed.
  private static func field(_ rest: inout Substring.UnicodeScalarView) throws -> Field {
    var field = Field()
    var name = String.UnicodeScalarView()
    var brackets = false
    while let next = rest.first, brackets || !":!}".unicodeScalars.contains(next) {
      if next == "[" { brackets = true }
      if next == "]" { brackets = false }
      guard next != "{" else { throw Fault.value("unexpected '{' in field name") }
      name.append(rest.removeFirst())
    }
    field.name = String(name)
    if rest.first == "!" {
      rest.removeFirst()
      field.conversion = rest.popFirst()
    }
    if rest.first == ":" {
      rest.removeFirst()
      var open = 1
      var specification = String.UnicodeScalarView()
      while let next = rest.first {
        if next == "{" { open += 1 }
        if next == "}" { open -= 1 }
        if open == 0 { break }
        specification.append(rest.removeFirst())
      }
      field.specification = String(specification)
    }
    guard rest.popFirst() == "}" else {
      throw Fault.value("expected '}' before end of string")
    }
    return field
  }

  private func format(
    _ field: Field, _ arguments: Arguments, _ automatic: inout Int, _ renderer: Renderer
  ) throws -> String {
    var value = try self.value(field.name, arguments, &automatic, renderer)
    switch field.conversion {
    case nil: break
    case "s": value = .string(try value.printed(renderer.meter))
    case "r", "a": value = .string(try value.representation(renderer.meter))
    case let letter?: throw Fault.value("Unknown conversion specifier \(letter)")
    }
    var specification = field.specification
    if specification.contains("{") {
      var nested = automatic
      specification = try filledSpecification(specification, arguments, &nested, renderer)
      automatic = nested
    }
    guard !specification.isEmpty else { return try value.printed(renderer.meter) }
    return try NumberFormat(parsing: specification).format(value, renderer.meter)
  }

  private func filledSpecification(
    _ text: String, _ arguments: Arguments, _ automatic: inout Int, _ renderer: Renderer
  ) throws -> String {
    var result = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "{" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let field = try Self.field(&rest)
      result += try value(field.name, arguments, &automatic, renderer).printed(renderer.meter)
    }
    return result
  }

  /// The argument that a field names, and what is in it by dots and brackets.
  private func value(
    _ name: String, _ arguments: Arguments, _ automatic: inout Int, _ renderer: Renderer
  ) throws -> Value {
    var rest = name.unicodeScalars[...]
    func word(until stops: String) -> String {
      let end = rest.firstIndex { stops.unicodeScalars.contains($0) } ?? rest.endIndex
      defer { rest = rest[end...] }
      return String(rest[..<end])
    }
    let first = word(until: ".[")
    var value: Value
    if first.isEmpty || Int(first) != nil {
      let place = Int(first) ?? automatic
      if first.isEmpty { automatic += 1 }
      guard arguments.positional.indices.contains(place) else {
        throw Fault.value("Replacement index \(place) out of range for positional args tuple")
      }
      value = arguments.positional[place]
    } else {
      guard let named = arguments.keyword(first) else { throw Fault.value("KeyError: '\(first)'") }
      value = named
    }
    while let mark = rest.popFirst() {
      if mark == "." {
        value = try renderer.attribute(word(until: ".["), of: value)
      } else {
        let key = word(until: "]")
        guard rest.popFirst() == "]" else {
          throw Fault.value("Missing ']' in format string")
        }
        value = try renderer.item(Int(key).map(Value.int) ?? .string(key), of: value)
      }
    }
    return value
  }
}
