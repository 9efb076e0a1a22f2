/// FNV-1a's scheme on 64-bit words instead of bytes, with a rotation so that high bits reach low ones.
struct WordHash {
  // FNV's 64-bit offset basis and prime (Fowler, Noll, Vo).
  private static let offsetBasis: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x0000_0100_0000_01b3

  /// The hash of the words so far.
  private(set) var state: UInt64

  /// - Parameter start: another one gives an independent hash of the same words.
  init(start: UInt64 = offsetBasis) { state = start }

  mutating func add(_ word: UInt64) {
    let mixed = (state ^ word) &* Self.prime
    state = mixed << 29 | mixed >> 35
  }

  mutating func add(text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
    add(UInt64(text.utf8.count))
  }

  var hexadecimal: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
