/// What is wrong with a safetensors file, or why one could not be written.
public struct SafetensorsError: Error, CustomStringConvertible, Equatable {
  /// The kind of failure.
  public enum Kind: Sendable {
    /// The file is not there or the system would not read it.
    case unreadable
    /// The file ends before its header does, or its header's length is not possible.
    case truncated
    /// The header is not the JSON that the format asks for.
    case malformedHeader
    /// A tensor's type, shape and place in the file do not fit each other.
    case inconsistentTensor
    /// The tensors do not cover the file's data exactly once.
    case inconsistentLayout
    /// The file has no tensor of the name that was asked for.
    case missingTensor
    /// The tensor's element type has no counterpart in the engine, or its bytes are not of that type.
    case unsupportedType
    /// The file could not be written; the old one, if there was one, is as it was.
    case unwritable
    /// What was to be written cannot be: two tensors of one name, or a reserved name.
    case invalidContent
  }

  /// The kind of failure.
  public let kind: Kind
  /// The file.
  public let path: String
  /// What was found and what was expected.
  public let problem: String

  /// The file's path, then what was found and expected.
  public var description: String { "\(path): \(problem)" }
}
