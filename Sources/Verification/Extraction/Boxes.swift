/// Finds the content of `\boxed{}` and `\fbox{}`.
struct Boxes {
  /// Boxes that are read, from the last.
  private static let most = 8
  /// Boxes that are looked at, so that many unclosed ones take no longer.
  private static let mostTries = 64
  /// Boxes with less text than this between them belong together.
  private static let nearby = 10
  /// Boxes with a comma, "and" or "or" between them belong together up to this distance.
  private static let apart = 70

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The contents of the last boxes that belong together, and where the last of them ends; empty when
  /// there is no box with anything in it. An unclosed box reaches to the end.
  func last() -> (contents: [Range<Int>], end: Int) {
    var found: [Range<Int>] = []
    var end = 0
    var next = bytes.count
    var position = bytes.count - 1
    var tries = 0
    while position >= 0, found.count < Self.most, tries < Self.mostTries {
      defer { position -= 1 }
      guard bytes[position] == UInt8(ascii: "\\"), isBox(at: position) else { continue }
      tries += 1
      guard let content = content(at: position, before: next) else { continue }
      if content.allSatisfy({ isSpace(bytes[$0]) }) { continue }
      if let following = found.last {
        let between = (content.upperBound + 1)..<max(content.upperBound + 1, next)
        let isNear = between.count < Self.nearby
        let isSame = Array(bytes[content]) == Array(bytes[following])
        if isSame { break }
        guard isNear || (between.count < Self.apart && hasSeparator(between)) else { break }
      } else {
        end = min(content.upperBound + 1, bytes.count)
      }
      found.append(content)
      next = position
      // The backslash may be doubled.
      while next > 0, bytes[next - 1] == UInt8(ascii: "\\") { next -= 1 }
    }
    return (found.reversed(), end)
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  private func has(_ word: String, at start: Int) -> Bool {
    var position = start
    for byte in word.utf8 {
      guard position < bytes.count, bytes[position] == byte else { return false }
      position += 1
    }
    return true
  }

  private static let names = ["boxed", "fbox", "framebox"]

  private func isBox(at position: Int) -> Bool {
    Self.names.contains { has($0, at: position + 1) }
  }

  private func content(at position: Int, before limit: Int) -> Range<Int>? {
    let name = Self.names.first { has($0, at: position + 1) }
    guard let name else { return nil }
    var start = position + 1 + name.utf8.count
    while start < limit, isSpace(bytes[start]) { start += 1 }
    guard start < limit else { return nil }
    guard bytes[start] == UInt8(ascii: "{") else {
      // \boxed 5
      var end = start
      while end < limit, !isSpace(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
      return end > start && bytes[start] != UInt8(ascii: "}") ? start..<end : nil
    }
    start += 1
    var open = 1
    var end = start
    while end < limit {
      switch bytes[end] {
      case UInt8(ascii: "\\"): end += 1
      case UInt8(ascii: "{"): open += 1
      case UInt8(ascii: "}"): open -= 1
      default: break
      }
      if open == 0 { return start..<end }
      end += 1
    }
    // Unclosed: what there is up to a mark that ends mathematics.
    guard limit == bytes.count else { return nil }
    var stop = start
    while stop < bytes.count, bytes[stop] != UInt8(ascii: "$"), bytes[stop] != UInt8(ascii: "\n"),
      !(bytes[stop] == UInt8(ascii: "\\") && stop + 1 < bytes.count
        && ")]".utf8.contains(bytes[stop + 1]))
    {
      stop += 1
    }
    return start..<stop
  }

  /// Words by which a later box takes the place of an earlier one.
  private static let corrections: Set<String> = [
    "wait", "no", "not", "actually", "instead", "but", "however", "wrong", "correction", "mistake",
  ]

  private func hasSeparator(_ range: Range<Int>) -> Bool {
    let text = bytes[range]
    let words = text.split { !LaTeXLexer.isLetter(Unicode.Scalar($0)) }.map {
      String(decoding: $0, as: UTF8.self).lowercased()
    }
    if words.contains(where: Self.corrections.contains) { return false }
    return words.contains("and") || words.contains("or") || text.contains(UInt8(ascii: ","))
      || text.contains(UInt8(ascii: ";"))
  }
}
