import Foundation
import JSON

/// Typed access to the keys of a JSON object, with errors that name the file and the key. A key whose
/// value is null counts as one that is not there, as in transformers.
struct ConfigurationReader {
  let path: String
  private let object: JSONValue
  private let prefix: String

  /// - Parameter within: the key that holds the object; nil for a whole file.
  init(_ value: JSONValue, path: String, within key: String? = nil) throws(ModelError) {
    guard case .object = value else {
      throw ModelError(
        kind: .malformed, path: path,
        problem: "\(key ?? "the file") must be an object, found \(value.summary)")
    }
    self.path = path
    object = value
    prefix = key.map { "\($0)." } ?? ""
  }

  func error(_ kind: ModelError.Kind, _ problem: String) -> ModelError {
    ModelError(kind: kind, path: path, problem: problem)
  }

  func wrongType(_ key: String, _ value: JSONValue, expected: String) -> ModelError {
    error(.malformed, "\(prefix)\(key) is \(value.summary), expected \(expected)")
  }

  func unsupported(_ key: String, _ found: String, expected: String) -> ModelError {
    error(.unsupported, "\(prefix)\(key) is \(found), supported is \(expected)")
  }

  private func missing(_ key: String, expected: String) -> ModelError {
    error(.missingKey, "there is no \(prefix)\(key), expected \(expected)")
  }

  func value(_ key: String) -> JSONValue? {
    let value = object[key]
    return value == .null ? nil : value
  }

  func string(_ key: String) throws(ModelError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else {
      throw wrongType(key, value, expected: "a string")
    }
    return text
  }

  func bool(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
    guard let value = value(key) else { return fallback }
    guard case .bool(let flag) = value else {
      throw wrongType(key, value, expected: "true or false")
    }
    return flag
  }

  func number(_ key: String) throws(ModelError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.double, number.isFinite else {
      throw wrongType(key, value, expected: "a number")
    }
    return number
  }

  /// A number above 0. Without a `fallback` the key must be there.
  func positiveNumber(
    _ key: String, default fallback: Double? = nil
  ) throws(ModelError) -> Double {
    guard let value = value(key) else {
      guard let fallback else { throw missing(key, expected: "a positive number") }
      return fallback
    }
    guard let number = try number(key), number > 0 else {
      throw wrongType(key, value, expected: "a positive number")
    }
    return number
  }

  func optionalPositive(_ key: String) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.int, number > 0 else {
      throw wrongType(key, value, expected: "a positive integer")
    }
    return number
  }

  /// An integer above 0. Without a `fallback` the key must be there.
  ///
  /// - Parameter ifNull: what an explicit null stands for; the same as a missing key where nil.
  func positive(
    _ key: String, default fallback: Int? = nil, ifNull: Int? = nil
  ) throws(ModelError) -> Int {
    if let ifNull, object[key] == .null { return ifNull }
    if let number = try optionalPositive(key) { return number }
    guard let fallback else { throw missing(key, expected: "a positive integer") }
    return fallback
  }

  func nonNegative(_ key: String, default fallback: Int) throws(ModelError) -> Int {
    guard let value = value(key) else { return fallback }
    guard let number = value.int, number >= 0 else {
      throw wrongType(key, value, expected: "an integer, 0 or more")
    }
    return number
  }

  /// A token id; an explicit null stands for none.
  func id(_ key: String, default fallback: Int?) throws(ModelError) -> Int? {
    guard let value = object[key] else { return fallback }
    if value == .null { return nil }
    guard let id = value.int else { throw wrongType(key, value, expected: "a token id") }
    return id
  }

  /// One token id or a list of them; an explicit null stands for none.
  func ids(_ key: String, default fallback: [Int]) throws(ModelError) -> [Int] {
    guard let value = object[key], case .array(let elements) = value else {
      return try id(key, default: nil).map { [$0] } ?? (object[key] == nil ? fallback : [])
    }
    var ids: [Int] = []
    for element in elements {
      guard let id = element.int else {
        throw wrongType(key, value, expected: "a token id or a list of token ids")
      }
      ids.append(id)
    }
    return ids
  }
}

extension JSONValue {
  /// Reads a JSON file.
  ///
  /// - Throws: `ModelError` naming the file, and the line where it is not JSON.
  init(file: URL) throws(ModelError) {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      let isThere = FileManager.default.fileExists(atPath: file.path)
      throw ModelError(
        kind: .unreadable, path: file.path,
        problem: isThere
          ? "could not be read: \(error.localizedDescription)" : "there is no such file")
    }
    try self.init(json: data, path: file.path)
  }

  /// - Throws: `ModelError` naming `path` and the line where the bytes are not JSON.
  init(json: Data, path: String) throws(ModelError) {
    do {
      self = try JSONValue(parsing: json)
    } catch {
      throw ModelError(
        kind: .malformed, path: path, problem: "line \(error.line): \(error.problem)")
    }
  }
}
