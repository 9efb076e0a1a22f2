/// A JSON value that keeps what the author of a configuration file wrote: the order of the keys and the
/// spelling of the numbers. So a saved configuration differs from the one that was read in nothing
/// that the library did not mean to change.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number as it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key and its value.
  struct Member: Sendable, Equatable {
    let key: String
    var value: JSONValue
  }

  /// The value of `key`, when this is an object that has it. Setting appends a key that is not there
  /// yet; setting nil takes the key out.
  subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      guard case .object(var members) = self else {
        preconditionFailure("the key \(key) of a JSON value that is no object")
      }
      switch (members.firstIndex { $0.key == key }, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): return
      }
      self = .object(members)
    }
  }

  /// The value as it reads in an error message.
  var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let text): "\"\(text)\""
    case .array(let values): "[" + values.map(\.summary).joined(separator: ", ") + "]"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByStringLiteral
{
  init(integerLiteral value: Int) { self = .number("\(value)") }
  init(floatLiteral value: Double) { self = .number("\(value)") }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(stringLiteral value: String) { self = .string(value) }

  init(_ value: Int) { self = .number("\(value)") }
  /// A finite number.
  init(_ value: Double) {
    precondition(value.isFinite, "JSON has no \(value)")
    self = .number("\(value)")
  }
}
