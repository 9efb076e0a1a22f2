/// The checksum of TFRecord files: CRC-32C (Castagnoli, RFC 3720 appendix B.4).
enum CRC32C {
  // The polynomial 0x1EDC6F41, bits reversed.
  private static let polynomial: UInt32 = 0x82F6_3B78

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 0 ? value >> 1 : value >> 1 ^ polynomial
    }
  }

  /// The checksum of `bytes`.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { value, byte in
      value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)]
    }
  }

  /// The checksum as TFRecord files have it: rotated by 15 bits and moved by a constant, so that the
  /// checksum of data with checksums in it is of use (TensorFlow, `lib/hash/crc32c.h`).
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let value = checksum(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
