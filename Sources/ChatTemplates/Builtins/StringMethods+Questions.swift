extension StringMethods {
  /// Methods that say something about a text.
  static let questions: [String: Method] = [
    "startswith": affix("startswith") { $0.utf8.starts(with: $1.utf8) },
    "endswith": affix("endswith") { $0.utf8.reversed().starts(with: $1.utf8.reversed()) },
    "find": search("find", last: false),
    "rfind": search("rfind", last: true),
    "index": search("index", last: false),
    "rindex": search("rindex", last: true),
    "count": { text, arguments, renderer in
      let wanted = try arguments.bind("count", ["sub"], required: 1)[0]!
        .requiredText("count() argument")
      guard !wanted.isEmpty else { return .int(text.unicodeScalars.count + 1) }
      let places = try TextSearch(for: wanted).places(
        in: Array(text.utf8), limit: .max, renderer.meter)
      return .int(places.count)
    },
    "isalnum": every("isalnum") { $0.isPythonAlphabetic || $0.properties.numericType != nil },
    "isalpha": every("isalpha") { $0.isPythonAlphabetic },
    "isdecimal": every("isdecimal") { $0.properties.numericType == .decimal },
    "isdigit": every("isdigit") {
      $0.properties.numericType == .decimal || $0.properties.numericType == .digit
    },
    "isnumeric": every("isnumeric") { $0.properties.numericType != nil },
    "isspace": every("isspace") { $0.isPythonSpace },
    "isascii": { text, arguments, _ in
      _ = try arguments.bind("isascii", [])
      return .bool(text.utf8.allSatisfy { $0 < 0x80 })
    },
    "isprintable": { text, arguments, _ in
      _ = try arguments.bind("isprintable", [])
      return .bool(text.unicodeScalars.allSatisfy(\.isPythonPrintable))
    },
    "isidentifier": { text, arguments, _ in
      _ = try arguments.bind("isidentifier", [])
      let scalars = text.unicodeScalars
      guard let first = scalars.first, first == "_" || first.properties.isXIDStart else {
        return .bool(false)
      }
      return .bool(scalars.dropFirst().allSatisfy(\.properties.isXIDContinue))
    },
    "islower": { text, arguments, _ in
      _ = try arguments.bind("islower", [])
      return .bool(PythonCase.isLower(text))
    },
    "isupper": { text, arguments, _ in
      _ = try arguments.bind("isupper", [])
      return .bool(PythonCase.isUpper(text))
    },
    "istitle": { text, arguments, _ in
      _ = try arguments.bind("istitle", [])
      return .bool(PythonCase.isTitle(text))
    },
  ]

  private static func every(
    _ name: String, _ fits: @escaping @Sendable (Unicode.Scalar) -> Bool
  ) -> Method {
    { text, arguments, _ in
      _ = try arguments.bind(name, [])
      return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(fits))
    }
  }

  /// The part of a text between two of Python's indices, and how many characters are before it.
  private static func part(
    _ text: String, from start: Value?, to end: Value?
  ) throws -> (text: String, start: Int)? {
    guard start != nil || end != nil else { return (text, 0) }
    let scalars = Array(text.unicodeScalars)
    func clamped(_ value: Value?, _ standard: Int) throws -> Int {
      guard let value, !value.isNone else { return standard }
      let index = try value.requiredInteger("slice indices")
      return min(max(index < 0 ? index + scalars.count : index, 0), scalars.count)
    }
    let first = try clamped(start, 0)
    let last = try clamped(end, scalars.count)
    guard first <= last else { return nil }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[first..<last])
    return (String(view), first)
  }

  private static func affix(
    _ name: String, _ matches: @escaping @Sendable (String, String) -> Bool
  ) -> Method {
    { text, arguments, renderer in
      let bound = try arguments.bind(name, ["affix", "start", "end"], required: 1)
      guard let part = try part(text, from: bound[1], to: bound[2]) else { return .bool(false) }
      let wanted: [Value]
      if case .tuple(let items) = bound[0]! { wanted = items.values } else { wanted = [bound[0]!] }
      for value in wanted {
        try renderer.meter.spend()
        guard let affix = value.text else {
          throw Fault.type(
            "\(name) first arg must be str or a tuple of str, not \(value.typeName)")
        }
        if matches(part.text, affix) { return .bool(true) }
      }
      return .bool(false)
    }
  }

  private static func search(_ name: String, last: Bool) -> Method {
    { text, arguments, renderer in
      let bound = try arguments.bind(name, ["sub", "start", "end"], required: 1)
      let search = TextSearch(for: try bound[0]!.requiredText("must be str; \(name)() argument"))
      if let (part, start) = try part(text, from: bound[1], to: bound[2]) {
        let bytes = Array(part.utf8)
        let place =
          try last
          ? search.last(in: bytes, renderer.meter) : search.first(in: part, renderer.meter)
        if let place { return .int(start + bytes[..<place].count { $0 & 0xC0 != 0x80 }) }
      }
      guard name.hasSuffix("find") else { throw Fault.value("substring not found") }
      return .int(-1)
    }
  }
}

extension Unicode.Scalar {
  /// Python's `str.isalpha` of one character: its category is a letter's.
  var isPythonAlphabetic: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
