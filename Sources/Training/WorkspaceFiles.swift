import Foundation
import Tasks
import Tokenizers

/// What a workspace has read, for its parts that ask for the same again: the check before a run and the run.
final class WorkspaceFiles {
  private var problems: [String: [Problem]] = [:]
  private var tokenizers: [String: Tokenizer] = [:]

  /// The problems of the file at `path`, read at the first call.
  ///
  /// - Throws: what `read` throws.
  func problems(at path: String, read: () throws -> [Problem]) rethrows -> [Problem] {
    if let known = problems[path] { return known }
    let found = try read()
    problems[path] = found
    return found
  }

  /// The tokenizer of a folder, read at the first call.
  ///
  /// - Throws: errors of the folder's files.
  func tokenizer(in folder: URL) throws -> Tokenizer {
    if let known = tokenizers[folder.path] { return known }
    let tokenizer = try Tokenizer(folder: folder)
    tokenizers[folder.path] = tokenizer
    return tokenizer
  }
}
