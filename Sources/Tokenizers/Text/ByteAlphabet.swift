/// The byte alphabet of byte-level tokenizers: every byte has a printable character, so that any
/// bytes can stand in a vocabulary of strings (GPT-2, Radford et al. 2019, `bytes_to_unicode`).
///
/// Printable Latin-1 bytes stand for themselves, the other 68 get U+0100 upwards.
enum ByteAlphabet {
  /// The character's scalar of each byte.
  static let scalarOfByte: [UInt32] = {
    var scalars = [UInt32](repeating: 0, count: 256)
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: scalars[Int(byte)] = byte
      default:
        scalars[Int(byte)] = next
        next += 1
      }
    }
    return scalars
  }()

  /// The byte of each scalar below U+0144, -1 where it is no character of the alphabet.
  private static let byteOfScalar: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalarOfByte.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// The byte that a character stands for.
  @inline(__always)
  static func byte(of scalar: UInt32) -> UInt8? {
    guard scalar < 0x144, byteOfScalar[Int(scalar)] >= 0 else { return nil }
    return UInt8(byteOfScalar[Int(scalar)])
  }

  /// Appends the UTF-8 of the bytes' characters.
  static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    for byte in bytes { UTF8Scalars.append(scalarOfByte[Int(byte)], to: &text) }
  }

  /// Appends the bytes that a token's characters stand for, or the token's own UTF-8 where any of
  /// its characters is outside the alphabet (an added token with a space, say).
  static func appendBytes(ofToken token: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    let start = bytes.count
    var position = 0
    while position < token.count {
      let (scalar, length) = UTF8Scalars.decode(token, at: position)
      guard let byte = byte(of: scalar) else {
        bytes.removeSubrange(start...)
        bytes.append(contentsOf: token)
        return
      }
      bytes.append(byte)
      position += length
    }
  }
}
