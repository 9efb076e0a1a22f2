extension Filters {
  static let choiceFilters: [String: Function] = [
    "default": standard, "d": standard,
    "attr": { value, arguments, renderer in
      let name = try arguments.bind("attr", ["name"], required: 1)[0]!.requiredText("name")
      // Unlike a dot, this filter does not look for keys.
      if case .dictionary(let mapping) = value {
        return try ContainerMethods.method(name, of: mapping)
          ?? Undefined.member(.string(name), of: value)
      }
      return try renderer.attribute(name, of: value)
    },
    "map": { value, arguments, renderer in
      // What is wrong with the arguments is found out when the first value is asked for.
      var change: ((Value) throws -> Value)?
      return try generator(value, renderer) { [unowned renderer] item in
        let known = try change ?? mapping(arguments, renderer)
        change = known
        return try known(item)
      }
    },
    "select": choosing(byAttribute: false, keeps: true),
    "reject": choosing(byAttribute: false, keeps: false),
    "selectattr": choosing(byAttribute: true, keeps: true),
    "rejectattr": choosing(byAttribute: true, keeps: false),
    "unique": { value, arguments, renderer in
      let bound = try arguments.bind("unique", ["case_sensitive", "attribute"])
      let isCaseSensitive = bound[0]?.isTrue ?? false
      let getter = AttributeGetter(bound[1])
      var seen = Mapping.Builder(renderer.meter)
      return try generator(value, renderer, skipsFalse: false) { item in
        let key = try getter.value(of: item, renderer)
        let before = seen.keys.count
        try seen.set(isCaseSensitive ? key : ignoringCase(key, renderer.meter), .none)
        return seen.keys.count > before ? item : nil
      }
    },
    "min": { try extreme($0, $1, $2, "min") { try $0.isLess(than: $1, $2) } },
    "max": { try extreme($0, $1, $2, "max") { try $1.isLess(than: $0, $2) } },
  ]

  private static let standard: Function = { value, arguments, _ in
    let bound = try arguments.bind("default", ["default_value", "boolean"])
    let replaces = value.isUndefined || (bound[1]?.isTrue ?? false) && !value.isTrue
    return replaces ? bound[0] ?? .string("") : value
  }

  /// The values that `change` makes of `value`'s, without those for which it gives nil.
  ///
  /// - Parameter skipsFalse: Whether a value that is not true is taken for an empty one, also one that
  ///   cannot be iterated over.
  private static func generator(
    _ value: Value, _ renderer: Renderer, skipsFalse: Bool = true,
    _ change: @escaping (Value) throws -> Value?
  ) throws -> Value {
    if skipsFalse, !value.isTrue {
      return .object(try Generator(from: value, Cursor([], renderer.meter)))
    }
    // What cannot be iterated over is found out when the first value is asked for.
    var source: Cursor?
    let cursor = Cursor(renderer.meter) { [unowned renderer] in
      try renderer.meter.enter()
      defer { renderer.meter.leave() }
      let values = try source ?? value.requiredCursor(renderer)
      source = values
      while let item = try values.next() {
        if let changed = try change(item) { return changed }
      }
      return nil
    }
    return .object(try Generator(from: value, cursor))
  }

  private static func mapping(
    _ arguments: Arguments, _ renderer: Renderer
  ) throws -> (Value) throws -> Value {
    if arguments.positional.isEmpty, let attribute = arguments.keyword("attribute") {
      if let other = arguments.keywords.first(where: {
        $0.name != "attribute" && $0.name != "default"
      }) {
        throw Fault.value("Unexpected keyword argument '\(other.name)'")
      }
      let getter = AttributeGetter(attribute, standard: arguments.keyword("default"))
      return { [unowned renderer] in try getter.value(of: $0, renderer) }
    }
    guard let name = arguments.positional.first else {
      throw Fault.value("map requires a filter argument")
    }
    let text = try name.requiredText("a filter's name")
    guard let filter = named(text) else { throw unknown(text) }
    var rest = arguments
    rest.positional.removeFirst()
    return { [unowned renderer, rest] in try filter($0, rest, renderer) }
  }

  /// `select` and its relatives: values for which a test holds, or does not.
  private static func choosing(byAttribute: Bool, keeps: Bool) -> Function {
    { value, arguments, renderer in
      var choice: ((Value) throws -> Bool)?
      return try generator(value, renderer) { [unowned renderer] item in
        let known = try choice ?? self.choice(arguments, byAttribute: byAttribute, renderer)
        choice = known
        return try known(item) == keeps ? item : nil
      }
    }
  }

  private static func choice(
    _ arguments: Arguments, byAttribute: Bool, _ renderer: Renderer
  ) throws -> (Value) throws -> Bool {
    var rest = arguments
    var getter = AttributeGetter(nil)
    if byAttribute {
      guard !rest.positional.isEmpty else {
        throw Fault.value("Missing parameter for attribute name")
      }
      getter = AttributeGetter(rest.positional.removeFirst())
    }
    var test: Tests.Function = { value, _, _ in value.isTrue }
    if !rest.positional.isEmpty {
      let name = try rest.positional.removeFirst().requiredText("a test's name")
      guard let found = Tests.named(name) else { throw Tests.unknown(name) }
      test = found
    }
    return { [unowned renderer, rest, getter, test] item in
      try test(getter.value(of: item, renderer), rest, renderer)
    }
  }

  private static func extreme(
    _ value: Value, _ arguments: Arguments, _ renderer: Renderer, _ name: String,
    isBetter: (Value, Value, Meter) throws -> Bool
  ) throws -> Value {
    let bound = try arguments.bind(name, ["case_sensitive", "attribute"])
    let isCaseSensitive = bound[0]?.isTrue ?? false
    let getter = AttributeGetter(bound[1])
    var best: (item: Value, key: Value)?
    let cursor = try value.requiredCursor(renderer)
    while let item = try cursor.next() {
      let part = try getter.value(of: item, renderer)
      let key = isCaseSensitive ? part : try ignoringCase(part, renderer.meter)
      if let current = best, try !isBetter(key, current.key, renderer.meter) { continue }
      best = (item, key)
    }
    return best?.item ?? Undefined.hint("No aggregated item, sequence was empty.")
  }
}
