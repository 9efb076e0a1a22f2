/// Finds numbers and sums of numbers in plain text, where they begin a word: `12`, `$1,000.50`,
/// `3 + 4/5`, `28 percent`. A number inside a word (`X2K`) is none.
struct PlainNumbers {
  struct Match {
    /// In the text, with a percent sign.
    var range: Range<Int>
    /// As plain mathematics.
    var text: String
    var isPercent = false
  }

  /// A longer sum of numbers is none that states an answer.
  private static let longestExpression = 160

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func byte(_ index: Int) -> UInt8 { index >= 0 && index < bytes.count ? bytes[index] : 0 }

  private func isDigit(_ index: Int) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(index))
  }

  private func isSpace(_ index: Int) -> Bool {
    let byte = byte(index)
    return byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  /// All matches in `range`, in order and without overlaps.
  func matches(in range: Range<Int>, isFree: (Int) -> Bool = { _ in true }) -> [Match] {
    var result: [Match] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if startsNumber(at: index), isFree(index),
        let match = match(at: index, before: range.upperBound)
      {
        result.append(match)
        index = max(match.range.upperBound, index + 1)
      } else {
        index += 1
      }
    }
    return result
  }

  /// The match that begins at `index`, its sign, bracket or point first.
  func match(at index: Int, before end: Int) -> Match? {
    tuple(at: index, before: end) ?? expression(at: index, before: end)
      ?? number(at: index, before: end)
  }

  // MARK: Beginnings

  private static let currencies: [[UInt8]] = ["\\$", "$", "€", "£", "¥", "₹"].map { Array($0.utf8) }

  /// Whether a number begins here: after the start, white space or an equals sign, perhaps with stars
  /// of emphasis and a currency mark between.
  func startsNumber(at index: Int) -> Bool {
    let first = byte(index)
    // The minus sign of Unicode, U+2212
    if first == 0xE2, byte(index + 1) == 0x88, byte(index + 2) == 0x92, isDigit(index + 3) {
      return isBeginning(index)
    }
    let begins =
      isDigit(index) || (first == UInt8(ascii: ".") && isDigit(index + 1))
      || (first == UInt8(ascii: "-")
        && (isDigit(index + 1) || byte(index + 1) == UInt8(ascii: "(")
          || (byte(index + 1) == UInt8(ascii: ".") && isDigit(index + 2))))
      || ((first == UInt8(ascii: "(") || first == UInt8(ascii: "["))
        && (isDigit(index + 1) || (byte(index + 1) == UInt8(ascii: "-") && isDigit(index + 2))))
    return begins && isBeginning(index)
  }

  private func isBeginning(_ index: Int) -> Bool {
    var position = index
    for mark in Self.currencies where position >= mark.count {
      if Array(bytes[(position - mark.count)..<position]) == mark {
        position -= mark.count
        break
      }
    }
    if byte(position - 1) == UInt8(ascii: "-"), position < index { position -= 1 }
    while position > 0, "*_~≈".utf8.contains(byte(position - 1)) { position -= 1 }
    return position == 0 || isSpace(position - 1) || byte(position - 1) == UInt8(ascii: "=")
  }

  // MARK: Pairs

  private static let longestTuple = 80

  /// Numbers with commas between them in brackets: (2, 3).
  private func tuple(at start: Int, before end: Int) -> Match? {
    let opening = byte(start)
    guard opening == UInt8(ascii: "(") || opening == UInt8(ascii: "[") else { return nil }
    var index = start + 1
    var hasComma = false
    let limit = min(end, start + Self.longestTuple)
    while index < limit, byte(index) != UInt8(ascii: ")"), byte(index) != UInt8(ascii: "]") {
      guard byte(index) != opening, byte(index) != UInt8(ascii: "\n") else { return nil }
      if byte(index) == UInt8(ascii: ",") { hasComma = true }
      index += 1
    }
    guard hasComma, index < limit else { return nil }
    let text = String(decoding: bytes[start...index], as: UTF8.self)
    guard (try? LaTeXParser.expression(of: text, isPlain: true)) != nil else { return nil }
    return Match(range: start..<(index + 1), text: text)
  }

  // MARK: Expressions

  private func expression(at start: Int, before end: Int) -> Match? {
    var index = start
    var operators = 0
    var lastUseful = start
    var open = 0
    let limit = min(end, start + Self.longestExpression)
    scan: while index < limit {
      let width: Int
      switch byte(index) {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        lastUseful = index + 1
        width = 1
      case UInt8(ascii: "."):
        // A point that ends the sentence ends the expression.
        guard isDigit(index + 1) else { break scan }
        width = 1
      case UInt8(ascii: " "): width = 1
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
        UInt8(ascii: "^"):
        if index > start { operators += 1 }
        width = 1
      case UInt8(ascii: "("):
        open += 1
        width = 1
      case UInt8(ascii: ")"):
        guard open > 0 else { break scan }
        open -= 1
        lastUseful = index + 1
        operators += 1
        width = 1
      case 0xE2 where byte(index + 1) == 0x88 && byte(index + 2) == 0x9A:  // √
        operators += 1
        width = 3
      case 0xCF where byte(index + 1) == 0x80:  // π
        operators += 1
        lastUseful = index + 2
        width = 2
      case 0xC3 where byte(index + 1) == 0x97 || byte(index + 1) == 0xB7:  // × ÷
        operators += 1
        width = 2
      default: break scan
      }
      index += width
    }
    guard operators > 0, lastUseful > start + 1 else { return nil }
    let isEnded =
      lastUseful >= end || isSpace(lastUseful) || ".,:;)$*!?".utf8.contains(byte(lastUseful))
    guard isEnded, open == 0 else { return nil }
    let text = String(decoding: bytes[start..<lastUseful], as: UTF8.self)
    // A product of numbers side by side is no sum of them: "3 4".
    guard (try? LaTeXParser.expression(of: text, isPlain: true)) != nil else { return nil }
    let (percentEnd, isPercent) = percent(after: lastUseful, before: end)
    return Match(range: start..<percentEnd, text: text, isPercent: isPercent)
  }

  // MARK: Numbers

  private func number(at start: Int, before end: Int) -> Match? {
    var index = start
    var text = ""
    if byte(index) == UInt8(ascii: "(") || byte(index) == UInt8(ascii: "[") { index += 1 }
    if byte(index) == UInt8(ascii: "-") {
      text = "-"
      index += 1
    } else if byte(index) == 0xE2 {
      text = "-"
      index += 3
    }
    let digits = index
    while index < end, isDigit(index) { index += 1 }
    text += String(decoding: bytes[digits..<index], as: UTF8.self)
    let isGroupable = (1...3).contains(index - digits) && byte(digits) != UInt8(ascii: "0")
    var groups = 0
    while isGroupable, let group = group(at: index, before: end) {
      text += String(decoding: bytes[group], as: UTF8.self)
      index = group.upperBound
      groups += 1
    }
    if byte(index) == UInt8(ascii: ".") || (groups == 0 && byte(index) == UInt8(ascii: ",")),
      isDigit(index + 1), index + 1 < end
    {
      // Without groups of three, a comma is that of a decimal: 1,22.
      text += index == digits ? "0." : "."
      index += 1
      let decimals = index
      while index < end, isDigit(index) { index += 1 }
      text += String(decoding: bytes[decimals..<index], as: UTF8.self)
    }
    guard index > digits else { return nil }
    if byte(index) == UInt8(ascii: ":"), groups == 0, isDigit(index + 1), isDigit(index + 2),
      index + 3 <= end, !isDigit(index + 3)
    {
      // A time: 10:30
      text += String(decoding: bytes[index..<(index + 3)], as: UTF8.self)
      index += 3
    }
    if let exponent = exponent(at: index, before: end) {
      text += String(decoding: bytes[exponent], as: UTF8.self)
      index = exponent.upperBound
    }
    let (percentEnd, isPercent) = percent(after: index, before: end)
    return Match(range: start..<percentEnd, text: text, isPercent: isPercent)
  }

  private func group(at index: Int, before end: Int) -> Range<Int>? {
    guard byte(index) == UInt8(ascii: ",") || byte(index) == UInt8(ascii: " "), index + 4 <= end,
      isDigit(index + 1), isDigit(index + 2), isDigit(index + 3), !isDigit(index + 4)
    else { return nil }
    return (index + 1)..<(index + 4)
  }

  private func exponent(at index: Int, before end: Int) -> Range<Int>? {
    guard byte(index) | 0x20 == UInt8(ascii: "e") else { return nil }
    var next = index + 1
    if byte(next) == UInt8(ascii: "-") || byte(next) == UInt8(ascii: "+") { next += 1 }
    let digits = next
    while next < end, isDigit(next) { next += 1 }
    let letter = byte(next) | 0x20
    guard (1...4).contains(next - digits), !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
    else { return nil }
    return index..<next
  }

  private static let percentWords = ["\\%", "%", "percentage", "percent", "pct"].map {
    Array($0.utf8)
  }

  /// Where the percent sign or word after `index` ends, if there is one.
  func percent(after index: Int, before end: Int) -> (end: Int, isPercent: Bool) {
    var position = index
    while position < end, isSpace(position) { position += 1 }
    for word in Self.percentWords where position + word.count <= end {
      let matches = zip(bytes[position..<(position + word.count)], word).allSatisfy {
        ($0 | 0x20) == ($1 | 0x20)
      }
      if matches { return (position + word.count, true) }
    }
    return (index, false)
  }
}
