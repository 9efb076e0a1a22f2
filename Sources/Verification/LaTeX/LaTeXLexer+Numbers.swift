extension LaTeXLexer {
  // MARK: Numbers

  mutating func number() {
    var text = takeDigits()
    if !text.isEmpty { text += thousands(after: text) }
    if peek() == ".", Self.isDigit(peek(1)) || (!text.isEmpty && startsRepetition(at: index + 1)) {
      index += 1
      text += "." + takeDigits()
    } else if peek() == ".", !text.isEmpty, peek(1) != ".", index + 1 < scalars.count,
      peek(1) == "\\" || peek(1) == "}" || peek(1) == ")"
    {
      // 5.\text{ cm}: a point that ends a sentence, or a decimal point without digits.
      index += 1
    }
    emit(.number(text))
    scientific()
  }

  mutating func takeDigits() -> String {
    var text = ""
    while Self.isDigit(peek()) {
      text.unicodeScalars.append(peek())
      index += 1
    }
    return text
  }

  /// Whether a bar or dots over the repeating digits of a decimal begin at `start`.
  func startsRepetition(at start: Int) -> Bool {
    ["\\overline{", "\\bar{", "\\dot{"].contains { has($0, at: start) }
  }

  func has(_ text: String, at start: Int) -> Bool {
    var position = start
    for scalar in text.unicodeScalars {
      guard position < scalars.count, scalars[position] == scalar else { return false }
      position += 1
    }
    return true
  }

  static let separators = [
    "{,}", ",\\!", "\\,", "\\;", "\\:", "\\ ", "\u{202F}", "\u{2009}",
  ]

  /// The further digits of a number with thousands separators. A plain comma or space counts as one
  /// only outside of brackets, and only when every group up to the end of the run has three digits.
  mutating func thousands(after first: String) -> String {
    guard (1...3).contains(first.utf8.count), first != "0", first.first != "0" else { return "" }
    var digits = ""
    while let start = groupStart(plain: false) {
      index = start
      digits += takeDigits()
    }
    guard digits.isEmpty else { return digits }
    let (before, tokenCount) = (index, tokens.count)
    for separator: Unicode.Scalar in [",", " "] where peek() == separator {
      if separator == ",", depth > 0 { continue }
      while peek() == separator, let start = groupStart(plain: true) {
        index = start
        digits += takeDigits()
      }
      if peek() == ",", Self.isDigit(peek(1)) { digits = "" }
      if digits.isEmpty { index = before } else { return digits }
    }
    assert(tokens.count == tokenCount)
    return ""
  }

  /// Where exactly three digits after a separator begin.
  func groupStart(plain: Bool) -> Int? {
    var start: Int?
    if plain {
      start = index + 1
    } else {
      for separator in Self.separators where has(separator, at: index) {
        start = index + separator.unicodeScalars.count
        break
      }
      // The braced comma with spaces in and around it: 14 {, }916
      if start == nil, let end = bracedComma() { start = end }
    }
    guard let start, start + 3 <= scalars.count,
      scalars[start..<(start + 3)].allSatisfy(Self.isDigit),
      !(start + 3 < scalars.count && Self.isDigit(scalars[start + 3]))
    else { return nil }
    return start
  }

  func bracedComma() -> Int? {
    var position = index
    for wanted: Unicode.Scalar in ["{", ",", "}"] {
      while position < scalars.count, scalars[position] == " " { position += 1 }
      guard position < scalars.count, scalars[position] == wanted else { return nil }
      position += 1
    }
    return position
  }

  /// The exponent of 2.5e-3, as a product with a power of ten.
  mutating func scientific() {
    guard peek() == "e" || peek() == "E" else { return }
    let hasSign = peek(1) == "-" || peek(1) == "+"
    let first = hasSign ? 2 : 1
    guard Self.isDigit(peek(first)), !isSpaced else { return }
    var end = index + first
    while end < scalars.count, Self.isDigit(scalars[end]) { end += 1 }
    guard end - index <= 5 + first, !(end < scalars.count && Self.isLetter(scalars[end]))
    else { return }
    let isNegative = peek(1) == "-"
    index += first
    let digits = takeDigits()
    emit(.mark("*"))
    emit(.number("10"))
    emit(.mark("^"))
    emit(.mark("{"))
    if isNegative { emit(.mark("-")) }
    emit(.number(digits))
    emit(.mark("}"))
  }
}
