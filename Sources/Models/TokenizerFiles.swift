import Foundation

/// The files that belong to a tokenizer in a Hugging Face folder.
private let tokenizerFileNames = [
  "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
  "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "chat_template.jinja",
  "chat_template.json",
]

/// Copies a tokenizer's files from one model folder to another, each whole or not at all.
///
/// - Returns: the names of the files that were there and have been copied.
/// - Throws: `ModelError` naming the file that could not be read or written.
@discardableResult
public func copyTokenizerFiles(from source: URL, to destination: URL) throws -> [String] {
  let names = tokenizerFileNames.filter {
    FileManager.default.fileExists(atPath: source.appending(path: $0).path)
  }
  guard source.standardizedFileURL != destination.standardizedFileURL else { return names }
  try makeFolder(destination)
  for name in names {
    let file = source.appending(path: name)
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw ModelError(
        kind: .unreadable, path: file.path,
        problem: "could not be read: \(error.localizedDescription)")
    }
    try write(data, to: destination.appending(path: name))
  }
  return names
}
