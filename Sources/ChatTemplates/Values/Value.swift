/// A value of the template language: Python's types as Jinja2 shows them to templates. Everything but
/// objects is immutable, as the sandbox makes it.
enum Value {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  /// Text that the filters `safe` and `escape` marked; what is added to it is escaped.
  case markup(String)
  case list(Items)
  case tuple(Items)
  case dictionary(Mapping)
  case object(Object)
}

/// The values of a list or a tuple.
final class Items {
  let values: [Value]
  /// Levels of containers inside one another, this one included.
  let depth: Int
  /// How many values a walk through it and the tuples in it meets.
  let weight: Int

  init(_ values: [Value]) throws {
    self.values = values
    var depth = 1
    var weight = 1
    for value in values {
      depth = max(depth, value.depth + 1)
      if case .tuple(let items) = value {
        weight = weight.addingReportingOverflow(items.weight).partialValue
        if weight < 0 { weight = .max }
      } else {
        weight += weight < .max ? 1 : 0
      }
    }
    try Self.check(depth)
    self.depth = depth
    self.weight = weight
  }

  /// - Throws: a fault for containers inside one another that recursion could not go through.
  static func check(_ depth: Int) throws {
    guard depth <= TemplateLimits.valueDepth else {
      throw Fault(
        .limit, "values are nested deeper than \(TemplateLimits.valueDepth) levels")
    }
  }
}

/// A value that is not there, with what is known of why.
final class Undefined {
  private enum Reason {
    case name(String)
    case member(type: String, key: Value)
    case hint(String)
  }

  private let reason: Reason
  let kind: TemplateError.Kind

  private init(_ reason: Reason, kind: TemplateError.Kind = .undefined) {
    self.reason = reason
    self.kind = kind
  }

  static func name(_ name: String) -> Value { .undefined(Undefined(.name(name))) }

  static func hint(_ message: String) -> Value { .undefined(Undefined(.hint(message))) }

  /// No member `key` in a value.
  static func member(_ key: Value, of value: Value) -> Value {
    .undefined(Undefined(.member(type: value.objectDescription, key: key)))
  }

  /// A member that the sandbox hides.
  static func unsafe(_ name: String, of value: Value) -> Value {
    let message = "access to attribute '\(name)' of '\(value.typeName)' object is unsafe."
    return .undefined(Undefined(.hint(message), kind: .security))
  }

  /// The fault of using it.
  var fault: Fault {
    let message =
      switch reason {
      case .name(let name): "'\(name)' is undefined"
      case .member(let type, .string(let name)): "'\(type)' has no attribute '\(name)'"
      case .member(let type, .int(let index)): "\(type) has no element \(index)"
      case .member(let type, _): "\(type) has no such element"
      case .hint(let message): message
      }
    return Fault(kind, message)
  }
}

/// A value with an identity or a behaviour of its own.
class Object {
  /// The type's name in Python.
  var typeName: String { "object" }
  /// Levels of containers inside, this one included.
  var depth: Int { 1 }
  /// Whether it can be called.
  var isCallable: Bool { false }

  /// The value as `repr` prints it.
  func representation(_ meter: Meter) throws -> String { "<\(typeName) object>" }

  /// Its truth; objects are true unless they are empty containers.
  var isTrue: Bool { length.map { $0 > 0 } ?? true }

  /// Its length, where it has one.
  var length: Int? { nil }

  /// Whether it can be indexed by place, which makes it a sequence for the test of that name.
  var isSequence: Bool { false }

  /// Its values one after the other; nil if it cannot be iterated over.
  func cursor(_ renderer: Renderer) throws -> Cursor? { nil }

  /// What stands after a dot; nil if there is nothing of the name.
  func attribute(_ name: String, _ renderer: Renderer) throws -> Value? { nil }

  /// What stands in brackets; nil if there is nothing.
  func item(_ key: Value, _ renderer: Renderer) throws -> Value? { nil }

  /// Calls it.
  func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    throw Fault.type("'\(typeName)' object is not callable")
  }
}

extension Value {
  /// The name of the type in Python.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "str"
    case .markup: "Markup"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .object(let object): object.typeName
    }
  }

  /// The value's type as Jinja2's messages have it.
  var objectDescription: String {
    if case .none = self { return "None" }
    return "\(typeName) object"
  }

  var depth: Int {
    switch self {
    case .list(let items), .tuple(let items): items.depth
    case .dictionary(let mapping): mapping.depth
    case .object(let object): object.depth
    default: 0
    }
  }

  /// Python's truth of the value.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let items), .tuple(let items): !items.values.isEmpty
    case .dictionary(let mapping): !mapping.isEmpty
    case .object(let object): object.isTrue
    }
  }

  /// The text of a string.
  var text: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  var isUndefined: Bool {
    if case .undefined = self { return true }
    return false
  }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }

  /// The value as a whole number: also a truth value is one in Python.
  var integer: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The value as a number.
  var number: Double? {
    if case .float(let value) = self { return value }
    return integer.map(Double.init)
  }

  static func list(of values: [Value]) throws -> Value { .list(try Items(values)) }

  static func tuple(of values: [Value]) throws -> Value { .tuple(try Items(values)) }
}
