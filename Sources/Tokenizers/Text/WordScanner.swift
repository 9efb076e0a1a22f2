/// Cuts text into the words of a `WordPattern`. Every function takes the place where a word begins
/// and gives the place where it ends; alternatives are tried in the expression's order.
struct WordScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let end: Int
  private let table = UnicodeClassTable.shared

  /// Scans `bytes[..<end]`, well-formed UTF-8.
  init(_ bytes: UnsafeBufferPointer<UInt8>, end: Int) {
    self.bytes = bytes
    self.end = end
  }

  private static let letterOrMark: UnicodeClasses = [.letter, .mark]
  private static let notSymbol: UnicodeClasses = [.whitespace, .letter, .number]

  /// Appends the words of `pattern` from `start` to the end.
  func appendWords(of pattern: WordPattern, from start: Int, to words: inout [Range<Int>]) {
    var position = start
    switch pattern {
    case .gpt2:
      while position < end {
        let next = gpt2Word(position)
        words.append(position..<next)
        position = next
      }
    case .cl100k(let digits, let marks):
      let letters = marks ? Self.letterOrMark : .letter
      while position < end {
        let next = cl100kWord(position, digits: digits, letters: letters)
        words.append(position..<next)
        position = next
      }
    }
  }

  @inline(__always)
  private func gpt2Word(_ start: Int) -> Int {
    if bytes[start] == UInt8(ascii: "'"), let end = contraction(start) { return end }
    var position = start
    if bytes[start] == UInt8(ascii: " "), start + 1 < end { position += 1 }
    let (classes, length) = classes(at: position)
    let next = position + length
    if classes.contains(.letter) { return run(of: .letter, from: next) }
    if classes.contains(.number) { return run(of: .number, from: next) }
    if !classes.contains(.whitespace) { return run(ofNone: Self.notSymbol, from: next) }
    return space(start)
  }

  @inline(__always)
  private func cl100kWord(_ start: Int, digits: Int, letters: UnicodeClasses) -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'"), let end = contraction(start, ignoringCase: true) { return end }
    let (classes, length) = classes(at: start)
    let second = start + length
    // `[^\r\n\p{L}\p{N}]?\p{L}+`
    if !classes.isDisjoint(with: letters) { return run(of: letters, from: second) }
    let isNewline = first == UInt8(ascii: "\n") || first == UInt8(ascii: "\r")
    let isNumber = classes.contains(.number)
    if !isNewline, !isNumber, second < end {
      let (following, length) = self.classes(at: second)
      if !following.isDisjoint(with: letters) { return run(of: letters, from: second + length) }
    }
    if isNumber { return numbers(from: second, atMost: digits - 1) }
    // ` ?[^\s\p{L}\p{N}]+[\r\n]*`
    let symbols = Self.notSymbol.union(letters)
    if !classes.contains(.whitespace) {
      return newlines(from: run(ofNone: symbols, from: second))
    }
    if first == UInt8(ascii: " "), second < end {
      let (following, length) = self.classes(at: second)
      if following.isDisjoint(with: symbols) {
        return newlines(from: run(ofNone: symbols, from: second + length))
      }
    }
    return space(start, upToNewline: true)
  }

  @inline(__always)
  private func classes(at position: Int) -> (UnicodeClasses, Int) {
    let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
    return (table[scalar], length)
  }

  @inline(__always)
  private func run(of wanted: UnicodeClasses, from start: Int) -> Int {
    var position = start
    while position < end {
      let (classes, length) = classes(at: position)
      if classes.isDisjoint(with: wanted) { break }
      position += length
    }
    return position
  }

  @inline(__always)
  private func run(ofNone unwanted: UnicodeClasses, from start: Int) -> Int {
    var position = start
    while position < end {
      let (classes, length) = classes(at: position)
      if !classes.isDisjoint(with: unwanted) { break }
      position += length
    }
    return position
  }

  @inline(__always)
  private func numbers(from start: Int, atMost count: Int) -> Int {
    var position = start
    var left = count
    while left > 0, position < end {
      let (classes, length) = classes(at: position)
      guard classes.contains(.number) else { break }
      position += length
      left -= 1
    }
    return position
  }

  @inline(__always)
  private func newlines(from start: Int) -> Int {
    var position = start
    while position < end,
      bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r")
    {
      position += 1
    }
    return position
  }

  /// `\s+(?!\S)|\s+`, before them `\s*[\r\n]+` if `upToNewline`: the last white space goes with the
  /// word that follows, unless it stands alone.
  private func space(_ start: Int, upToNewline: Bool = false) -> Int {
    var position = start
    var last = start
    var afterNewline = start
    while position < end {
      let (classes, length) = classes(at: position)
      guard classes.contains(.whitespace) else { break }
      last = position
      position += length
      if bytes[last] == UInt8(ascii: "\n") || bytes[last] == UInt8(ascii: "\r") {
        afterNewline = position
      }
    }
    if upToNewline, afterNewline > start { return afterNewline }
    return position == end || last == start ? position : last
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d` at an apostrophe.
  private func contraction(_ start: Int, ignoringCase: Bool = false) -> Int? {
    guard start + 1 < end else { return nil }
    let lowered: UInt8 = ignoringCase ? 0x20 : 0
    let first = bytes[start + 1] | lowered
    let second = start + 2 < end ? bytes[start + 2] | lowered : 0
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return second == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"):
      return second == UInt8(ascii: "l") ? start + 3 : nil
    default:
      // U+017F, the long s, is an s where case is ignored.
      guard ignoringCase, start + 2 < end else { return nil }
      return bytes[start + 1] == 0xC5 && bytes[start + 2] == 0xBF ? start + 3 : nil
    }
  }
}
