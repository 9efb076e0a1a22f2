import Foundation

/// A file or folder that could not be written or read.
public struct FileError: Error, CustomStringConvertible, Equatable {
  /// Which file, what was being done, and the system's reason.
  public let description: String

  /// An error with a message.
  public init(_ description: String) { self.description = description }

  static func system(_ doing: String, _ url: URL) -> FileError {
    FileError("\(url.path): \(doing): \(String(cString: strerror(errno)))")
  }
}

/// Writes that leave the old state or the new one, never something between.
public enum AtomicFile {
  /// Writes `data` to a temporary name beside `url`, flushes it to the disk and renames it.
  ///
  /// - Throws: `FileError`; the temporary file is gone and `url` is as it was.
  public static func write(_ data: Data, to url: URL) throws {
    let temporary = url.deletingLastPathComponent()
      .appending(path: ".\(url.lastPathComponent).partial")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw FileError.system("cannot be written", url) }
    do {
      try writeAll(data, to: descriptor, url)
      guard fsync(descriptor) == 0 else { throw FileError.system("flushing", url) }
    } catch {
      close(descriptor)
      unlink(temporary.path)
      throw error
    }
    close(descriptor)
    guard rename(temporary.path, url.path) == 0 else {
      let error = FileError.system("renaming", url)
      unlink(temporary.path)
      throw error
    }
    try flush(folder: url.deletingLastPathComponent())
  }

  /// Fills a new folder under a temporary name and renames it to `url` when it is whole, replacing
  /// what is there.
  ///
  /// - Throws: `FileError`, or what `fill` throws; `url` is then as it was.
  public static func makeFolder(
    at url: URL, temporarySuffix: String = "partial", fill: (URL) throws -> Void
  ) throws {
    let files = FileManager.default
    let temporary = url.deletingLastPathComponent()
      .appending(path: ".\(url.lastPathComponent).\(temporarySuffix)")
    try? files.removeItem(at: temporary)
    try createFolder(temporary)
    do {
      try fill(temporary)
    } catch {
      try? files.removeItem(at: temporary)
      throw error
    }
    let old = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).old")
    if files.fileExists(atPath: url.path) {
      try? files.removeItem(at: old)
      guard rename(url.path, old.path) == 0 else { throw FileError.system("replacing", url) }
    }
    guard rename(temporary.path, url.path) == 0 else {
      let error = FileError.system("renaming", url)
      rename(old.path, url.path)
      throw error
    }
    try? files.removeItem(at: old)
    try flush(folder: url.deletingLastPathComponent())
  }

  /// Makes a folder with its parents.
  ///
  /// - Throws: `FileError` when it is not there afterwards.
  public static func createFolder(_ url: URL) throws {
    // Foundation's errors leave the system's reason out.
    var missing: [URL] = []
    var folder = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      missing.append(folder)
      folder.deleteLastPathComponent()
    }
    for folder in missing.reversed() {
      guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
        throw FileError.system("the folder cannot be made", url)
      }
    }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    guard isThere, isFolder.boolValue else {
      throw FileError("\(url.path): the folder cannot be made: a file of that name is there")
    }
  }

  static func writeAll(_ data: Data, to descriptor: Int32, _ url: URL) throws {
    try data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Foundation.write(
          descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw FileError.system("writing", url) }
        offset += count
      }
    }
  }

  private static func flush(folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY)
    guard descriptor >= 0 else { throw FileError.system("flushing the folder", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError.system("flushing the folder", folder) }
  }
}
