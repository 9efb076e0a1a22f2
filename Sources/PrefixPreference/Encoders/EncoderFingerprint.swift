import Torch

/// A 64-bit hash of a model's configuration and the values of its parameters, in hexadecimal.
///
/// It tells weights apart that differ by accident (another model, another checkpoint); it is no
/// cryptographic hash. Values enter in single precision, so that a checkpoint in half precision has
/// one fingerprint whichever type it is loaded with.
func fingerprint(
  configuration: String, parameters: [(name: String, tensor: Tensor)]
) -> String {
  var hash = WordHash()
  hash.add(text: configuration)
  for (name, tensor) in parameters.sorted(by: { $0.name < $1.name }) {
    hash.add(text: name)
    hash.add(UInt64(tensor.count))
    for size in tensor.shape { hash.add(UInt64(size)) }
    tensor.floats.withUnsafeBytes { bytes in
      let words = bytes.count / MemoryLayout<UInt64>.size
      for word in 0..<words {
        hash.add(bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self))
      }
      for byte in bytes[(words * 8)...] { hash.add(UInt64(byte)) }
    }
  }
  return hash.hexadecimal
}

/// FNV-1a's scheme on 64-bit words instead of bytes, with a rotation so that high bits reach low ones.
private struct WordHash {
  // FNV's 64-bit offset basis and prime (Fowler, Noll, Vo).
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x0000_0100_0000_01b3

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
