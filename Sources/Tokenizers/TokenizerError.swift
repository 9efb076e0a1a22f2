/// Why a tokenizer could not be loaded. The description names the file, the place in it, what was
/// found there and what was expected.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that is missing or cannot be read.
  case unreadable(file: String, reason: String)
  /// Bytes that are not JSON (RFC 8259), with the line and column (in bytes) from 1.
  case malformedJSON(file: String, line: Int, column: Int, found: String, expected: String)
  /// A key that must be there.
  case missingKey(file: String, key: String, expected: String)
  /// A value of another kind than the key asks for.
  case wrongValue(file: String, key: String, found: String, expected: String)
  /// A part that is not implemented; `supported` lists what stands in its place.
  case unsupported(file: String, key: String, found: String, supported: String)
  /// Parts that contradict each other.
  case inconsistent(file: String, key: String, problem: String)

  /// One line for a reader who has the file at hand.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .malformedJSON(let file, let line, let column, let found, let expected):
      "\(file):\(line):\(column): not valid JSON: found \(found), expected \(expected)"
    case .missingKey(let file, let key, let expected):
      "\(file): \(key) is missing, expected \(expected)"
    case .wrongValue(let file, let key, let found, let expected):
      "\(file): \(key) is \(found), expected \(expected)"
    case .unsupported(let file, let key, let found, let supported):
      "\(file): \(key) \(found) is not supported (supported: \(supported))"
    case .inconsistent(let file, let key, let problem):
      "\(file): \(key): \(problem)"
    }
  }
}
