/// A template's text as it is scanned: line ends are line feeds, and a last one is gone (Jinja2's
/// `keep_trailing_newline=False`).
struct Source: Sendable {
  let bytes: [UInt8]

  init(_ text: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var afterReturn = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\r") {
        bytes.append(UInt8(ascii: "\n"))
      } else if byte != UInt8(ascii: "\n") || !afterReturn {
        bytes.append(byte)
      }
      afterReturn = byte == UInt8(ascii: "\r")
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.bytes = bytes
  }

  /// The text between two bytes.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Whether `text` stands at a byte.
  func has(_ text: StaticString, at offset: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard offset >= 0, offset + count <= bytes.count else { return false }
    for index in 0..<count where bytes[offset + index] != text.utf8Start[index] { return false }
    return true
  }

  /// The scalar at a byte and its length in bytes; nil at the end.
  func scalar(at offset: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    guard offset < bytes.count else { return nil }
    let first = bytes[offset]
    guard first >= 0x80 else { return (Unicode.Scalar(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard offset + length <= bytes.count,
      let scalar = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
        .unicodeScalars.first
    else { return nil }
    return (scalar, length)
  }

  /// The first byte from `offset` that is not white space.
  func skippingSpace(from offset: Int) -> Int {
    var offset = offset
    while let (scalar, length) = scalar(at: offset), scalar.isPythonSpace { offset += length }
    return offset
  }

  /// The end of the text before `end` without white space there, not before `start`.
  func trimmingSpace(_ range: Range<Int>) -> Int {
    var end = range.upperBound
    while end > range.lowerBound {
      var start = end - 1
      while start > range.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
      guard let (scalar, _) = scalar(at: start), scalar.isPythonSpace else { break }
      end = start
    }
    return end
  }

  /// Line and column, both from 1, of a byte.
  func place(of offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<min(max(offset, 0), bytes.count)]
    let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (line, 1 + before[start...].count { $0 & 0xC0 != 0x80 })
  }
}

extension Unicode.Scalar {
  /// What Python's `str.isspace` and the regular expression `\s` hold for white space.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }
}

extension String {
  /// Without the scalars at its ends for which `strips` is true, as Python's `strip`, `lstrip` and `rstrip`;
  /// by default white space.
  func stripped(
    left: Bool = true, right: Bool = true,
    _ strips: (Unicode.Scalar) -> Bool = { $0.isPythonSpace }
  ) -> String {
    var rest = unicodeScalars[...]
    if left { rest = rest.drop(while: strips) }
    if right {
      while let last = rest.last, strips(last) { rest.removeLast() }
    }
    return String(rest)
  }
}
