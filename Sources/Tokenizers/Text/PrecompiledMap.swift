import Foundation

/// SentencePiece's normalization rules as a model file carries them (`precompiled_charsmap`): a
/// double-array trie (Aoe 1989, in Darts' layout) from texts to places in a list of replacements.
///
/// It is applied as the reference implementation does: to every extended grapheme cluster of less
/// than six bytes as a whole, where the shortest rule that its beginning matches replaces all of
/// it, and otherwise to each of its scalars.
struct PrecompiledMap: Sendable {
  /// Longer clusters are looked up scalar by scalar.
  private static let clusterLimit = 6

  private let units: [UInt32]
  /// Replacements, each ended by a zero byte.
  private let texts: [UInt8]
  /// Where the replacement of an ASCII character begins, -1 where it has none.
  private var ascii = [Int](repeating: -1, count: 128)

  /// Reads the rules, `nil` if they are not in SentencePiece's layout: the size of the trie in
  /// bytes, its units (all little-endian 32-bit numbers) and the replacements in UTF-8.
  init?(_ data: [UInt8]) {
    let unitSize = 4
    func number(at place: Int) -> UInt32 {
      data[place..<place + unitSize].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard data.count >= unitSize else { return nil }
    let unitCount = Int(number(at: 0)) / unitSize
    guard unitCount > 0, unitCount <= (data.count - unitSize) / unitSize else { return nil }
    units = (1...unitCount).map { number(at: $0 * unitSize) }
    texts = Array(data[((unitCount + 1) * unitSize)...])
    guard String(validating: texts, as: UTF8.self) != nil else { return nil }
    for byte in UInt8(1)..<128 {
      let found = [byte].withUnsafeBufferPointer { search($0, 0..<1) }
      ascii[Int(byte)] = found ?? -1
    }
  }

  private func unit(at place: UInt32) -> UInt32? {
    place < UInt32(units.count) ? units[Int(place)] : nil
  }

  /// Where the replacement begins for the shortest rule that a text begins with.
  private func search(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    func offset(_ unit: UInt32) -> UInt32 {
      // Offsets that bit 9 marks are in units of 256.
      (unit >> 10) << (unit >> 9 & 1 == 1 ? 8 : 0)
    }
    var place = offset(units[0])
    for byte in bytes[range] {
      guard byte != 0 else { return nil }
      place ^= UInt32(byte)
      guard let unit = unit(at: place), unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      place ^= offset(unit)
      guard unit >> 8 & 1 == 1 else { continue }
      guard let leaf = self.unit(at: place) else { return nil }
      let start = Int(leaf & (1 << 31 - 1))
      // A place outside the list, or inside a scalar, is no rule.
      return start < texts.count && texts[start] & 0xC0 != 0x80 ? start : nil
    }
    return nil
  }

  private func appendText(at start: Int, to result: inout [UInt8]) {
    var end = start
    while end < texts.count, texts[end] != 0 { end += 1 }
    result.append(contentsOf: texts[start..<end])
  }

  /// The normalized text of well-formed UTF-8.
  func apply(to bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let end = Self.simpleEnd(bytes, position)
        // Characters of ASCII are clusters of their own.
        while position < end {
          appendScalar(bytes, position..<position + 1, to: &result)
          position += 1
        }
        let clustersEnd = Self.clustersEnd(bytes, position)
        appendClusters(bytes, position..<clustersEnd, to: &result)
        position = clustersEnd
      }
    }
    return result
  }

  /// Where characters begin that may be clusters of several scalars.
  private static func simpleEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] < 0x80 {
      if end + 1 < bytes.count, bytes[end + 1] >= 0x80 || isNewlinePair(bytes, end) { break }
      end += 1
    }
    return end
  }

  private static func isNewlinePair(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    bytes[place] == UInt8(ascii: "\r") && bytes[place + 1] == UInt8(ascii: "\n")
  }

  /// Where they end: between two characters of ASCII.
  private static func clustersEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var end = start
    while end < bytes.count {
      end += 1
      if end == bytes.count
        || bytes[end - 1] < 0x80 && bytes[end] < 0x80
          && !isNewlinePair(bytes, end - 1)
      {
        break
      }
    }
    return end
  }

  private func appendClusters(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to result: inout [UInt8]
  ) {
    guard !range.isEmpty else { return }
    // Swift's characters are the extended grapheme clusters.
    let text = String(decoding: bytes[range], as: UTF8.self)
    var start = range.lowerBound
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      let end = start + text.utf8.distance(from: index, to: next)
      appendCluster(bytes, start..<end, to: &result)
      (start, index) = (end, next)
    }
  }

  private func appendCluster(
    _ bytes: UnsafeBufferPointer<UInt8>, _ cluster: Range<Int>, to result: inout [UInt8]
  ) {
    let firstLength = UTF8Scalars.length(first: bytes[cluster.lowerBound])
    if cluster.count < Self.clusterLimit, cluster.count > firstLength,
      let start = search(bytes, cluster)
    {
      return appendText(at: start, to: &result)
    }
    var position = cluster.lowerBound
    while position < cluster.upperBound {
      let end = position + UTF8Scalars.length(first: bytes[position])
      appendScalar(bytes, position..<end, to: &result)
      position = end
    }
  }

  @inline(__always)
  private func appendScalar(
    _ bytes: UnsafeBufferPointer<UInt8>, _ scalar: Range<Int>, to result: inout [UInt8]
  ) {
    let first = bytes[scalar.lowerBound]
    let start = first < 0x80 ? ascii[Int(first)] : search(bytes, scalar) ?? -1
    if start >= 0 {
      appendText(at: start, to: &result)
    } else {
      result.append(contentsOf: bytes[scalar])
    }
  }
}
