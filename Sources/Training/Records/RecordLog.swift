import Foundation

/// A file of records, mostly JSON lines, that only grows, and can be cut back to where a checkpoint was made.
public final class RecordLog {
  /// The file.
  public let url: URL
  private let descriptor: Int32
  /// Bytes in the file.
  public private(set) var byteCount: Int

  /// Opens or makes the file and cuts it to `bytes`.
  ///
  /// - Throws: `FileError` when it cannot be opened, or is shorter than `bytes`.
  public init(_ url: URL, keeping bytes: Int) throws {
    self.url = url
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    guard descriptor >= 0 else { throw FileError.system("cannot be written", url) }
    byteCount = bytes
    let present = lseek(descriptor, 0, SEEK_END)
    guard present >= bytes else {
      close(descriptor)
      throw FileError(
        "\(url.path): \(present) bytes, but the checkpoint was made when it had \(bytes)")
    }
    guard ftruncate(descriptor, off_t(bytes)) == 0 else {
      let error = FileError.system("cutting back", url)
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Adds one line, all of it or, if the disk is full, an error.
  ///
  /// - Throws: `FileError`.
  public func append(_ line: String) throws {
    try append(Array((line + "\n").utf8))
  }

  /// Adds bytes, all of them or, if the disk is full, an error.
  ///
  /// - Throws: `FileError`.
  func append(_ bytes: [UInt8]) throws {
    try AtomicFile.writeAll(Data(bytes), to: descriptor, url)
    byteCount += bytes.count
  }

  /// Flushes to the disk.
  ///
  /// - Throws: `FileError`.
  public func flush() throws {
    guard fsync(descriptor) == 0 else { throw FileError.system("flushing", url) }
  }
}
