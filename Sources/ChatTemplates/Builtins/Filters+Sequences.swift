extension Filters {
  static let sequenceFilters: [String: Function] = [
    "length": length, "count": length,
    "list": { value, arguments, renderer in
      _ = try arguments.bind("list", [])
      return try .list(of: value.elements(renderer))
    },
    "first": { value, arguments, renderer in
      _ = try arguments.bind("first", [])
      return try value.requiredCursor(renderer).next()
        ?? Undefined.hint("No first item, sequence was empty.")
    },
    "last": { value, arguments, renderer in
      _ = try arguments.bind("last", [])
      return try reversed(value, renderer).first
        ?? Undefined.hint("No last item, sequence was empty.")
    },
    "reverse": { value, arguments, renderer in
      _ = try arguments.bind("reverse", [])
      if let text = value.text {
        try renderer.meter.spend(bytes: text.utf8.count)
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
      }
      if case .object(let object) = value, !object.isSequence, !(object is DictionaryView) {
        return try .list(of: value.elements(renderer).reversed())
      }
      let cursor = Cursor(try reversed(value, renderer), renderer.meter)
      return .object(try Generator("list_reverseiterator", from: value, cursor))
    },
    "join": { value, arguments, renderer in
      let bound = try arguments.bind("join", ["d", "attribute"])
      let separator = try bound[0]?.printed(renderer.meter) ?? ""
      let getter = AttributeGetter(bound[1])
      let parts = try value.elements(renderer).map {
        try getter.value(of: $0, renderer).printed(renderer.meter)
      }
      return .string(try StringMethods.joined(parts, with: separator, renderer.meter))
    },
    "items": { value, arguments, renderer in
      _ = try arguments.bind("items", [])
      return try lazily(value, renderer) { [meter = renderer.meter] in
        try itemPairs(of: value, meter)
      }
    },
    "sort": { value, arguments, renderer in
      let bound = try arguments.bind("sort", ["reverse", "case_sensitive", "attribute"])
      let values = try value.elements(renderer)
      let isCaseSensitive = bound[1]?.isTrue ?? false
      // Several attributes may be named, with commas between.
      let getters: [AttributeGetter] =
        bound[2]?.text.map { text in
          text.split(separator: ",", omittingEmptySubsequences: false).map {
            AttributeGetter(.string(String($0)))
          }
        } ?? [AttributeGetter(bound[2])]
      let keys = try values.map { item in
        try Value.list(
          of: getters.map { getter in
            let key = try getter.value(of: item, renderer)
            return isCaseSensitive ? key : try ignoringCase(key, renderer.meter)
          })
      }
      return try .list(
        of: Value.sorted(
          values, by: keys, reverse: bound[0]?.isTrue ?? false, renderer.meter))
    },
    "dictsort": dictionarySort,
    "groupby": { value, arguments, renderer in
      let bound = try arguments.bind(
        "groupby", ["attribute", "default", "case_sensitive"], required: 1)
      let getter = AttributeGetter(bound[0], standard: bound[1])
      let isCaseSensitive = bound[2]?.isTrue ?? false
      let values = try value.elements(renderer)
      func key(_ item: Value) throws -> Value {
        let key = try getter.value(of: item, renderer)
        return isCaseSensitive ? key : try ignoringCase(key, renderer.meter)
      }
      let sorted = try Value.sorted(
        values, by: values.map(key), reverse: false, renderer.meter)
      var groups: [(key: Value, items: [Value])] = []
      for item in sorted {
        let key = try key(item)
        if let last = groups.last, try last.key.equals(key, renderer.meter) {
          groups[groups.count - 1].items.append(item)
        } else {
          groups.append((key, [item]))
        }
      }
      return try .list(
        of: groups.map { group in
          // Without regard to case, the group goes by its first item's spelling.
          .object(
            try Group(
              isCaseSensitive ? group.key : getter.value(of: group.items[0], renderer),
              group.items))
        })
    },
    "batch": { value, arguments, renderer in
      let bound = try arguments.bind("batch", ["linecount", "fill_with"], required: 1)
      return try lazily(value, renderer) { [unowned renderer] in
        try batches(of: value, size: bound[0]!, fill: bound[1], renderer)
      }
    },
    "slice": { value, arguments, renderer in
      let bound = try arguments.bind("slice", ["slices", "fill_with"], required: 1)
      return try lazily(value, renderer) { [unowned renderer] in
        try slices(of: value, count: bound[0]!, fill: bound[1], renderer)
      }
    },
  ]

  /// A generator over values that are made when the first is asked for: what is wrong is found out
  /// then.
  private static func lazily(
    _ value: Value, _ renderer: Renderer, _ make: @escaping () throws -> [Value]
  ) throws -> Value {
    var made: Cursor?
    let cursor = Cursor(renderer.meter) { [meter = renderer.meter] in
      let source = try made ?? Cursor(make(), meter)
      made = source
      return try source.next()
    }
    return .object(try Generator(from: value, cursor))
  }

  private static func batches(
    of value: Value, size: Value, fill: Value?, _ renderer: Renderer
  ) throws -> [Value] {
    let size = try size.requiredInteger("linecount")
    let values = try value.elements(renderer)
    var batches: [[Value]] = []
    for item in values {
      // Jinja2 begins a row where the last one has exactly so many; with none or fewer it never does.
      if batches.isEmpty || batches[batches.count - 1].count == size { batches.append([]) }
      batches[batches.count - 1].append(item)
    }
    if size == 0, !values.isEmpty { batches.insert([], at: 0) }
    if let fill, !fill.isNone, let last = batches.last, last.count < size {
      try renderer.meter.spend(bytes: MemoryLayout<Value>.size, times: size - last.count)
      batches[batches.count - 1] += Array(repeating: fill, count: size - last.count)
    }
    return try batches.map { try .list(of: $0) }
  }

  private static func slices(
    of value: Value, count: Value, fill: Value?, _ renderer: Renderer
  ) throws -> [Value] {
    let count = try count.requiredInteger("slices")
    let values = try value.elements(renderer)
    guard count != 0 else { throw Fault.value("integer division or modulo by zero") }
    try renderer.meter.spend(bytes: MemoryLayout<Value>.size, times: max(count, 0))
    var slices: [Value] = []
    var start = 0
    for place in stride(from: 0, to: count, by: 1) {
      let isLonger = place < values.count % count
      let end = start + values.count / count + (isLonger ? 1 : 0)
      var part = Array(values[start..<end])
      if let fill, !fill.isNone, !isLonger { part.append(fill) }
      slices.append(try .list(of: part))
      start = end
    }
    return slices
  }

  private static func itemPairs(of value: Value, _ meter: Meter) throws -> [Value] {
    switch value {
    case .undefined: return []
    case .dictionary(let mapping):
      try meter.spend(mapping.count)
      return try mapping.pairs()
    default: throw Fault.type("Can only get item pairs from a mapping.")
    }
  }

  private static let length: Function = { value, arguments, renderer in
    _ = try arguments.bind("length", [])
    if let text = value.text { try renderer.meter.spend(bytes: text.utf8.count) }
    guard let length = value.length else {
      throw Fault.type("object of type '\(value.typeName)' has no len()")
    }
    return .int(length)
  }

  /// Python's `reversed`.
  private static func reversed(_ value: Value, _ renderer: Renderer) throws -> [Value] {
    switch value {
    case .undefined, .list, .tuple, .string, .markup, .dictionary:
      return try value.elements(renderer).reversed()
    case .object(let object) where object.isSequence || object is DictionaryView:
      return try value.elements(renderer).reversed()
    default: throw Fault.type("'\(value.typeName)' object is not reversible")
    }
  }

  private static let dictionarySort: Function = { value, arguments, renderer in
    let bound = try arguments.bind("dictsort", ["case_sensitive", "by", "reverse"])
    let by = try bound[1]?.requiredText("by") ?? "key"
    guard by == "key" || by == "value" else {
      throw Fault.value("You can only sort by either \"key\" or \"value\"")
    }
    guard case .dictionary(let mapping) = value else {
      if case .undefined(let undefined) = value { throw undefined.fault }
      throw Fault.type("'\(value.typeName)' object has no attribute 'items'")
    }
    let isCaseSensitive = bound[0]?.isTrue ?? false
    let keys = try (by == "key" ? mapping.keys : mapping.values).map {
      isCaseSensitive ? $0 : try ignoringCase($0, renderer.meter)
    }
    return try .list(
      of: Value.sorted(
        mapping.pairs(), by: keys, reverse: bound[2]?.isTrue ?? false, renderer.meter))
  }
}

/// What `groupby` gives: a pair with names.
final class Group: Object {
  private let pair: Items
  override var typeName: String { "_GroupTuple" }
  override var depth: Int { pair.depth }
  override var length: Int? { 2 }
  override var isSequence: Bool { true }

  init(_ key: Value, _ items: [Value]) throws {
    pair = try Items([key, .list(of: items)])
  }

  override func cursor(_ renderer: Renderer) throws -> Cursor? {
    Cursor(pair.values, renderer.meter)
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    switch name {
    case "grouper": pair.values[0]
    case "list": pair.values[1]
    default: nil
    }
  }

  override func item(_ key: Value, _ renderer: Renderer) throws -> Value? {
    key.integer.flatMap { Value.place($0, of: 2) }.map { pair.values[$0] }
  }

  override func representation(_ meter: Meter) throws -> String {
    try Value.tuple(pair).representation(meter)
  }
}
