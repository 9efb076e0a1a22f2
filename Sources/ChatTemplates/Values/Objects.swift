/// What a filter such as `map` gives: values that are made when they are asked for, once.
final class Generator: Object {
  private let source: Cursor
  private let name: String
  override var typeName: String { name }
  override var depth: Int { sourceDepth }
  private let sourceDepth: Int

  /// - Parameter source: The value that the generator draws from, for the depth.
  init(_ name: String = "generator", from source: Value, _ cursor: Cursor) throws {
    self.name = name
    self.source = cursor
    sourceDepth = source.depth + 1
    try Items.check(sourceDepth)
  }

  override func cursor(_ renderer: Renderer) throws -> Cursor? { source }
}

/// `range(...)`.
final class RangeObject: Object {
  let values: [Int]
  private let start: Int
  private let stop: Int
  private let step: Int
  override var typeName: String { "range" }
  override var length: Int? { values.count }
  override var isSequence: Bool { true }

  init(start: Int, stop: Int, step: Int) throws {
    guard step != 0 else { throw Fault.value("range() arg 3 must not be zero") }
    let (distance, overflow) = stop.subtractingReportingOverflow(start)
    let isEmpty = step > 0 ? start >= stop : start <= stop
    guard
      isEmpty
        || !overflow
          && distance.magnitude / step.magnitude < UInt(TemplateLimits.range) + 1
    else { throw Self.tooBig }
    let values = isEmpty ? [] : Array(stride(from: start, to: stop, by: step))
    guard values.count <= TemplateLimits.range else { throw Self.tooBig }
    self.values = values
    (self.start, self.stop, self.step) = (start, stop, step)
  }

  /// The range of the values at places of this one.
  func slice(from first: Int, to last: Int, by places: Int) throws -> RangeObject {
    // No product is beyond the range's own ends.
    try RangeObject(
      start: start &+ first &* step, stop: start &+ last &* step,
      step: step.multipliedReportingOverflow(by: places).overflow ? .max : step &* places)
  }

  private static let tooBig = Fault(
    .limit,
    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (\(TemplateLimits.range)).")

  override func representation(_ meter: Meter) throws -> String {
    step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
  }

  override func cursor(_ renderer: Renderer) throws -> Cursor? {
    Cursor(values.map(Value.int), renderer.meter)
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    switch name {
    case "start": return .int(start)
    case "stop": return .int(stop)
    case "step": return .int(step)
    case "count", "index":
      try renderer.meter.spend(values.count)
      return try ContainerMethods.method(
        name, of: Items(values.map(Value.int)), type: "range")
    default: return nil
    }
  }

  override func item(_ key: Value, _ renderer: Renderer) throws -> Value? {
    guard let index = key.integer, let place = Value.place(index, of: values.count)
    else { return nil }
    return .int(values[place])
  }
}

/// `dict.keys()`, `dict.values()` and `dict.items()`.
final class DictionaryView: Object {
  private let name: String
  private let values: Items
  override var typeName: String { name }
  override var depth: Int { values.depth }
  override var length: Int? { values.values.count }

  init(_ name: String, _ values: [Value]) throws {
    self.name = name
    self.values = try Items(values)
  }

  override func representation(_ meter: Meter) throws -> String {
    "\(name)(\(try Value.list(values).representation(meter)))"
  }

  override func cursor(_ renderer: Renderer) throws -> Cursor? {
    Cursor(values.values, renderer.meter)
  }
}

/// `namespace(...)`, whose attributes `set` can change.
final class Namespace: Object {
  private(set) var attributes: [(name: String, value: Value)] = []
  private var levels = 1
  override var typeName: String { "Namespace" }
  override var depth: Int { levels }

  /// - Throws: a fault for a name that begins with an underscore, as transformers refuses it.
  func set(_ name: String, _ value: Value) throws {
    guard !name.hasPrefix("_") else {
      throw Fault(
        .security,
        "Chat templates cannot store underscore-prefixed attributes on a namespace, but got "
          + "'\(name)'. Please rename the attribute.")
    }
    levels = max(levels, value.depth + 1)
    try Items.check(levels)
    if let place = attributes.firstIndex(where: { sameText($0.name, name) }) {
      attributes[place].value = value
    } else {
      attributes.append((name, value))
    }
  }

  /// Lets go of what it holds: namespaces may hold each other, in circles and in long rows.
  func clear() { attributes = [] }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    attributes.first { sameText($0.name, name) }?.value
  }

  override func representation(_ meter: Meter) throws -> String {
    var builder = Mapping.Builder(meter)
    // A namespace inside may be this one.
    try meter.enter()
    defer { meter.leave() }
    for (name, value) in attributes { try builder.set(.string(name), value) }
    return "<Namespace \(try Value.dictionary(builder.mapping()).representation(meter))>"
  }
}

/// A function or a method of the language.
final class NativeFunction: Object {
  typealias Body = (Arguments, Renderer) throws -> Value
  private let name: String
  private let body: Body
  private let levels: Int
  override var typeName: String { "builtin_function_or_method" }
  override var isCallable: Bool { true }
  override var depth: Int { levels }

  /// - Parameter receiver: The value that a method belongs to, for the depth.
  init(_ name: String, receiver: Value = .none, _ body: @escaping Body) throws {
    self.name = name
    self.body = body
    levels = receiver.depth + 1
    try Items.check(levels)
  }

  override func representation(_ meter: Meter) throws -> String { "<function \(name)>" }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    try body(arguments, renderer)
  }
}

/// `cycler(...)`.
final class Cycler: Object {
  private let items: Items
  private var position = 0
  override var typeName: String { "Cycler" }
  override var depth: Int { items.depth + 1 }

  init(_ values: [Value]) throws {
    guard !values.isEmpty else { throw Fault.value("at least one item has to be provided") }
    items = try Items(values)
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    switch name {
    case "current": return items.values[position]
    case "items": return .tuple(items)
    case "pos": return .int(position)
    case "next":
      return .object(
        try NativeFunction("next", receiver: .object(self)) { [self] arguments, _ in
          _ = try arguments.bind("next", [])
          defer { position = (position + 1) % items.values.count }
          return items.values[position]
        })
    case "reset":
      return .object(
        try NativeFunction("reset", receiver: .object(self)) { [self] arguments, _ in
          _ = try arguments.bind("reset", [])
          position = 0
          return .none
        })
    default: return nil
    }
  }
}

/// `joiner(...)`: nothing at its first call, its text at all others.
final class Joiner: Object {
  private let separator: Value
  private var isUsed = false
  override var typeName: String { "Joiner" }
  override var isCallable: Bool { true }
  override var depth: Int { levels }
  private let levels: Int

  init(_ separator: Value) throws {
    self.separator = separator
    levels = separator.depth + 1
    try Items.check(levels)
  }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    _ = try arguments.bind("joiner", [])
    defer { isUsed = true }
    return isUsed ? separator : .string("")
  }
}

/// `dict`, which is called and has `fromkeys`.
final class DictionaryType: Object {
  override var typeName: String { "TemplateDict" }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    try .dictionary(Self.mapping(arguments, "dict", renderer))
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    name == "fromkeys" ? .object(try NativeFunction("fromkeys", Self.fromKeys)) : nil
  }

  static func fromKeys(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    let bound = try arguments.bind("fromkeys", ["iterable", "value"], required: 1)
    var builder = Mapping.Builder(renderer.meter)
    for key in try bound[0]!.elements(renderer) { try builder.set(key, bound[1] ?? .none) }
    return .dictionary(try builder.mapping())
  }

  /// What Python's `dict(...)` makes of its arguments.
  static func mapping(
    _ arguments: Arguments, _ name: String, _ renderer: Renderer
  ) throws -> Mapping {
    guard arguments.positional.count <= 1 else {
      throw Fault.type(
        "\(name) expected at most 1 argument, got \(arguments.positional.count)")
    }
    var builder = Mapping.Builder(renderer.meter)
    switch arguments.positional.first {
    case nil: break
    case .dictionary(let mapping)?:
      for (key, value) in zip(mapping.keys, mapping.values) { try builder.set(key, value) }
    case let pairs?:
      for pair in try pairs.elements(renderer) {
        let parts = try pair.elements(renderer)
        guard parts.count == 2 else {
          throw Fault.value(
            "dictionary update sequence element has length \(parts.count); 2 is required")
        }
        try builder.set(parts[0], parts[1])
      }
    }
    for (name, value) in arguments.keywords { try builder.set(.string(name), value) }
    return try builder.mapping()
  }
}
