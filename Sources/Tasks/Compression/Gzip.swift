/// Reads gzip files (RFC 1952).
enum Gzip {
  /// Data that is larger when decompressed is refused: it would be held in memory whole.
  static let maximumBytes = 2 << 30

  private static let magic: [UInt8] = [0x1F, 0x8B]
  private static let headerBytes = 10
  private static let trailerBytes = 8

  /// Whether `bytes` begin as a gzip file does.
  static func isCompressed(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: magic) }

  /// The data of all members of a gzip file, with their checksums checked.
  static func decompress(
    _ bytes: [UInt8], limit: Int = maximumBytes
  ) throws(Inflate.Failure) -> [UInt8] {
    var output: [UInt8] = []
    var position = 0
    repeat {
      let start = try dataStart(bytes, from: position)
      let (data, end) = try Inflate.decompress(bytes, from: start, limit: limit - output.count)
      guard end + trailerBytes <= bytes.count else {
        throw Inflate.Failure(found: "no checksum after the compressed data", expected: "one")
      }
      guard number(bytes, at: end) == checksum(data) else {
        throw Inflate.Failure(
          found: "data that its checksum does not match", expected: "an undamaged file")
      }
      guard number(bytes, at: end + 4) == UInt32(truncatingIfNeeded: data.count) else {
        throw Inflate.Failure(
          found: "data of another length than stated", expected: "an undamaged file")
      }
      output += data
      position = end + trailerBytes
      // Archivers pad with zeros.
      while position < bytes.count, bytes[position] == 0 { position += 1 }
    } while position < bytes.count
    return output
  }

  /// Where the compressed data of the member at `start` begins.
  private static func dataStart(
    _ bytes: [UInt8], from start: Int
  ) throws(Inflate.Failure) -> Int {
    guard start + headerBytes <= bytes.count, isCompressed(bytes[start...]) else {
      throw Inflate.Failure(found: "no gzip header", expected: "one at byte \(start)")
    }
    guard bytes[start + 2] == 8 else {
      throw Inflate.Failure(found: "compression method \(bytes[start + 2])", expected: "8, DEFLATE")
    }
    let flags = bytes[start + 3]
    var position = start + headerBytes
    if flags & 4 != 0, position + 2 <= bytes.count {
      position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
    }
    // The name and the comment end with a zero.
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
      while position < bytes.count, bytes[position] != 0 { position += 1 }
      position += 1
    }
    if flags & 2 != 0 { position += 2 }
    guard position <= bytes.count else {
      throw Inflate.Failure(found: "the end of the file in the gzip header", expected: "more data")
    }
    return position
  }

  private static func number(_ bytes: [UInt8], at start: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
  }

  /// CRC-32 by the byte (RFC 1952, 8).
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8) }
    return value ^ 0xFFFF_FFFF
  }
}
