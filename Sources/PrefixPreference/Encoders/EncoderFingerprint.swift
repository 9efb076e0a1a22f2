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
