/// Gives values one after the other.
final class Cursor {
  private enum State {
    case values([Value], Int)
    case scalars(Substring.UnicodeScalarView)
    case made(() throws -> Value?)
  }

  private var state: State
  private let meter: Meter

  init(_ values: [Value], _ meter: Meter) {
    state = .values(values, 0)
    self.meter = meter
  }

  init(scalarsOf text: String, _ meter: Meter) {
    state = .scalars(Substring(text).unicodeScalars)
    self.meter = meter
  }

  init(_ meter: Meter, _ next: @escaping () throws -> Value?) {
    state = .made(next)
    self.meter = meter
  }

  /// The next value; nil at the end.
  func next() throws -> Value? {
    try meter.spend()
    switch state {
    case .values(let values, let index):
      guard index < values.count else { return nil }
      state = .values(values, index + 1)
      return values[index]
    case .scalars(var rest):
      // Only one holder, so that the view is not copied.
      state = .values([], 0)
      let scalar = rest.popFirst()
      state = .scalars(rest)
      return scalar.map { .string(String(Character($0))) }
    case .made(let next): return try next()
    }
  }

  /// All that is left.
  func rest() throws -> [Value] {
    if case .values(let values, 0) = state {
      try meter.spend(values.count)
      state = .values([], 0)
      return values
    }
    var values: [Value] = []
    while let value = try next() { values.append(value) }
    return values
  }
}

extension Value {
  /// Python's `iter`; nil if the value cannot be iterated over.
  func cursor(_ renderer: Renderer) throws -> Cursor? {
    switch self {
    case .undefined: Cursor([], renderer.meter)
    case .list(let items), .tuple(let items): Cursor(items.values, renderer.meter)
    case .dictionary(let mapping): Cursor(mapping.keys, renderer.meter)
    case .string(let text), .markup(let text): Cursor(scalarsOf: text, renderer.meter)
    case .object(let object): try object.cursor(renderer)
    case .none, .bool, .int, .float: nil
    }
  }

  /// Python's `iter`.
  func requiredCursor(_ renderer: Renderer) throws -> Cursor {
    guard let cursor = try cursor(renderer) else {
      throw Fault.type("'\(typeName)' object is not iterable")
    }
    return cursor
  }

  /// Python's `list(value)`.
  func elements(_ renderer: Renderer) throws -> [Value] {
    try requiredCursor(renderer).rest()
  }

  /// Python's `len`; nil if the value has none.
  var length: Int? {
    switch self {
    case .undefined: 0
    case .string(let text), .markup(let text): text.unicodeScalars.count
    case .list(let items), .tuple(let items): items.values.count
    case .dictionary(let mapping): mapping.count
    case .object(let object): object.length
    case .none, .bool, .int, .float: nil
    }
  }
}
