/// The methods of Python's `str`.
enum StringMethods {
  typealias Method = @Sendable (String, Arguments, Renderer) throws -> Value

  /// The method of that name, bound to `text`.
  ///
  /// - Throws: a fault for a method that Python has and this language does not.
  static func method(_ name: String, of text: String) throws -> Value? {
    guard let method = methods[name] else {
      guard unsupported.contains(name) else { return nil }
      throw Fault(.unsupported, "the method '\(name)' of str is not supported")
    }
    return .object(
      try NativeFunction(name) { arguments, renderer in
        try renderer.meter.spend(bytes: text.utf8.count)
        return try method(text, arguments, renderer)
      })
  }

  private static let unsupported: Set<String> = ["encode", "maketrans", "translate"]

  private static let methods: [String: Method] = changes.merging(questions) { $1 }
    .merging(parts) { $1 }

  // MARK: Changes

  private static let changes: [String: Method] = [
    "upper": plain("upper") { .string(PythonCase.upper($0)) },
    "lower": plain("lower") { .string(PythonCase.lower($0)) },
    "casefold": plain("casefold") { .string(PythonCase.folded($0)) },
    "capitalize": plain("capitalize") { .string(PythonCase.capitalized($0)) },
    "title": plain("title") { .string(PythonCase.title($0)) },
    "swapcase": plain("swapcase") { .string(PythonCase.swapped($0)) },
    "strip": strip("strip", left: true, right: true),
    "lstrip": strip("lstrip", left: true, right: false),
    "rstrip": strip("rstrip", left: false, right: true),
    "replace": { text, arguments, renderer in
      let bound = try arguments.bind("replace", ["old", "new", "count"], required: 2)
      let search = TextSearch(for: try bound[0]!.requiredText("replace() argument 1"))
      return .string(
        try search.replacing(
          in: text, with: bound[1]!.requiredText("replace() argument 2"),
          count: bound[2]?.requiredInteger("count") ?? -1, renderer.meter))
    },
    "removeprefix": { text, arguments, _ in
      let prefix = try arguments.bind("removeprefix", ["prefix"], required: 1)[0]!
        .requiredText("removeprefix() argument")
      let bytes = text.utf8
      guard bytes.starts(with: prefix.utf8) else { return .string(text) }
      return .string(String(decoding: bytes.dropFirst(prefix.utf8.count), as: UTF8.self))
    },
    "removesuffix": { text, arguments, _ in
      let suffix = try arguments.bind("removesuffix", ["suffix"], required: 1)[0]!
        .requiredText("removesuffix() argument")
      let bytes = text.utf8
      guard bytes.reversed().starts(with: suffix.utf8.reversed()) else { return .string(text) }
      return .string(String(decoding: bytes.dropLast(suffix.utf8.count), as: UTF8.self))
    },
    "center": pad("center") { space in
      // Python puts the odd blank to the left where the width is odd.
      { width in space / 2 + (space & width & 1) }
    },
    "ljust": pad("ljust") { _ in { _ in 0 } },
    "rjust": pad("rjust") { space in { _ in space } },
    "zfill": { text, arguments, renderer in
      let width = try arguments.bind("zfill", ["width"], required: 1)[0]!
        .requiredInteger("width")
      let missing = max(0, width - text.unicodeScalars.count)
      try renderer.meter.spend(bytes: 1, times: missing)
      let zeros = String(repeating: "0", count: missing)
      guard let sign = text.unicodeScalars.first, sign == "-" || sign == "+" else {
        return .string(zeros + text)
      }
      return .string(String(Character(sign)) + zeros + String(text.unicodeScalars.dropFirst()))
    },
    "join": { text, arguments, renderer in
      let values = try arguments.bind("join", ["iterable"], required: 1)[0]!.elements(renderer)
      let parts = try values.enumerated().map { index, value in
        guard let part = value.text else {
          throw Fault.type(
            "sequence item \(index): expected str instance, \(value.typeName) found")
        }
        return part
      }
      return .string(try joined(parts, with: text, renderer.meter))
    },
    "format": { text, arguments, renderer in
      .string(try BraceFormat(text).filled(with: arguments, renderer))
    },
    "format_map": { text, arguments, renderer in
      guard case .dictionary(let mapping)? = arguments.positional.first else {
        throw Fault.type("format_map() takes a mapping")
      }
      var named = Arguments()
      for (key, value) in zip(mapping.keys, mapping.values) {
        if let name = key.text { named.keywords.append((name, value)) }
      }
      return .string(try BraceFormat(text).filled(with: named, renderer))
    },
    "expandtabs": { text, arguments, renderer in
      let size =
        try arguments.bind("expandtabs", ["tabsize"])[0]?.requiredInteger("tabsize") ?? 8
      return .string(try expandingTabs(in: text, to: size, renderer.meter))
    },
  ]

  /// Texts with another between them.
  static func joined(_ parts: [String], with separator: String, _ meter: Meter) throws -> String {
    var bytes = 0
    for part in parts { bytes += part.utf8.count }
    try meter.spend(bytes: bytes)
    try meter.spend(bytes: separator.utf8.count, times: max(0, parts.count - 1))
    return parts.joined(separator: separator)
  }

  private static func plain(
    _ name: String, _ body: @escaping @Sendable (String) -> Value
  ) -> Method {
    { text, arguments, _ in
      _ = try arguments.bind(name, [])
      return body(text)
    }
  }

  private static func strip(_ name: String, left: Bool, right: Bool) -> Method {
    { text, arguments, renderer in
      let characters = try arguments.bind(name, ["chars"])[0]
      return .string(
        try stripped(text, of: characters ?? .none, left: left, right: right, renderer.meter))
    }
  }

  /// Text without white space, or without the characters of a text, at its ends.
  static func stripped(
    _ text: String, of characters: Value, left: Bool, right: Bool, _ meter: Meter
  ) throws -> String {
    if characters.isNone { return text.stripped(left: left, right: right) }
    guard let wanted = characters.text else {
      throw Fault.type("strip arg must be None or str, not \(characters.typeName)")
    }
    try meter.spend(bytes: wanted.utf8.count)
    let set = Set(wanted.unicodeScalars)
    return text.stripped(left: left, right: right, set.contains)
  }

  /// - Parameter before: How many of the missing characters go before the text, given their number
  ///   and the width.
  private static func pad(
    _ name: String, _ before: @escaping @Sendable (Int) -> (Int) -> Int
  ) -> Method {
    { text, arguments, renderer in
      let bound = try arguments.bind(name, ["width", "fillchar"], required: 1)
      let width = try bound[0]!.requiredInteger("width")
      let fill = try bound[1]?.requiredText("the fill character") ?? " "
      guard fill.unicodeScalars.count == 1 else {
        throw Fault.type("The fill character must be exactly one character long")
      }
      let space = max(0, width - text.unicodeScalars.count)
      try renderer.meter.spend(bytes: fill.utf8.count, times: space)
      let left = before(space)(width)
      return .string(
        String(repeating: fill, count: left) + text
          + String(repeating: fill, count: space - left))
    }
  }

  private static func expandingTabs(
    in text: String, to size: Int, _ meter: Meter
  ) throws -> String {
    var expanded = String.UnicodeScalarView()
    var column = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t":
        let blanks = size > 0 ? size - column % size : 0
        try meter.spend(bytes: 1, times: blanks)
        expanded.append(contentsOf: repeatElement(" ", count: blanks))
        column += blanks
      case "\n", "\r":
        expanded.append(scalar)
        column = 0
      default:
        expanded.append(scalar)
        column += 1
      }
    }
    return String(expanded)
  }
}
