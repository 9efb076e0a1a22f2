/// JSON as it stands in the golden files.
enum JSONValue: Decodable, Equatable, Sendable, CustomStringConvertible {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  init(_ values: [Double]) { self = .array(values.map(JSONValue.number)) }
  init(_ values: [Int]) { self.init(values.map(Double.init)) }
  init(_ values: [[Double]]) { self = .array(values.map { JSONValue($0) }) }

  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .array(let values): "\(values)"
    case .object(let values): "\(values)"
    }
  }
}

/// What a golden file lacks or has in another form than its schema says.
struct GoldenError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension JSONValue {
  func number() throws -> Double {
    switch self {
    case .number(let value): return value
    case .bool(let value): return value ? 1 : 0
    default: throw GoldenError("\(self) is not a number")
    }
  }

  func elements() throws -> [JSONValue] {
    guard case .array(let values) = self else { throw GoldenError("\(self) is not an array") }
    return values
  }

  func members() throws -> [String: JSONValue] {
    guard case .object(let values) = self else { throw GoldenError("\(self) is not an object") }
    return values
  }

  func numbers() throws -> [Double] { try elements().map { try $0.number() } }
  func integers() throws -> [Int] { try numbers().map { Int($0) } }
  func truths() throws -> [Bool] { try numbers().map { $0 != 0 } }
  func matrix() throws -> [[Double]] { try elements().map { try $0.numbers() } }
}
