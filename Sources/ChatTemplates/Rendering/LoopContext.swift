/// The variable `loop`.
final class LoopContext: Object {
  /// Renders the loop of a recursive `for` over other values.
  typealias Recursion = (Value) throws -> Value

  private var knownLength: Int?
  private var cursor: Cursor
  private var recursion: Recursion?
  private let level: Int
  private let meter: Meter
  private var index0 = -1
  private var before: Value?
  private var current: Value?
  private var after: Value?
  private var isAtEnd = false
  private var lastChanged: [Value]?
  private let levels: Int

  override var typeName: String { "LoopContext" }
  override var isCallable: Bool { true }
  override var depth: Int { levels }

  init(
    _ iterable: Value, cursor: Cursor, length: Int?, level: Int, recursion: Recursion?,
    _ meter: Meter
  ) throws {
    self.cursor = cursor
    knownLength = length
    self.level = level
    self.recursion = recursion
    self.meter = meter
    levels = iterable.depth + 1
    try Items.check(levels)
  }

  /// Goes on to the next value; nil at the end.
  func next() throws -> Value? {
    guard let value = try peek() else { return nil }
    after = nil
    index0 += 1
    before = current
    current = value
    return value
  }

  /// Lets go of what it holds beyond its values, at the loop's end.
  func finish() {
    recursion = nil
    lastChanged = nil
  }

  private func peek() throws -> Value? {
    if after == nil, !isAtEnd {
      after = try cursor.next()
      isAtEnd = after == nil
    }
    return after
  }

  private func length() throws -> Int {
    if let knownLength { return knownLength }
    let rest = try cursor.rest()
    cursor = Cursor(rest, meter)
    let length = rest.count + index0 + 1 + (after == nil ? 0 : 1)
    knownLength = length
    return length
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    switch name {
    case "index": .int(index0 + 1)
    case "index0": .int(index0)
    case "first": .bool(index0 == 0)
    case "last": .bool(try peek() == nil)
    case "length": .int(try length())
    case "revindex": .int(try length() - index0)
    case "revindex0": .int(try length() - index0 - 1)
    case "depth": .int(level + 1)
    case "depth0": .int(level)
    case "previtem":
      index0 == 0 ? Undefined.hint("there is no previous item") : before ?? Value.none
    case "nextitem": try peek() ?? Undefined.hint("there is no next item")
    case "cycle": try method("cycle") { [self] in try cycle($0) }
    case "changed": try method("changed") { [self] in .bool(try changed($0.positional)) }
    default: nil
    }
  }

  private func method(
    _ name: String, _ body: @escaping (Arguments) throws -> Value
  ) throws -> Value {
    .object(
      try NativeFunction(name, receiver: .object(self)) { arguments, _ in try body(arguments) })
  }

  private func cycle(_ arguments: Arguments) throws -> Value {
    let values = arguments.positional
    guard !values.isEmpty else { throw Fault.type("no items for cycling given") }
    return values[index0 % values.count]
  }

  private func changed(_ values: [Value]) throws -> Bool {
    if let last = lastChanged,
      try Value.tuple(of: last).equals(.tuple(of: values), meter)
    {
      return false
    }
    lastChanged = values
    return true
  }

  override func representation(_ meter: Meter) throws -> String {
    "<LoopContext \(index0 + 1)/\(try length())>"
  }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    guard let recursion else {
      throw Fault.type("The loop must have the 'recursive' marker to be called recursively.")
    }
    let bound = try arguments.bind("loop", ["iterable"], required: 1)
    return try recursion(bound[0]!)
  }
}
