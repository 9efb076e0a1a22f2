extension Filters {
  static let textFilters: [String: Function] = [
    "upper": plain("upper") { PythonCase.upper($0) },
    "lower": plain("lower") { PythonCase.lower($0) },
    "capitalize": plain("capitalize") { PythonCase.capitalized($0) },
    "title": plain("title", titled),
    "string": { value, arguments, renderer in
      _ = try arguments.bind("string", [])
      if case .markup = value { return value }
      return .string(try value.printed(renderer.meter))
    },
    "trim": { value, arguments, renderer in
      let characters = try arguments.bind("trim", ["chars"])[0] ?? .none
      let text = try value.printed(renderer.meter)
      try renderer.meter.spend(bytes: text.utf8.count)
      return .string(
        try StringMethods.stripped(
          text, of: characters, left: true, right: true, renderer.meter))
    },
    "replace": { value, arguments, renderer in
      let bound = try arguments.bind("replace", ["old", "new", "count"], required: 2)
      let meter = renderer.meter
      let count = try bound[2].flatMap { $0.isNone ? nil : try $0.requiredInteger("count") }
      return .string(
        try TextSearch(for: bound[0]!.printed(meter)).replacing(
          in: value.printed(meter), with: bound[1]!.printed(meter), count: count ?? -1, meter))
    },
    "center": { value, arguments, renderer in
      let width = try arguments.bind("center", ["width"])[0] ?? .int(80)
      let text = Value.string(try value.printed(renderer.meter))
      let method = try renderer.attribute("center", of: text)
      return try renderer.call(
        method, Arguments(positional: [width]), at: renderer.offset)
    },
    "format": { value, arguments, renderer in
      guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
        throw Fault.value("can't handle positional and keyword arguments at the same time")
      }
      let format = PercentFormat(try value.printed(renderer.meter))
      guard arguments.keywords.isEmpty else {
        var builder = Mapping.Builder(renderer.meter)
        for (name, value) in arguments.keywords { try builder.set(.string(name), value) }
        return .string(try format.filled(with: .dictionary(builder.mapping()), renderer))
      }
      return .string(try format.filled(with: .tuple(of: arguments.positional), renderer))
    },
    "indent": indent,
    "truncate": truncate,
    "wordcount": { value, arguments, renderer in
      _ = try arguments.bind("wordcount", [])
      var words = 0
      var isInWord = false
      let text = try value.printed(renderer.meter)
      try renderer.meter.spend(bytes: text.utf8.count)
      for scalar in text.unicodeScalars {
        let belongs =
          scalar == "_" || scalar.isPythonAlphabetic || scalar.properties.numericType != nil
        if belongs, !isInWord { words += 1 }
        isInWord = belongs
      }
      return .int(words)
    },
    "safe": { value, arguments, renderer in
      _ = try arguments.bind("safe", [])
      return .markup(try value.printed(renderer.meter))
    },
    "escape": escape, "e": escape,
    "forceescape": { value, arguments, renderer in
      _ = try arguments.bind("forceescape", [])
      let text = try value.printed(renderer.meter)
      try renderer.meter.spend(bytes: text.utf8.count)
      return .markup(htmlEscaped(text))
    },
    "urlencode": urlEncode,
    "xmlattr": attributes,
    "tojson": { value, arguments, renderer in
      .string(try JSONWriter(arguments, renderer.meter).text(of: value))
    },
  ]

  private static func plain(
    _ name: String, _ change: @escaping @Sendable (String) -> String
  ) -> Function {
    { value, arguments, renderer in
      _ = try arguments.bind(name, [])
      let text = try value.printed(renderer.meter)
      try renderer.meter.spend(bytes: text.utf8.count)
      return .string(change(text))
    }
  }

  /// Words as Jinja2's filter sees them: they begin after blanks, hyphens and opening brackets.
  private static func titled(_ text: String) -> String {
    var result = ""
    var word = String.UnicodeScalarView()
    func finishWord() {
      guard let first = word.first else { return }
      result += first.properties.uppercaseMapping + PythonCase.lower(String(word.dropFirst()))
      word = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
        finishWord()
        result.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    finishWord()
    return result
  }

  private static let escape: Function = { value, arguments, renderer in
    _ = try arguments.bind("escape", [])
    if case .markup = value { return value }
    let text = try value.printed(renderer.meter)
    try renderer.meter.spend(bytes: text.utf8.count)
    return .markup(htmlEscaped(text))
  }

  private static let indent: Function = { value, arguments, renderer in
    let bound = try arguments.bind("indent", ["width", "first", "blank"])
    let meter = renderer.meter
    let width = bound[0] ?? .int(4)
    let text = try value.requiredText("the text to indent")
    let count = try width.text == nil ? width.requiredInteger("width") : 0
    try meter.spend(bytes: 1, times: count)
    let indentation = width.text ?? String(repeating: " ", count: max(count, 0))
    let lines = StringMethods.lines(of: text + "\n", keepingEnds: false)
    try meter.spend(bytes: text.utf8.count)
    try meter.spend(bytes: indentation.utf8.count + 1, times: lines.count)
    let indentsBlank = bound[2]?.isTrue ?? false
    var result = bound[1]?.isTrue ?? false ? indentation : ""
    for (place, line) in lines.enumerated() {
      if place > 0 { result += "\n" }
      if place > 0, indentsBlank || !line.isEmpty { result += indentation }
      result += line
    }
    return .string(result)
  }

  private static let truncate: Function = { value, arguments, renderer in
    let bound = try arguments.bind("truncate", ["length", "killwords", "end", "leeway"])
    let length = try bound[0]?.requiredInteger("length") ?? 255
    let end = try bound[2]?.requiredText("end") ?? "..."
    // Jinja2's policy `truncate.leeway`.
    let leeway = try bound[3].flatMap { $0.isNone ? nil : try $0.requiredInteger("leeway") } ?? 5
    let endCount = end.unicodeScalars.count
    guard length >= endCount else {
      throw Fault.value("expected length >= \(endCount), got \(length)")
    }
    guard leeway >= 0 else { throw Fault.value("expected leeway >= 0, got \(leeway)") }
    // Short lists pass, as in Jinja2, which looks at the length first.
    guard let count = value.length else {
      throw Fault.type("object of type '\(value.typeName)' has no len()")
    }
    guard count - leeway > length else { return value }
    let text = try value.requiredText("the text to truncate")
    try renderer.meter.spend(bytes: text.utf8.count)
    let scalars = text.unicodeScalars
    var kept = scalars.prefix(length - endCount)
    if !(bound[1]?.isTrue ?? false), let blank = kept.lastIndex(of: " ") {
      kept = kept[..<blank]
    }
    return .string(String(kept) + end)
  }

  /// Python's `urllib.parse.quote` in UTF-8.
  private static func quoted(_ text: String, inQuery: Bool) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "/") where !inQuery: result += "/"
      case UInt8(ascii: " ") where inQuery: result += "+"
      default:
        result += "%" + hexadecimalDigits(UInt32(byte), width: 2).uppercased()
      }
    }
    return result
  }

  private static let urlEncode: Function = { value, arguments, renderer in
    _ = try arguments.bind("urlencode", [])
    let meter = renderer.meter
    func part(_ value: Value, inQuery: Bool) throws -> String {
      let text = try value.printed(meter)
      try meter.spend(bytes: text.utf8.count)
      return quoted(text, inQuery: inQuery)
    }
    let pairs: [Value]
    if case .dictionary(let mapping) = value {
      pairs = try mapping.pairs()
    } else if value.text == nil, let cursor = try value.cursor(renderer) {
      pairs = try cursor.rest()
    } else {
      return .string(try part(value, inQuery: false))
    }
    let parts = try pairs.map { pair in
      let both = try pair.elements(renderer)
      guard both.count == 2 else { throw Fault.value("urlencode takes pairs") }
      return try "\(part(both[0], inQuery: true))=\(part(both[1], inQuery: true))"
    }
    return .string(parts.joined(separator: "&"))
  }

  private static let attributes: Function = { value, arguments, renderer in
    let addsBlank = try arguments.bind("xmlattr", ["autospace"])[0]?.isTrue ?? true
    guard case .dictionary(let mapping) = value else {
      throw Fault.type("xmlattr takes a mapping, not \(value.typeName)")
    }
    var parts: [String] = []
    for (key, value) in zip(mapping.keys, mapping.values) where !value.isNone && !value.isUndefined
    {
      let name = try key.requiredText("attribute names")
      let text = try value.printed(renderer.meter)
      try renderer.meter.spend(bytes: name.utf8.count + text.utf8.count)
      guard
        !name.unicodeScalars.contains(where: { " \t\n\r\u{B}\u{C}/>=".unicodeScalars.contains($0) })
      else { throw Fault.value("Invalid character in attribute name: '\(name)'") }
      let shown: String
      if case .markup = value { shown = text } else { shown = htmlEscaped(text) }
      parts.append("\(htmlEscaped(name))=\"\(shown)\"")
    }
    let joined = parts.joined(separator: " ")
    return .string(addsBlank && !joined.isEmpty ? " " + joined : joined)
  }
}
