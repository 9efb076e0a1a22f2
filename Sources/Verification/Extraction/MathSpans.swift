/// A stretch of mathematics between its marks.
struct MathSpan: Equatable {
  /// With the marks.
  var outer: Range<Int>
  /// Without the marks.
  var inner: Range<Int>
}

/// Finds mathematics between marks in a text, in one pass.
struct MathSpans {
  /// Mathematics on one line is no longer than this.
  static let longestInline = 1000

  /// In the order of the text, without overlaps.
  private(set) var spans: [MathSpan] = []
  /// Where inline mathematics runs over a line's end, which makes it none, as in Markdown.
  private(set) var broken: [Range<Int>] = []

  /// Whether `index` lies neither in mathematics nor in what was meant to be.
  func isOutside(_ index: Int) -> Bool {
    func isIn(_ count: Int, _ range: (Int) -> Range<Int>) -> Bool {
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        if range(middle).upperBound <= index { low = middle + 1 } else { high = middle }
      }
      return low < count && range(low).contains(index)
    }
    return !isIn(spans.count) { spans[$0].outer } && !isIn(broken.count) { broken[$0] }
  }

  private let bytes: [UInt8]
  private var index = 0
  private var displayIsUnclosed = false
  private var bracketIsUnclosed = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): escape()
      case UInt8(ascii: "$"): dollar()
      case UInt8(ascii: "["): bracket()
      default: index += 1
      }
    }
  }

  private func byte(_ position: Int) -> UInt8 {
    position >= 0 && position < bytes.count ? bytes[position] : 0
  }

  private mutating func append(_ inner: Range<Int>, marks: Int) {
    spans.append(
      MathSpan(outer: (inner.lowerBound - marks)..<(inner.upperBound + marks), inner: inner))
    index = inner.upperBound + marks
  }

  private mutating func escape() {
    let isParenthesis = byte(index + 1) == UInt8(ascii: "(")
    let isBracket = byte(index + 1) == UInt8(ascii: "[") && !bracketIsUnclosed
    guard isParenthesis || isBracket else {
      index += 2
      return
    }
    let closing = isParenthesis ? UInt8(ascii: ")") : UInt8(ascii: "]")
    let start = index + 2
    let limit = isParenthesis ? min(bytes.count, start + Self.longestInline) : bytes.count
    var end = start
    var isBroken = false
    while end + 1 < limit {
      if isParenthesis, bytes[end] == UInt8(ascii: "\n") { isBroken = true }
      if bytes[end] == UInt8(ascii: "\\") {
        if bytes[end + 1] == closing { break }
        end += 2
        continue
      }
      end += 1
    }
    guard end + 1 < limit else {
      if isBracket { bracketIsUnclosed = true }
      index += 2
      return
    }
    if isBroken {
      broken.append(index..<(end + 2))
      index = end + 2
    } else if end > start {
      append(start..<end, marks: 2)
    } else {
      index = end + 2
    }
  }

  private mutating func dollar() {
    if byte(index + 1) == UInt8(ascii: "$"), !displayIsUnclosed {
      let start = index + 2
      var end = start
      while end + 1 < bytes.count,
        !(bytes[end] == UInt8(ascii: "$") && bytes[end + 1] == UInt8(ascii: "$"))
      {
        end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard end + 1 < bytes.count else {
        displayIsUnclosed = true
        index += 2
        return
      }
      if end > start { append(start..<end, marks: 2) } else { index = end + 2 }
      return
    }
    // The mark of a currency after its number: 1,000$
    let previous = byte(index - 1)
    if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(previous) {
      index += 1
      return
    }
    let start = index + 1
    let limit = min(bytes.count, start + Self.longestInline)
    var end = start
    var lines = 0
    while end < limit, bytes[end] != UInt8(ascii: "$") {
      if bytes[end] == UInt8(ascii: "\n") { lines += 1 }
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < limit, end > start else {
      index += 1
      return
    }
    guard lines == 0 else {
      // White space right after the mark: mathematics that runs over lines. Otherwise a price.
      if byte(start) == UInt8(ascii: " ") || byte(start) == UInt8(ascii: "\n") {
        broken.append(index..<(end + 1))
        index = end + 1
      } else {
        index += 1
      }
      return
    }
    append(start..<end, marks: 1)
  }

  /// Brackets with white space around them, as texts have them whose backslashes were lost.
  private mutating func bracket() {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }
    guard index > 0, isSpace(bytes[index - 1]) else {
      index += 1
      return
    }
    let start = index + 1
    let limit = min(bytes.count, start + Self.longestInline)
    var end = start
    while end < limit, bytes[end] != UInt8(ascii: "]"), bytes[end] != UInt8(ascii: "["),
      bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "$"),
      !(bytes[end] == UInt8(ascii: "\\") && "([".utf8.contains(byte(end + 1)))
    {
      end += 1
    }
    guard end > start, byte(end) == UInt8(ascii: "]"), isSpace(byte(end + 1)) else {
      index += 1
      return
    }
    append(start..<end, marks: 1)
  }
}
