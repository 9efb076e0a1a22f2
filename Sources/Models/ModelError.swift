/// What is wrong with a model folder, or why a model could not be made or saved.
public struct ModelError: Error, CustomStringConvertible, Equatable {
  /// The kind of failure.
  public enum Kind: Sendable {
    /// A file of the model folder is not there or the system would not read it.
    case unreadable
    /// A JSON file is not JSON, or a key has a value of another type than it must have.
    case malformed
    /// A key that must be there is not.
    case missingKey
    /// The configuration asks for something that this library does not do.
    case unsupported
    /// The configuration's sizes do not fit each other.
    case inconsistent
    /// The checkpoint lacks a tensor that the configuration calls for.
    case missingTensor
    /// The checkpoint has a tensor that the configuration has no place for.
    case unexpectedTensor
    /// A tensor has another shape or element type than the configuration calls for.
    case mismatchedTensor
    /// The device is not on this machine.
    case unavailableDevice
    /// A file could not be written; the old one, if there was one, is as it was.
    case unwritable
  }

  /// The kind of failure.
  public let kind: Kind
  /// The file or folder; `configuration` for one that was made in code.
  public let path: String
  /// What was found and what was expected.
  public let problem: String

  /// The file, then what was found and expected.
  public var description: String { "\(path): \(problem)" }
}
