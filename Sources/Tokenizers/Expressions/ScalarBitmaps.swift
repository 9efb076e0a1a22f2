/// Sets of scalars for matching, one or two look-ups a scalar. Equal pages of the code space are
/// kept once.
final class ScalarBitmaps: @unchecked Sendable {
  /// Code points per page.
  private static let pageSize = 256
  private static let wordsPerPage = pageSize / 64
  private static let pageCount = Int(ScalarSet.limit) / pageSize

  // Made once and never changed; freed with the object.
  /// Per set the 128 ASCII characters.
  private let ascii: UnsafeMutablePointer<UInt64>
  /// Per set and page of the code space the place of its words.
  private let pages: UnsafeMutablePointer<UInt32>
  private let words: UnsafeMutablePointer<UInt64>

  init(_ sets: [ScalarSet]) {
    var pages: [UInt32] = []
    // Most pages have no scalar of a set, or all of them.
    let none = [UInt64](repeating: 0, count: Self.wordsPerPage)
    let every = [UInt64](repeating: ~0, count: Self.wordsPerPage)
    var words = none + every
    var places = [none: UInt32(0), every: UInt32(none.count)]
    for set in sets {
      var next = 0
      for page in 0..<Self.pageCount {
        let code = UInt32(page * Self.pageSize)..<UInt32((page + 1) * Self.pageSize)
        while next < set.ranges.count, set.ranges[next].upperBound <= code.lowerBound { next += 1 }
        guard next < set.ranges.count, set.ranges[next].lowerBound < code.upperBound else {
          pages.append(0)
          continue
        }
        guard !set.ranges[next].contains(code) else {
          pages.append(UInt32(none.count))
          continue
        }
        let bits = Self.bits(of: set.ranges[next...], in: code)
        let place = places[bits] ?? UInt32(words.count)
        if Int(place) == words.count {
          places[bits] = place
          words.append(contentsOf: bits)
        }
        pages.append(place)
      }
    }
    self.pages = .allocate(capacity: pages.count)
    self.pages.initialize(from: pages, count: pages.count)
    self.words = .allocate(capacity: words.count)
    self.words.initialize(from: words, count: words.count)
    ascii = .allocate(capacity: sets.count * 2)
    for set in sets.indices {
      let first = Int(pages[set * Self.pageCount])
      (ascii + set * 2).initialize(to: words[first])
      (ascii + set * 2 + 1).initialize(to: words[first + 1])
    }
  }

  deinit {
    ascii.deallocate()
    pages.deallocate()
    words.deallocate()
  }

  private static func bits(
    of ranges: ArraySlice<Range<UInt32>>, in page: Range<UInt32>
  ) -> [UInt64] {
    var bits = [UInt64](repeating: 0, count: wordsPerPage)
    for range in ranges {
      guard range.lowerBound < page.upperBound else { break }
      for scalar in range.clamped(to: page) {
        bits[Int(scalar - page.lowerBound) / 64] |= 1 << UInt64(scalar % 64)
      }
    }
    return bits
  }

  @inline(__always)
  func contains(ascii byte: UInt8, _ set: Int) -> Bool {
    ascii[set * 2 + Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
  }

  @inline(__always)
  func contains(_ scalar: UInt32, _ set: Int) -> Bool {
    let page = Int(pages[set * Self.pageCount + Int(scalar >> 8)])
    return words[page + Int(scalar >> 6 & 3)] >> UInt64(scalar & 63) & 1 == 1
  }

  /// The end of the scalar at `position` if there is one before `end` and the set has it.
  @inline(__always)
  func match(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int, _ set: Int
  ) -> Int? {
    guard position < end else { return nil }
    let byte = bytes[position]
    if byte < 0x80 { return contains(ascii: byte, set) ? position + 1 : nil }
    let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
    return contains(scalar, set) ? position + length : nil
  }
}
