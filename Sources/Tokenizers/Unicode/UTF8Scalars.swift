/// UTF-8, scalar by scalar, over bytes that are known to be well-formed or are checked here.
enum UTF8Scalars {
  /// The scalar at `position` of well-formed UTF-8, and its length in bytes.
  @inline(__always)
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (scalar: UInt32, length: Int) {
    let first = UInt32(bytes[position])
    if first < 0x80 { return (first, 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | UInt32(bytes[position + 1] & 0x3F), 2) }
    if first < 0xF0 {
      let scalar =
        (first & 0x0F) << 12 | UInt32(bytes[position + 1] & 0x3F) << 6
        | UInt32(bytes[position + 2] & 0x3F)
      return (scalar, 3)
    }
    let scalar =
      (first & 0x07) << 18 | UInt32(bytes[position + 1] & 0x3F) << 12
      | UInt32(bytes[position + 2] & 0x3F) << 6 | UInt32(bytes[position + 3] & 0x3F)
    return (scalar, 4)
  }

  /// Where the scalar begins that ends just before `position` of well-formed UTF-8.
  @inline(__always)
  static func start(
    before position: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var start = position - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// How many bytes the scalar takes whose first byte this is, in well-formed UTF-8.
  @inline(__always)
  static func length(first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  /// What stands at a position of bytes that may be anything.
  enum Checked: Equatable {
    /// A whole scalar and its length.
    case scalar(UInt32, length: Int)
    /// An ill-formed sequence of this length (a maximal subpart, Unicode 3.9, U+FFFD replaces it).
    case invalid(length: Int)
    /// The bytes end inside what may still become a scalar.
    case incomplete
  }

  /// Looks at `bytes[position...]`, which must not be empty.
  static func check(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Checked {
    let first = bytes[position]
    // The second byte's range depends on the first (Unicode table 3-7).
    let trailing: Int
    var lower: UInt8 = 0x80
    var upper: UInt8 = 0xBF
    switch first {
    case 0x00..<0x80: return .scalar(UInt32(first), length: 1)
    case 0xC2...0xDF: trailing = 1
    case 0xE0:
      trailing = 2
      lower = 0xA0
    case 0xED:
      trailing = 2
      upper = 0x9F
    case 0xE1...0xEF: trailing = 2
    case 0xF0:
      trailing = 3
      lower = 0x90
    case 0xF1...0xF3: trailing = 3
    case 0xF4:
      trailing = 3
      upper = 0x8F
    default: return .invalid(length: 1)
    }
    for offset in 1...trailing {
      guard position + offset < bytes.count else { return .incomplete }
      let byte = bytes[position + offset]
      guard byte >= lower, byte <= upper else { return .invalid(length: offset) }
      lower = 0x80
      upper = 0xBF
    }
    return .scalar(decode(bytes, at: position).scalar, length: trailing + 1)
  }

  /// Appends a scalar's UTF-8.
  @inline(__always)
  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    if scalar < 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    } else if scalar < 0x10000 {
      bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    } else {
      bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 12) & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
  }
}
