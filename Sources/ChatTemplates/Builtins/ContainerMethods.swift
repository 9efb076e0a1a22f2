/// The methods of Python's `dict`, `list` and `tuple`. Those that change their object are there only
/// to be refused.
enum ContainerMethods {
  private static let changesOfDictionaries: Set<String> = [
    "clear", "pop", "popitem", "setdefault", "update",
  ]
  private static let changesOfLists: Set<String> = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]

  static func method(_ name: String, of mapping: Mapping) throws -> Value? {
    let receiver = Value.dictionary(mapping)
    func method(_ body: @escaping NativeFunction.Body) throws -> Value {
      .object(try NativeFunction(name, receiver: receiver, body))
    }
    switch name {
    case "get":
      return try method { arguments, renderer in
        let bound = try arguments.bind("get", ["key", "default"], required: 1)
        let key = bound[0]!
        try key.requireHashable(renderer.meter)
        return mapping.value(key) ?? bound[1] ?? .none
      }
    case "items":
      return try view("items", of: mapping, receiver) { try mapping.pairs() }
    case "keys": return try view("keys", of: mapping, receiver) { mapping.keys }
    case "values": return try view("values", of: mapping, receiver) { mapping.values }
    case "copy":
      return try method { arguments, _ in
        _ = try arguments.bind("copy", [])
        return receiver
      }
    case "fromkeys": return .object(try NativeFunction(name, DictionaryType.fromKeys))
    default:
      return changesOfDictionaries.contains(name) ? Undefined.unsafe(name, of: receiver) : nil
    }
  }

  private static func view(
    _ name: String, of mapping: Mapping, _ receiver: Value,
    _ values: @escaping () throws -> [Value]
  ) throws -> Value {
    .object(
      try NativeFunction(name, receiver: receiver) { arguments, renderer in
        _ = try arguments.bind(name, [])
        try renderer.meter.spend(mapping.count)
        return .object(try DictionaryView("dict_\(name)", values()))
      })
  }

  static func listMethod(_ name: String, of items: Items) throws -> Value? {
    let receiver = Value.list(items)
    if changesOfLists.contains(name) { return Undefined.unsafe(name, of: receiver) }
    guard name == "copy" else { return try method(name, of: items, type: "list") }
    return .object(
      try NativeFunction(name, receiver: receiver) { arguments, _ in
        _ = try arguments.bind("copy", [])
        return receiver
      })
  }

  /// What lists and tuples share.
  static func method(_ name: String, of items: Items, type: String) throws -> Value? {
    switch name {
    case "count":
      return .object(
        try NativeFunction(name, receiver: .list(items)) { arguments, renderer in
          let wanted = try arguments.bind(name, ["value"], required: 1)[0]!
          return .int(try items.values.count { try $0.equals(wanted, renderer.meter) })
        })
    case "index":
      return .object(
        try NativeFunction(name, receiver: .list(items)) { arguments, renderer in
          let bound = try arguments.bind(name, ["value", "start", "stop"], required: 1)
          let count = items.values.count
          func place(_ value: Value?, _ standard: Int) throws -> Int {
            guard let index = try value?.requiredInteger("slice indices") else { return standard }
            return min(max(index < 0 ? index + count : index, 0), count)
          }
          let start = try place(bound[1], 0)
          let stop = try place(bound[2], count)
          for place in stride(from: start, to: stop, by: 1)
          where try items.values[place].equals(bound[0]!, renderer.meter) {
            return .int(place)
          }
          throw Fault.value("the value is not in the \(type)")
        })
    default: return nil
    }
  }
}
