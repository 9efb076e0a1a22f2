/// A value of a JSON document.
///
/// Objects keep the order of their members and numbers the digits they were written with, so that a
/// configuration that is read and written differs in nothing, and an answer such as `0.10` can be compared
/// as a decimal.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number as it was written.
  case number(JSONNumber)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)
}

/// A JSON number, kept as its digits. `1` and `1.0` are different values here.
public struct JSONNumber: Sendable, Hashable {
  /// The number as it is written, as JSON allows it.
  public let literal: String

  /// A number whose literal has been checked by the parser.
  init(checked literal: String) { self.literal = literal }

  /// A whole number.
  public init(_ value: Int) { literal = String(value) }

  /// The shortest literal that reads back as `value`; nil for infinities and NaN, which JSON lacks.
  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    literal = "\(value)"
  }

  /// The number as a whole number, when it was written as one and fits.
  public var int: Int? { Int(literal) }

  /// The nearest double; infinite when the number is out of range.
  public var double: Double { Double(literal) ?? .nan }
}

extension JSONValue {
  /// A whole number.
  public static func int(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

  /// A number, or `null` for infinities and NaN, which JSON cannot write.
  public static func double(_ value: Double) -> JSONValue {
    JSONNumber(value).map(JSONValue.number) ?? .null
  }

  /// The string, when the value is one.
  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  /// The whole number, when the value is one.
  public var int: Int? {
    guard case .number(let value) = self else { return nil }
    return value.int
  }

  /// The number, when the value is one.
  public var double: Double? {
    guard case .number(let value) = self else { return nil }
    return value.double
  }

  /// The truth value, when the value is one.
  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The elements, when the value is an array.
  public var array: [JSONValue]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  /// The members, when the value is an object.
  public var object: JSONObject? {
    guard case .object(let value) = self else { return nil }
    return value
  }

  /// The member called `name`, when the value is an object that has one. Setting requires an object.
  public subscript(name: String) -> JSONValue? {
    get { object?[name] }
    set {
      guard case .object(var members) = self else {
        preconditionFailure("the member \(name) of a JSON value that is no object")
      }
      members[name] = newValue
      self = .object(members)
    }
  }

  /// An object of `members`, sorted by name.
  public static func object(_ members: [String: JSONValue]) -> JSONValue {
    .object(JSONObject(members))
  }

  /// The value as it reads in an error message; an object is only called one.
  public var summary: String {
    switch self {
    case .array(let values): "[" + values.map(\.summary).joined(separator: ", ") + "]"
    case .object: "an object"
    default: description
    }
  }

  /// What the value is, for error messages: `a string`.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A finite number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; the last of equal names wins.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
