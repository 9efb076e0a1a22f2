/// The functions that every template sees.
enum Globals {
  /// The function of a name.
  static func value(_ name: String) throws -> Object? {
    if name == "dict" { return DictionaryType() }
    guard let function = functions[name] else { return nil }
    return try NativeFunction(name, function)
  }

  private static let functions: [String: @Sendable (Arguments, Renderer) throws -> Value] = [
    "range": { arguments, _ in
      let given = arguments.positional
      guard (1...3).contains(given.count), arguments.keywords.isEmpty else {
        throw Fault.type("range expected 1 to 3 arguments, got \(given.count)")
      }
      let numbers = try given.map { try $0.requiredInteger("range") }
      return .object(
        try RangeObject(
          start: numbers.count > 1 ? numbers[0] : 0,
          stop: numbers.count > 1 ? numbers[1] : numbers[0],
          step: numbers.count > 2 ? numbers[2] : 1))
    },
    "namespace": { arguments, renderer in
      let namespace = renderer.newNamespace()
      let mapping = try DictionaryType.mapping(arguments, "namespace", renderer)
      for (key, value) in zip(mapping.keys, mapping.values) {
        try namespace.set(key.requiredText("attribute names"), value)
      }
      return .object(namespace)
    },
    "cycler": { arguments, _ in .object(try Cycler(arguments.positional)) },
    "joiner": { arguments, _ in
      .object(try Joiner(try arguments.bind("joiner", ["sep"])[0] ?? .string(", ")))
    },
    "raise_exception": { arguments, renderer in
      let message = try arguments.bind("raise_exception", ["message"], required: 1)[0]!
      throw Fault(.raised, try message.printed(renderer.meter))
    },
    "strftime_now": { arguments, renderer in
      let format = try arguments.bind("strftime_now", ["format"], required: 1)[0]!
      return .string(
        try renderer.clock.formatted(format.requiredText("strftime() argument 1")))
    },
    "lipsum": { _, _ in
      throw Fault(.unsupported, "lipsum writes random text, which is not supported")
    },
  ]
}
