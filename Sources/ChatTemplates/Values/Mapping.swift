/// A dictionary that keeps the order in which its keys came.
final class Mapping {
  let keys: [Value]
  let values: [Value]
  let depth: Int
  /// The place of every key; nil for few keys, which are looked through.
  private let places: [Key: Int]?

  private static let fewKeys = 8

  /// A key with Python's equality: 1, 1.0 and True are one key.
  private struct Key: Hashable {
    let value: Value

    static func == (left: Key, right: Key) -> Bool { left.value.equalsAsKey(right.value) }

    func hash(into hasher: inout Hasher) { value.hashAsKey(into: &hasher) }
  }

  /// Takes pairs in order; of pairs with one key the first gives the place and the last the value.
  struct Builder {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    private var places: [Key: Int] = [:]
    private let meter: Meter

    init(_ meter: Meter) { self.meter = meter }

    /// - Throws: a fault for a key that cannot be hashed.
    mutating func set(_ key: Value, _ value: Value) throws {
      try key.requireHashable(meter)
      if let place = place(of: key) {
        values[place] = value
        return
      }
      keys.append(key)
      values.append(value)
      if keys.count > Mapping.fewKeys {
        if places.isEmpty {
          for (place, key) in keys.enumerated() { places[Key(value: key)] = place }
        } else {
          places[Key(value: key)] = keys.count - 1
        }
      }
    }

    private func place(of key: Value) -> Int? {
      keys.count > Mapping.fewKeys
        ? places[Key(value: key)] : keys.firstIndex { $0.equalsAsKey(key) }
    }

    func mapping() throws -> Mapping {
      try Mapping(keys: keys, values: values, places: places.isEmpty ? nil : places)
    }
  }

  private init(keys: [Value], values: [Value], places: [Key: Int]?) throws {
    self.keys = keys
    self.values = values
    self.places = places
    var depth = 1
    for value in keys { depth = max(depth, value.depth + 1) }
    for value in values { depth = max(depth, value.depth + 1) }
    try Items.check(depth)
    self.depth = depth
  }

  var isEmpty: Bool { keys.isEmpty }

  var count: Int { keys.count }

  /// The value of a key that can be hashed.
  func value(_ key: Value) -> Value? {
    let place = places.map { $0[Key(value: key)] } ?? keys.firstIndex { $0.equalsAsKey(key) }
    return place.map { values[$0] }
  }

  /// The value of a text.
  func value(_ key: String) -> Value? {
    guard places == nil else { return value(.string(key)) }
    for (place, candidate) in keys.enumerated() {
      if let text = candidate.text, sameText(text, key) { return values[place] }
    }
    return nil
  }

  /// The pairs as tuples.
  func pairs() throws -> [Value] {
    try zip(keys, values).map { try .tuple(of: [$0, $1]) }
  }
}

/// Whether two texts have the same scalars; Swift's equality also holds for other spellings of one
/// character, Python's does not.
@inline(__always)
func sameText(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

extension Value {
  /// More values than keys that are tuples have.
  private static let heaviestKey = 64

  /// Pays for a key's hash and comparison.
  ///
  /// - Throws: a fault for a list, a dictionary, or a tuple that has one.
  func requireHashable(_ meter: Meter) throws {
    switch self {
    case .list, .dictionary: throw Fault.type("unhashable type: '\(typeName)'")
    case .tuple(let items):
      guard items.weight <= Self.heaviestKey else {
        throw Fault(.limit, "a key of more than \(Self.heaviestKey) values is not supported")
      }
      for item in items.values { try item.requireHashable(meter) }
    case .string(let text), .markup(let text): try meter.spend(bytes: text.utf8.count)
    default: try meter.spend()
    }
  }

  /// Equality of values that can be hashed.
  fileprivate func equalsAsKey(_ other: Value) -> Bool {
    switch (self, other) {
    case (.none, .none), (.undefined, .undefined): return true
    case (.tuple(let left), .tuple(let right)):
      return left.values.count == right.values.count
        && zip(left.values, right.values).allSatisfy { $0.equalsAsKey($1) }
    case (.object(let left), .object(let right)): return left === right
    default:
      if let left = text, let right = other.text { return sameText(left, right) }
      return equalsAsNumber(other) ?? false
    }
  }

  /// Whether two numbers are equal; nil if one is no number.
  func equalsAsNumber(_ other: Value) -> Bool? {
    if let left = integer, let right = other.integer { return left == right }
    guard let left = number, let right = other.number else { return nil }
    return left == right
  }

  fileprivate func hashAsKey(into hasher: inout Hasher) {
    switch self {
    case .string(let text), .markup(let text):
      for byte in text.utf8 { hasher.combine(byte) }
    case .tuple(let items): for item in items.values { item.hashAsKey(into: &hasher) }
    case .object(let object): hasher.combine(ObjectIdentifier(object))
    default: hasher.combine(number)
    }
  }
}
