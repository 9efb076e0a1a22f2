extension RandomAccessCollection where Element == UInt8, Index == Int {
  /// The index of the first byte that is no part of a well-formed UTF-8 sequence, or nil.
  ///
  /// The byte ranges are those of table 3-7 of the Unicode Standard, version 15.
  public var firstInvalidUTF8Offset: Int? {
    var index = startIndex
    while index < endIndex {
      let lead = self[index]
      if lead < 0x80 {
        index += 1
        continue
      }
      let (length, second): (Int, ClosedRange<UInt8>)
      switch lead {
      case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      default: return index
      }
      guard index + length <= endIndex, second.contains(self[index + 1]),
        self[(index + 2)..<(index + length)].allSatisfy({ (0x80...0xBF).contains($0) })
      else { return index }
      index += length
    }
    return nil
  }
}
