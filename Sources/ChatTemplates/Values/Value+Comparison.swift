extension Value {
  /// Python's `==`.
  func equals(_ other: Value, _ meter: Meter) throws -> Bool {
    try meter.spend()
    switch (self, other) {
    case (.none, .none), (.undefined, .undefined): return true
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      guard left !== right else { return true }
      guard left.values.count == right.values.count else { return false }
      for (left, right) in zip(left.values, right.values)
      where try !left.equals(right, meter) { return false }
      return true
    case (.dictionary(let left), .dictionary(let right)):
      guard left !== right else { return true }
      guard left.count == right.count else { return false }
      for (key, value) in zip(left.keys, left.values) {
        guard let counterpart = right.value(key), try value.equals(counterpart, meter)
        else { return false }
      }
      return true
    case (.object(let left), .object(let right)):
      if let left = left as? RangeObject, let right = right as? RangeObject {
        return left.values == right.values
      }
      return left === right
    default:
      if let left = text, let right = other.text {
        try meter.spend(bytes: min(left.utf8.count, right.utf8.count))
        return sameText(left, right)
      }
      return equalsAsNumber(other) ?? false
    }
  }

  /// Python's `<`.
  ///
  /// - Parameters:
  ///   - operation: The operator that messages name.
  ///   - isFlipped: Whether that operator has this value on its right.
  func isLess(
    than other: Value, _ meter: Meter, operation: String = "<", isFlipped: Bool = false
  ) throws -> Bool {
    try meter.spend()
    switch (self, other) {
    case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.fault
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.values, right.values)
      where try !left.equals(right, meter) {
        return try left.isLess(
          than: right, meter, operation: operation, isFlipped: isFlipped)
      }
      return left.values.count < right.values.count
    default:
      if let left = text, let right = other.text {
        try meter.spend(bytes: min(left.utf8.count, right.utf8.count))
        // The order of UTF-8 is that of the scalars.
        return left.utf8.lexicographicallyPrecedes(right.utf8)
      }
      if let left = integer, let right = other.integer { return left < right }
      guard let left = number, let right = other.number else {
        let (first, second) = isFlipped ? (other, self) : (self, other)
        throw Fault.type(
          "'\(operation)' not supported between instances of '\(first.typeName)' and "
            + "'\(second.typeName)'")
      }
      return left < right
    }
  }

  /// Python's `in`.
  func isContained(in container: Value, _ renderer: Renderer) throws -> Bool {
    let meter = renderer.meter
    switch container {
    case .string(let text), .markup(let text):
      guard let wanted = self.text else {
        throw Fault.type("'in <string>' requires string as left operand, not \(typeName)")
      }
      return try TextSearch(for: wanted).first(in: text, meter) != nil
    case .dictionary(let mapping):
      try requireHashable(meter)
      return mapping.value(self) != nil
    default:
      guard let cursor = try container.cursor(renderer) else {
        throw Fault.type("argument of type '\(container.typeName)' is not iterable")
      }
      while let value = try cursor.next() {
        if try equals(value, meter) { return true }
      }
      return false
    }
  }

  /// Python's `sorted`, which keeps the order of equal values also in reverse.
  static func sorted(
    _ values: [Value], by keys: [Value], reverse: Bool, _ meter: Meter
  ) throws -> [Value] {
    // Swift's sort is stable in its implementation, but only a comparison of places makes it a promise.
    let order = try values.indices.sorted { left, right in
      let (first, second) = reverse ? (right, left) : (left, right)
      if try keys[first].isLess(than: keys[second], meter) { return true }
      if try keys[second].isLess(than: keys[first], meter) { return false }
      return left < right
    }
    return order.map { values[$0] }
  }
}
