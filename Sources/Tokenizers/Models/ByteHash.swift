import Foundation

/// A fast hash of byte strings for the tables of this module. Tables compare the bytes as well, so
/// its quality decides speed and never a result.
enum ByteHash {
  // Odd constants of wyhash (Wang Yi, public domain).
  private static let multiplier: UInt64 = 0xA076_1D64_78BD_642F
  private static let seed: UInt64 = 0xE703_7ED1_A0B4_28DB

  @inline(__always)
  static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  @inline(__always)
  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    var position = 0
    while position + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      state = mix(state ^ word, multiplier)
      position += 8
    }
    if position < bytes.count {
      var word: UInt64 = 0
      var shift: UInt64 = 0
      while position < bytes.count {
        word |= UInt64(bytes[position]) << shift
        shift += 8
        position += 1
      }
      state = mix(state ^ word, multiplier)
    }
    return mix(state, seed)
  }

  /// Whether the bytes from `base + start` on are those of `key`.
  @inline(__always)
  static func equal(
    _ base: UnsafeRawPointer?, _ start: Int, _ key: UnsafeRawBufferPointer
  ) -> Bool {
    guard let base, let other = key.baseAddress else { return key.isEmpty }
    return memcmp(base + start, other, key.count) == 0
  }

  @inline(__always)
  static func hash(_ value: UInt64) -> UInt64 { mix(value ^ seed, multiplier) }
}
