extension Renderer {
  /// `value.name`: what belongs to the type first, then the key of that name.
  func attribute(_ name: String, of value: Value) throws -> Value {
    if case .undefined(let undefined) = value { throw undefined.fault }
    if let member = try member(name, of: value) { return member }
    if case .dictionary(let mapping) = value, let found = mapping.value(name) { return found }
    return Undefined.member(.string(name), of: value)
  }

  /// `value[key]`: the item of that key first, then what belongs to the type.
  func item(_ key: Value, of value: Value) throws -> Value {
    switch value {
    case .undefined(let undefined): throw undefined.fault
    case .dictionary(let mapping):
      if let text = key.text {
        try meter.spend(bytes: text.utf8.count)
        if let found = mapping.value(text) { return found }
      } else if !key.isUnhashable {
        try key.requireHashable(meter)
        if let found = mapping.value(key) { return found }
      }
    case .list(let items), .tuple(let items):
      if let index = key.integer, let place = Value.place(index, of: items.values.count) {
        return items.values[place]
      }
    case .string(let text), .markup(let text):
      if let index = key.integer, let scalar = try scalar(index, of: text) { return scalar }
    case .object(let object):
      if let found = try object.item(key, self) { return found }
    case .none, .bool, .int, .float: break
    }
    if let name = key.text, let member = try member(name, of: value) { return member }
    return Undefined.member(key, of: value)
  }

  private func scalar(_ index: Int, of text: String) throws -> Value? {
    try meter.spend(bytes: text.utf8.count)
    let scalars = text.unicodeScalars
    let found: Unicode.Scalar?
    if index >= 0 {
      found = scalars.dropFirst(index).first
    } else {
      guard index > -Int.max else { return nil }
      found = scalars.count >= -index ? scalars.suffix(-index).first : nil
    }
    return found.map { .string(String(Character($0))) }
  }

  private func isInternal(_ name: String) -> Bool { name.hasPrefix("__") && name.hasSuffix("__") }

  /// What belongs to the value's type: a method, an attribute of an object.
  private func member(_ name: String, of value: Value) throws -> Value? {
    let found: Value?
    switch value {
    case .string(let text), .markup(let text):
      found = try StringMethods.method(name, of: text)
    case .dictionary(let mapping): found = try ContainerMethods.method(name, of: mapping)
    case .list(let items): found = try ContainerMethods.listMethod(name, of: items)
    case .tuple(let items): found = try ContainerMethods.method(name, of: items, type: "tuple")
    case .object(let object): found = try object.attribute(name, self)
    case .float(let number) where name == "is_integer":
      return .object(
        try NativeFunction(name) { arguments, _ in
          _ = try arguments.bind(name, [])
          return .bool(number.isFinite && number == number.rounded())
        })
    default: found = nil
    }
    if let found { return found }
    return isInternal(name) ? Undefined.unsafe(name, of: value) : nil
  }

  // MARK: Slices

  /// `value[start:stop:step]`.
  func slice(_ value: Value, start: Value?, stop: Value?, step: Value?) throws -> Value {
    func index(_ value: Value?) throws -> Int? {
      guard let value, !value.isNone else { return nil }
      if case .undefined = value { throw Self.badIndex }
      guard let index = value.integer else { throw Self.badIndex }
      return index
    }
    switch value {
    case .undefined(let undefined): throw undefined.fault
    case .string(let text), .markup(let text):
      try meter.spend(bytes: text.utf8.count)
      let scalars = Array(text.unicodeScalars)
      let places = try Self.places(
        of: scalars.count, start: try index(start), stop: try index(stop), step: try index(step))
      var sliced = String.UnicodeScalarView()
      for place in places { sliced.append(scalars[place]) }
      return .string(String(sliced))
    case .list(let items), .tuple(let items):
      let places = try Self.places(
        of: items.values.count, start: try index(start), stop: try index(stop),
        step: try index(step))
      try meter.spend(places.count)
      let values = places.map { items.values[$0] }
      if case .tuple = value { return try .tuple(of: values) }
      return try .list(of: values)
    case .object(let object as RangeObject):
      let (first, last, step) = try Self.bounds(
        of: object.values.count, start: try index(start), stop: try index(stop),
        step: try index(step))
      try meter.spend(object.values.count)
      return .object(try object.slice(from: first, to: last, by: step))
    case .dictionary: throw Fault.type("unhashable type: 'slice'")
    default: throw Fault.type("'\(value.typeName)' object is not subscriptable")
    }
  }

  private static let badIndex = Fault.type(
    "slice indices must be integers or None or have an __index__ method")

  /// The places that Python's slice of a sequence of `count` values takes: from `first`, before `last`.
  private static func bounds(
    of count: Int, start: Int?, stop: Int?, step: Int?
  ) throws -> (first: Int, last: Int, step: Int) {
    let step = step ?? 1
    guard step != 0 else { throw Fault.value("slice step cannot be zero") }
    func clamped(_ index: Int?, _ standard: Int) -> Int {
      guard let index else { return standard }
      let place = index < 0 ? index + count : index
      return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
    }
    let first = clamped(start, step > 0 ? 0 : count - 1)
    let last = clamped(stop, step > 0 ? count : -1)
    return (first, last, step)
  }

  private static func places(
    of count: Int, start: Int?, stop: Int?, step: Int?
  ) throws -> [Int] {
    let (first, last, step) = try bounds(of: count, start: start, stop: stop, step: step)
    return Array(stride(from: first, to: last, by: step))
  }
}

extension Value {
  fileprivate var isUnhashable: Bool {
    switch self {
    case .list, .dictionary: true
    default: false
    }
  }
}
