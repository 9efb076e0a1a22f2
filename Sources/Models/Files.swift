import Foundation

/// Makes a folder with those above it, where it is not there yet.
func makeFolder(_ folder: URL) throws(ModelError) {
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  } catch {
    throw ModelError(
      kind: .unwritable, path: folder.path,
      problem: "the folder could not be made: \(error.localizedDescription)")
  }
}

/// Writes a small file so that either all of it is there afterwards or what was there before: into a
/// temporary name in the same folder, flushed, renamed, and the folder flushed.
func write(_ data: Data, to url: URL) throws(ModelError) {
  func unwritable(_ action: String) -> ModelError {
    let reason = String(cString: strerror(errno))
    return ModelError(
      kind: .unwritable, path: url.path, problem: "could not \(action): \(reason)")
  }
  let folder = url.deletingLastPathComponent().path
  let temporary = "\(folder)/.\(url.lastPathComponent).\(UUID().uuidString).partial"
  let permissions: mode_t = 0o666  // less the process's mask, as for any new file
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
  guard file >= 0 else { throw unwritable("make a file in \(folder)") }
  var isOpen = true
  do throws(ModelError) {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw unwritable("write")
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else { throw unwritable("flush") }
    isOpen = false
    guard close(file) == 0 else { throw unwritable("close") }
    guard rename(temporary, url.path) == 0 else { throw unwritable("rename") }
  } catch {
    if isOpen { close(file) }
    unlink(temporary)
    throw error
  }
  let directory = open(folder, O_RDONLY | O_CLOEXEC)
  guard directory >= 0 else { throw unwritable("open \(folder) to flush it") }
  defer { close(directory) }
  guard fsync(directory) == 0 else { throw unwritable("flush the folder") }
}
