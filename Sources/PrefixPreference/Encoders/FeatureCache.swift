import Foundation
import Torch

/// Features of texts that a frozen encoder has read once, in memory and, where it has a file, on disk:
/// they never change, so that further passes and runs cost the head alone.
public final class FeatureCache {
  /// A 128-bit hash of a text's tokens.
  struct Key: Hashable, Comparable {
    let high: Int64
    let low: Int64

    init(high: Int64, low: Int64) {
      self.high = high
      self.low = low
    }

    init(_ ids: [Int]) {
      var (first, second) = (WordHash(), WordHash(start: Self.secondStart))
      for id in ids + [ids.count] {
        let word = UInt64(bitPattern: Int64(id))
        first.add(word)
        second.add(word)
      }
      self.init(
        high: Int64(bitPattern: first.state), low: Int64(bitPattern: second.state))
    }

    // The golden ratio's bits: any start but the first hash's own.
    private static let secondStart: UInt64 = 0x9e37_79b9_7f4a_7c15

    static func < (left: Key, right: Key) -> Bool {
      (left.high, left.low) < (right.high, right.low)
    }
  }

  private var vectors: [Key: [Float]] = [:]
  private let file: URL?
  private var isChanged = false
  /// The most bytes of vectors that are kept; nil for all.
  private let byteLimit: Int?

  /// A cache in memory, which forgets everything before its vectors take more than `byteLimit` bytes: policy
  /// optimisation asks for ever new texts.
  public init(byteLimit: Int = 1 << 28) {
    file = nil
    self.byteLimit = byteLimit
  }

  /// A cache that goes on with what `file` holds, where it is there. One file serves one encoder with
  /// one pooling.
  ///
  /// - Throws: `SafetensorsError` or `PreferenceError.unreadable` for a file that is no such cache.
  public init(file: URL) throws {
    self.file = file
    byteLimit = nil
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let stored = try SafetensorsFile(file)
    let keys = try stored.tensor("keys")
    let values = try stored.tensor("vectors")
    guard keys.dtype == .int64, keys.rank == 2, keys.size(1) == 2, values.rank == 2,
      values.dtype == .float32, values.size(0) == keys.size(0)
    else {
      throw PreferenceError.unreadable(
        file: file.path,
        problem:
          "keys \(keys.shape) \(keys.dtype) and vectors \(values.shape) \(values.dtype) are no "
          + "feature cache, expected int64 [n, 2] and float32 [n, width]")
    }
    let (words, numbers, width) = (keys.ints, values.floats, values.size(1))
    for row in 0..<keys.size(0) {
      let key = Key(high: Int64(words[2 * row]), low: Int64(words[2 * row + 1]))
      vectors[key] = Array(numbers[row * width..<(row + 1) * width])
    }
  }

  /// The number of texts.
  public var count: Int { vectors.count }

  subscript(key: Key) -> [Float]? { vectors[key] }

  func insert(_ vector: [Float], for key: Key) {
    let bytes = vector.count * MemoryLayout<Float>.size
    if let byteLimit, (vectors.count + 1) * bytes > byteLimit { vectors.removeAll() }
    vectors[key] = vector
    isChanged = true
  }

  /// Writes the file, whole or not at all; nothing for a cache in memory.
  ///
  /// - Throws: `SafetensorsError` when it cannot be written.
  public func save() throws {
    guard let file, isChanged, let width = vectors.first?.value.count else { return }
    let ordered = vectors.sorted { $0.key < $1.key }
    try SafetensorsFile.write(
      [
        ("keys", Tensor(rows: ordered.map { [Int($0.key.high), Int($0.key.low)] })),
        ("vectors", Tensor(ordered.flatMap(\.value), shape: [ordered.count, width])),
      ], to: file)
    isChanged = false
  }
}
