/// Finds where sentences end, in one pass. Formulas are skipped as a whole: `$$...$$`, `\[...\]`,
/// `\(...\)` and `$...$` on one line.
struct SentenceScanner {
  private let scalars: [Unicode.Scalar]
  private var index = 0
  /// Where the current step's raw segment begins.
  private var start = 0
  private var found: [Int] = []
  /// For each kind of formula: up to here an opener is known to have no closer. Without it a text of
  /// many unclosed openers would take quadratic time.
  private var unclosed: [Formula: Int] = [:]

  private enum Formula { case displayDollar, displayBracket, inlineParenthesis, inlineDollar }

  init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

  /// The offsets after which the text is cut, increasing.
  mutating func cuts() -> [Int] {
    while index < scalars.count {
      switch scalars[index] {
      case "\\", "$": skipFormula()
      case "\n": cut(after: index)
      case "\u{3002}", "\u{FF01}", "\u{FF1F}": cut(after: endOfClosers(from: index + 1) - 1)
      case ".", "!", "?": endSentence()
      default: index += 1
      }
    }
    return found
  }

  private mutating func cut(after last: Int) {
    index = last + 1
    start = index
    found.append(index)
  }

  private mutating func endSentence() {
    let first = index
    while index < scalars.count, Self.isStop(scalars[index]) { index += 1 }
    let end = endOfClosers(from: index)
    guard end == scalars.count || scalars[end].isSegmentationWhitespace else { return }
    let isSingleDot = index == first + 1 && scalars[first] == "."
    if isSingleDot, isAbbreviation(endingAt: first) || isEnumerator(endingAt: first) { return }
    cut(after: end - 1)
  }

  private func endOfClosers(from index: Int) -> Int {
    scalars[index...].firstIndex { !Self.isCloser($0) } ?? scalars.count
  }

  private static func isStop(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar == "!" || scalar == "?"
  }

  private static func isCloser(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "'", ")", "]", "}", "\u{201D}", "\u{2019}": true
    default: false
    }
  }

  private static func isOpener(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "'", "(", "[", "{", "\u{201C}", "\u{2018}": true
    default: false
    }
  }
}

// MARK: Words that a full stop does not end

extension SentenceScanner {
  private static let abbreviations: Set<String> = [
    "e.g.", "i.e.", "vs.", "cf.", "approx.", "fig.", "eq.", "eqs.", "resp.", "w.r.t.", "dr.", "mr.",
    "mrs.", "ms.", "prof.", "st.",
  ]
  private static let longestAbbreviation = abbreviations.map(\.count).max() ?? 0

  /// Whether the word that the dot at `dot` ends is an abbreviation, opening quotes and brackets in
  /// front of it aside.
  private func isAbbreviation(endingAt dot: Int) -> Bool {
    var first = dot
    while first > start, !scalars[first - 1].isSegmentationWhitespace { first -= 1 }
    let word = scalars[first...dot].drop(while: Self.isOpener)
    guard word.count <= Self.longestAbbreviation else { return false }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: word)
    return Self.abbreviations.contains(String(text).lowercased())
  }

  /// Whether one to three digits or one letter before the dot at `dot` number a step: nothing stands
  /// before them in the step but white space and list or emphasis marks.
  private func isEnumerator(endingAt dot: Int) -> Bool {
    var first = dot
    while first > start, dot - first < 4, scalars[first - 1].isASCIIDigit { first -= 1 }
    if first == dot, first > start, scalars[first - 1].isASCIILetter { first -= 1 }
    guard (1...3).contains(dot - first) else { return false }
    return scalars[start..<first].allSatisfy { scalar in
      switch scalar {
      case "#", "*", "-", ">", "_": true
      default: scalar.isSegmentationWhitespace
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}

// MARK: Formulas

extension SentenceScanner {
  /// Moves over the formula that begins here, or over the opener alone when it is not closed. A
  /// backslash keeps the next character from opening a formula, but not from ending a step.
  private mutating func skipFormula() {
    let second = index + 1 < scalars.count ? scalars[index + 1] : nil
    switch (scalars[index], second) {
    case ("$", "$"?): skip(.displayDollar, openerLength: 2)
    case ("$", _): skip(.inlineDollar, openerLength: 1)
    case (_, "["?): skip(.displayBracket, openerLength: 2)
    case (_, "("?): skip(.inlineParenthesis, openerLength: 2)
    case (_, "\\"?), (_, "$"?): index += 2
    default: index += 1
    }
  }

  private mutating func skip(_ formula: Formula, openerLength: Int) {
    let content = index + openerLength
    defer { index = max(index, content) }
    if formula == .inlineDollar,
      content == scalars.count || scalars[content].isSegmentationWhitespace
    {
      return
    }
    guard content > unclosed[formula] ?? -1 else { return }
    let (end, isClosed) = endOfFormula(formula, from: content)
    guard isClosed else {
      unclosed[formula] = end
      return
    }
    if formula == .inlineParenthesis {
      for position in content..<end where scalars[position] == "\n" { cut(after: position) }
    }
    index = end
  }

  /// The offset after the closer of a formula whose content begins at `content`, or how far the text
  /// was searched without one.
  private func endOfFormula(_ formula: Formula, from content: Int) -> (end: Int, isClosed: Bool) {
    var position = content
    while position < scalars.count {
      let next = position + 1 < scalars.count ? scalars[position + 1] : nil
      switch (scalars[position], formula) {
      case ("\\", .displayBracket) where next == "]", ("\\", .inlineParenthesis) where next == ")":
        return (position + 2, true)
      case ("$", .displayDollar) where next == "$":
        return (position + 2, true)
      case ("$", .inlineDollar)
      where position > content && !scalars[position - 1].isSegmentationWhitespace
        && next?.isASCIIDigit != true:
        return (position + 1, true)
      case ("\n", .inlineDollar):
        return (position, false)
      case ("\\", _) where next != "\n": position += 2
      default: position += 1
      }
    }
    return (scalars.count, false)
  }
}
