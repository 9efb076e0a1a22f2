import Foundation
import Models
import Torch

/// All that a run needs to go on as if it had never stopped.
///
/// The folder is a Hugging Face model folder, or with LoRA the adapter's PEFT folder, with
/// `optimizer.safetensors` and `state.json` beside it.
public struct Checkpoint {
  /// What is not a tensor.
  public struct State: Codable, Equatable {
    /// Finished steps.
    public var step: Int
    /// Tokens generated so far.
    public var rolloutTokens: Int
    /// Problems taken so far.
    public var problemCursor: Int
    /// What an adaptive loss remembers; nil for any other.
    public var lossMemory: Double?
    /// What the method remembers of prompts, as JSON; nil where it remembers nothing.
    public var screening: Data?
    /// Places of problems that passed the method's screening and wait for a step.
    public var waitingProblems: [Int]?
    /// Bytes of each record file when the checkpoint was made.
    public var recordBytes: [String: Int]
    /// The resolved configuration the run was started with.
    public var configuration: String
  }

  /// Where it lies.
  public let folder: URL
  /// What is not a tensor.
  public let state: State

  static let folderPrefix = "step-"
  private static let optimizerName = "optimizer.safetensors"
  private static let stateName = "state.json"

  /// Writes a checkpoint whole or not at all, then removes all but the `keep` latest.
  ///
  /// - Throws: `FileError` and what saving the model throws; earlier checkpoints are then still there.
  static func save(
    _ state: State, model: LoadedModel, optimizer: AdamW,
    difficulty: DifficultyEstimator? = nil, in parent: URL, keep: Int
  ) throws {
    try AtomicFile.createFolder(parent)
    let folder = parent.appending(path: folderPrefix + padded(state.step))
    try AtomicFile.makeFolder(at: folder) { folder in
      try model.save(to: folder)
      try SafetensorsFile.write(
        optimizer.state, to: folder.appending(path: optimizerName))
      try difficulty?.save(in: folder)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try AtomicFile.write(try encoder.encode(state), to: folder.appending(path: stateName))
    }
    for old in try list(parent).dropLast(keep) {
      try FileManager.default.removeItem(at: old)
    }
  }

  /// The latest whole checkpoint in `parent`; nil when there is none.
  ///
  /// - Throws: `FileError` when one is there and cannot be read.
  public static func latest(in parent: URL) throws -> Checkpoint? {
    guard let folder = try list(parent).last else { return nil }
    let file = folder.appending(path: stateName)
    do {
      let state = try JSONDecoder().decode(State.self, from: Data(contentsOf: file))
      return Checkpoint(folder: folder, state: state)
    } catch let error as DecodingError {
      throw FileError("\(file.path): not a checkpoint's state: \(Self.reason(error))")
    } catch {
      throw FileError("\(file.path): cannot be read: \(error.localizedDescription)")
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has another type"
    default: "not valid JSON"
    }
  }

  /// Gives the optimizer its moments back.
  ///
  /// - Throws: errors that name the file and the entry.
  public func restore(_ optimizer: AdamW) throws {
    let file = try SafetensorsFile(folder.appending(path: Self.optimizerName))
    try optimizer.restore { name in
      file.shape(of: name) == nil ? nil : try file.tensor(name)
    }
  }

  private static func list(_ parent: URL) throws -> [URL] {
    guard FileManager.default.fileExists(atPath: parent.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: parent, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasPrefix(folderPrefix) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  // Wide enough that names sort as numbers.
  private static func padded(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}
