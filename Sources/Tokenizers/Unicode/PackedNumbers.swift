/// Reads the numbers of a generated data string: groups of five bits, least significant first, one
/// character each, whose sixth bit says that more follow. White space between them is skipped.
struct PackedNumbers {
  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// The next number, `nil` at the end.
  mutating func next() -> UInt32? {
    var value: UInt32 = 0
    var shift: UInt32 = 0
    while position < text.count {
      let character = text[position]
      position += 1
      // The digits are the printable characters from "$" on without the backslash.
      guard character >= UInt8(ascii: "$") else { continue }
      let digit = UInt32(character - UInt8(ascii: "$")) - (character > UInt8(ascii: "\\") ? 1 : 0)
      value |= (digit & 31) << shift
      shift += 5
      if digit & 32 == 0 { return value }
    }
    return nil
  }

  /// Calls `body` with a reader of a data string.
  static func read(_ text: StaticString, _ body: (inout PackedNumbers) -> Void) {
    text.withUTF8Buffer { buffer in
      var numbers = PackedNumbers(buffer)
      body(&numbers)
    }
  }
}
