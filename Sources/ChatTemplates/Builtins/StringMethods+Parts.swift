extension StringMethods {
  /// Methods that take a text apart.
  static let parts: [String: Method] = [
    "split": { text, arguments, renderer in
      try split("split", text, arguments, fromRight: false, renderer.meter)
    },
    "rsplit": { text, arguments, renderer in
      try split("rsplit", text, arguments, fromRight: true, renderer.meter)
    },
    "splitlines": { text, arguments, renderer in
      let keeps = try arguments.bind("splitlines", ["keepends"])[0]?.isTrue ?? false
      let lines = lines(of: text, keepingEnds: keeps)
      try renderer.meter.spend(lines.count)
      return try .list(of: lines.map(Value.string))
    },
    "partition": { text, arguments, renderer in
      try partition("partition", text, arguments, fromRight: false, renderer.meter)
    },
    "rpartition": { text, arguments, renderer in
      try partition("rpartition", text, arguments, fromRight: true, renderer.meter)
    },
  ]

  private static func split(
    _ name: String, _ text: String, _ arguments: Arguments, fromRight: Bool, _ meter: Meter
  ) throws -> Value {
    let bound = try arguments.bind(name, ["sep", "maxsplit"])
    let given = try bound[1]?.requiredInteger("maxsplit") ?? -1
    let limit = given < 0 ? Int.max : given
    let parts: [String]
    if let separator = bound[0], !separator.isNone {
      let wanted = try separator.requiredText("must be str or None; the separator")
      guard !wanted.isEmpty else { throw Fault.value("empty separator") }
      parts = try split(text, at: wanted, limit: limit, fromRight: fromRight, meter)
    } else {
      parts =
        fromRight ? wordsFromRight(of: text, limit: limit) : words(of: text, limit: limit)
    }
    try meter.spend(parts.count)
    return try .list(of: parts.map(Value.string))
  }

  /// The parts of a text between occurrences of a separator that is not empty.
  private static func split(
    _ text: String, at separator: String, limit: Int, fromRight: Bool, _ meter: Meter
  ) throws -> [String] {
    let bytes = Array(text.utf8)
    let count = separator.utf8.count
    var places: [Int]
    if fromRight, limit < Int.max {
      // From the right other occurrences count where they overlap.
      places = []
      var end = bytes.count
      let search = TextSearch(for: separator)
      while places.count < limit, let place = try search.last(in: Array(bytes[..<end]), meter) {
        places.insert(place, at: 0)
        end = place
      }
    } else {
      places = try TextSearch(for: separator).places(in: bytes, limit: limit, meter)
    }
    var parts: [String] = []
    var start = 0
    for place in places {
      parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
      start = place + count
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }

  /// The words between white space; what is left after `limit` cuts is the last.
  private static func words(of text: String, limit: Int) -> [String] {
    var parts: [String] = []
    var rest = text.unicodeScalars.drop(while: \.isPythonSpace)
    while !rest.isEmpty {
      guard parts.count < limit else {
        // Python keeps white space at the end of an uncut rest.
        parts.append(String(rest))
        return parts
      }
      let end = rest.firstIndex(where: \.isPythonSpace) ?? rest.endIndex
      parts.append(String(rest[..<end]))
      rest = rest[end...].drop(while: \.isPythonSpace)
    }
    return parts
  }

  private static func wordsFromRight(of text: String, limit: Int) -> [String] {
    var parts: [String] = []
    var rest = text.unicodeScalars[...]
    func trim() {
      while let scalar = rest.last, scalar.isPythonSpace { rest.removeLast() }
    }
    trim()
    while !rest.isEmpty {
      guard parts.count < limit else {
        parts.append(String(rest))
        break
      }
      let start = rest.lastIndex(where: \.isPythonSpace).map { rest.index(after: $0) }
      parts.append(String(rest[(start ?? rest.startIndex)...]))
      rest = rest[..<(start ?? rest.startIndex)]
      trim()
    }
    return parts.reversed()
  }

  /// Python's `str.splitlines`.
  static func lines(of text: String, keepingEnds: Bool) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}",
        "\u{2029}":
        if keepingEnds { line.append(scalar) }
        if scalar == "\r", rest.first == "\n" {
          rest.removeFirst()
          if keepingEnds { line.append("\n") }
        }
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  private static func partition(
    _ name: String, _ text: String, _ arguments: Arguments, fromRight: Bool, _ meter: Meter
  ) throws -> Value {
    let separator = try arguments.bind(name, ["sep"], required: 1)[0]!
      .requiredText("must be str; the separator")
    guard !separator.isEmpty else { throw Fault.value("empty separator") }
    let bytes = Array(text.utf8)
    let search = TextSearch(for: separator)
    let place = try fromRight ? search.last(in: bytes, meter) : search.first(in: text, meter)
    guard let place else {
      return try .tuple(of: (fromRight ? ["", "", text] : [text, "", ""]).map(Value.string))
    }
    let before = String(decoding: bytes[..<place], as: UTF8.self)
    let after = String(decoding: bytes[(place + separator.utf8.count)...], as: UTF8.self)
    return try .tuple(of: [before, separator, after].map(Value.string))
  }
}
