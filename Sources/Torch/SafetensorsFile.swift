import CTorch
import Foundation

/// A safetensors file, memory-mapped: opening one reads its header only, and a tensor's pages come
/// into memory when they are first used.
///
/// Every check that the format asks for is made on opening, so that a damaged file fails then and
/// not in the middle of a run.
///
/// ```swift
/// let file = try SafetensorsFile(folder.appending(path: "model.safetensors"))
/// let weight = try file.tensor("lm_head.weight")
/// ```
public struct SafetensorsFile: Sendable {
  private let mapping: Mapping
  private let dataStart: Int
  private let entries: [String: SafetensorsHeader.Entry]

  /// The free text pairs of the header.
  public let metadata: [String: String]

  /// The names of all tensors, in byte order.
  public let names: [String]

  /// Maps and checks a file.
  ///
  /// - Throws: `SafetensorsError` when the file is missing, truncated or inconsistent.
  public init(_ url: URL) throws {
    let path = url.path
    let mapping = try Mapping(path: path)
    let prefix = SafetensorsHeader.prefixLength
    func truncated(_ problem: String) -> SafetensorsError {
      SafetensorsError(kind: .truncated, path: path, problem: problem)
    }
    guard mapping.count >= prefix else {
      throw truncated(
        "a safetensors file starts with \(prefix) bytes of header length, found "
          + "\(mapping.count) bytes in all")
    }
    let length = mapping.bytes[..<prefix].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsHeader.maximumLength) else {
      throw truncated(
        "the header's length is given as \(length) bytes, more than the format's limit of "
          + "\(SafetensorsHeader.maximumLength); this is not a safetensors file")
    }
    dataStart = prefix + Int(length)
    guard dataStart <= mapping.count else {
      throw truncated(
        "the header's length is given as \(length) bytes, but only \(mapping.count - prefix) "
          + "bytes follow")
    }
    let header = try SafetensorsHeader(
      json: Array(mapping.bytes[prefix..<dataStart]), dataLength: mapping.count - dataStart,
      path: path)
    self.mapping = mapping
    metadata = header.metadata
    entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
    names = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The shape of a tensor; nil when there is none of that name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The element type of a tensor; nil when there is none of that name or the engine has no such
  /// type.
  public func dtype(of name: String) -> DType? { entries[name]?.type.dtype }

  /// A tensor on the CPU that shares the file's mapped memory, which stays mapped as long as the
  /// tensor lives. Writing to it in place changes this process's copy alone, which all tensors
  /// made from this value under the same name see. Elements that do not lie at a multiple of their
  /// size are copied.
  ///
  /// - Throws: `SafetensorsError` when there is no tensor of that name, or its type has no
  ///   counterpart in the engine.
  public func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      let hint = nearest(to: name, in: names).map { "; the nearest name is \"\($0)\"" } ?? ""
      throw failure(.missingTensor, "there is no tensor \"\(name)\"\(hint)")
    }
    guard let dtype = entry.type.dtype else {
      let known = DType.allCases.map { SafetensorsType($0).rawValue }.joined(separator: ", ")
      throw failure(
        .unsupportedType,
        "the tensor \"\(name)\" has the type \(entry.type.rawValue), which cannot be used here; "
          + "expected one of \(known)")
    }
    Runtime.start()
    let shape = entry.shape.map(Int64.init)
    let rank = Int32(shape.count)
    guard !entry.bytes.isEmpty else { return Tensor.uninitialized(entry.shape, dtype: dtype) }
    let start = mapping.base + dataStart + entry.bytes.lowerBound
    if dtype == .bool {
      let bytes = UnsafeRawBufferPointer(start: start, count: entry.bytes.count)
      if let position = bytes.firstIndex(where: { $0 > 1 }) {
        throw failure(
          .unsupportedType,
          "element \(position) of the tensor \"\(name)\" is the byte \(bytes[position]), expected "
            + "0 or 1 for BOOL")
      }
    }
    guard UInt(bitPattern: start) % UInt(dtype.byteCount) == 0 else {
      return checked(ct_from_host(start, shape, rank, dtype.rawValue))
    }
    let owner = Unmanaged.passRetained(mapping)
    return checked(
      ct_from_shared(start, shape, rank, dtype.rawValue, owner.toOpaque()) { context in
        if let context { Unmanaged<Mapping>.fromOpaque(context).release() }
      })
  }

  private func failure(_ kind: SafetensorsError.Kind, _ problem: String) -> SafetensorsError {
    SafetensorsError(kind: kind, path: mapping.path, problem: problem)
  }
}

/// A file mapped privately: readable and writable, without changes reaching the file.
private final class Mapping: @unchecked Sendable {  // only constants; the memory is the tensors'
  let path: String
  let base: UnsafeMutableRawPointer
  let count: Int

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  init(path: String) throws(SafetensorsError) {
    func unreadable(_ reason: String) -> SafetensorsError {
      SafetensorsError(kind: .unreadable, path: path, problem: reason)
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(systemMessage()) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw unreadable(systemMessage()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable("not a regular file") }
    self.path = path
    count = Int(status.st_size)
    guard count > 0 else {
      throw SafetensorsError(kind: .truncated, path: path, problem: "the file is empty")
    }
    let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0)
    guard let memory, memory != MAP_FAILED else { throw unreadable(systemMessage()) }
    base = memory
  }

  deinit { munmap(base, count) }
}

/// The system's words for the last failed call.
func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// The candidate with the least edit distance (Levenshtein 1966) to `name`.
package func nearest(to name: String, in candidates: [String]) -> String? {
  func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
  let bytes = Array(name.utf8)
  return candidates.map { ($0, distance(bytes, Array($0.utf8))) }.min { $0.1 < $1.1 }?.0
}
