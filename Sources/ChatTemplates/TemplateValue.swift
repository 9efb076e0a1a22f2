import Tokenizers

/// What a template's variables hold: JSON, with the order of members.
public enum TemplateValue: Sendable, Hashable {
  /// `null`, Python's `None`.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// Any other number.
  case double(Double)
  /// A text.
  case string(String)
  /// Values in a row.
  case array([TemplateValue])
  /// Values by name. Of members with one name the first gives the place and the last the value, as in
  /// Python.
  case object([Member])

  /// A name and its value.
  public struct Member: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: TemplateValue

    /// A member of an object.
    public init(_ name: String, _ value: TemplateValue) {
      self.name = name
      self.value = value
    }
  }

  /// The value of the last member of that name, when this is an object that has it.
  public subscript(name: String) -> TemplateValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { sameText($0.name, name) }?.value
  }

  /// What kind of value it is, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .int, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Reads one JSON document in UTF-8.
  ///
  /// - Parameter name: What errors call the text.
  /// - Throws: `TokenizerError` with line and column of what is not JSON, or for a whole number beyond
  ///   64 bits.
  public init(parsing bytes: [UInt8], name: String) throws {
    try self.init(JSONTree(parsing: bytes, name: name))
  }

  init(_ tree: JSONTree) throws {
    switch tree {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let text, let place): self = try Self.number(text, place)
    case .string(let text): self = .string(text)
    case .array(let values): self = .array(try values.map(TemplateValue.init))
    case .object(let members):
      self = .object(try members.map { Member($0.key, try TemplateValue($0.value)) })
    }
  }

  private static func number(_ text: String, _ place: JSONTree.Place) throws -> TemplateValue {
    if let value = Int(text) { return .int(value) }
    guard text.contains(where: { ".eE".contains($0) }), let value = Double(text) else {
      throw TokenizerError.wrongValue(
        file: place.file, key: place.key, found: text, expected: "a number of at most 64 bits")
    }
    return .double(value)
  }

  /// The value as templates see it.
  func value(_ meter: Meter) throws -> Value {
    try meter.spend()
    switch self {
    case .null: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .float(value)
    case .string(let text): return .string(text)
    case .array(let values): return try .list(of: values.map { try $0.value(meter) })
    case .object(let members): return .dictionary(try Self.mapping(members, meter))
    }
  }

  static func mapping(_ members: [Member], _ meter: Meter) throws -> Mapping {
    var builder = Mapping.Builder(meter)
    for member in members { try builder.set(.string(member.name), member.value.value(meter)) }
    return try builder.mapping()
  }
}
