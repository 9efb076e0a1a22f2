import Foundation

/// Makes a folder with those above it, where it is not there yet.
func makeFolder(_ folder: URL) throws(ModelError) {
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  } catch {
    throw ModelError(
      kind: .unwritable, path: folder.path,
      problem: "could not be made: \(error.localizedDescription)")
  }
}

/// Writes a small file so that either all of it is there afterwards or what was there before: into a
/// temporary name in the same folder, flushed, renamed.
func write(_ data: Data, to url: URL) throws(ModelError) {
  let folder = url.deletingLastPathComponent()
  let temporary = folder.appending(path: ".\(url.lastPathComponent).\(UUID().uuidString).partial")
  do {
    try data.write(to: temporary, options: .withoutOverwriting)
    let handle = try FileHandle(forWritingTo: temporary)
    try handle.synchronize()
    try handle.close()
    guard rename(temporary.path, url.path) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
  } catch {
    unlink(temporary.path)
    throw ModelError(
      kind: .unwritable, path: url.path,
      problem: "could not be written: \(error.localizedDescription)")
  }
}
