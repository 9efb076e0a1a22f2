import CTorch
import Foundation
import JSON

extension SafetensorsFile {
  /// Writes tensors so that either the whole file is there afterwards or what was there before:
  /// into a temporary name in the same folder, flushed, renamed, and the folder flushed.
  ///
  /// The bytes depend on the names, types, shapes, elements and metadata alone. Tensors are laid
  /// out as the format's reference implementation does, wider element types first, then by name.
  ///
  /// - Throws: `SafetensorsError` when a name is there twice or is reserved, the folder cannot be
  ///   written or the disk is full. No partial file stays.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
  ) throws {
    let path = url.path
    let ordered = try layout(tensors, path: path)
    let header = headerBytes(ordered, metadata: metadata)
    let folder = url.deletingLastPathComponent().path
    let temporary = "\(folder)/.\(url.lastPathComponent).\(UUID().uuidString).partial"

    func unwritable(_ action: String) -> SafetensorsError {
      let reason = systemMessage()
      return SafetensorsError(kind: .unwritable, path: path, problem: "\(action): \(reason)")
    }
    let permissions: mode_t = 0o666  // less the process's mask, as for any new file
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard file >= 0 else { throw unwritable("could not make a file in \(folder)") }
    var isOpen = true
    do {
      let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
      guard (length + header).withUnsafeBytes({ writeAll($0, to: file) }) else {
        throw unwritable("could not write the header")
      }
      for (name, tensor) in ordered {
        let written = tensor.withHostBytes { writeAll($0, to: file) }
        guard written else { throw unwritable("could not write the tensor \"\(name)\"") }
      }
      guard fsync(file) == 0 else { throw unwritable("could not flush") }
      isOpen = false
      guard close(file) == 0 else { throw unwritable("could not close") }
      guard rename(temporary, path) == 0 else { throw unwritable("could not rename") }
    } catch {
      if isOpen { close(file) }
      unlink(temporary)
      throw error
    }
    let directory = open(folder, O_RDONLY | O_CLOEXEC)
    guard directory >= 0 else { throw unwritable("could not open \(folder) to flush it") }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw unwritable("could not flush the folder") }
  }

  private static func layout(
    _ tensors: [(name: String, tensor: Tensor)], path: String
  ) throws(SafetensorsError) -> [(name: String, tensor: Tensor)] {
    func invalid(_ problem: String) -> SafetensorsError {
      SafetensorsError(kind: .invalidContent, path: path, problem: problem)
    }
    var seen: Set<String> = []
    for (name, _) in tensors {
      guard name != "__metadata__" else {
        throw invalid("a tensor cannot be called \"__metadata__\"; the format reserves that name")
      }
      guard seen.insert(name).inserted else {
        throw invalid("two tensors are called \"\(name)\"")
      }
    }
    let rank = Dictionary(
      uniqueKeysWithValues: SafetensorsType.allCases.enumerated().map { ($1, $0) })
    return tensors.map { (entry: $0, rank: rank[SafetensorsType($0.tensor.dtype), default: 0]) }
      .sorted { left, right in
        left.rank != right.rank
          ? left.rank > right.rank
          : left.entry.name.utf8.lexicographicallyPrecedes(right.entry.name.utf8)
      }
      .map(\.entry)
  }

  /// The header as JSON, padded with spaces so that the data starts at a multiple of 8 bytes.
  private static func headerBytes(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
  ) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * tensor.dtype.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let type = SafetensorsType(tensor.dtype).rawValue
      members.append(
        "\(quoted(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    let alignment = 8  // the widest element
    while bytes.count % alignment != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}

private func quoted(_ text: String) -> String { JSONValue.string(text).description }

/// Writes all bytes, however many calls that takes; false, with `errno` set, when one fails.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
  var position = 0
  while position < bytes.count {
    guard let base = bytes.baseAddress else { break }
    let written = write(file, base + position, bytes.count - position)
    if written < 0 {
      if errno == EINTR { continue }
      return false
    }
    position += written
  }
  return true
}
