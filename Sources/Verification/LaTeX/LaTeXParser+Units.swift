extension LaTeXParser {
  /// Skips units of measurement with their exponents; whether there were any.
  mutating func takeUnits() -> Bool {
    var found = false
    while true {
      switch kind {
      case .text: position += 1
      case .word(let word) where LaTeXNames.units.contains(word) || onlyWordsFollow: position += 1
      case .command("circ") where found: position += 1
      case .letter where found && onlyWordsFollow: position += 1
      case .command("frac") where isUnitFraction: position += 7
      case .mark("(") where parenthesisedWords != nil: position += parenthesisedWords ?? 1
      default: return found
      }
      found = true
      skipUnitScript()
      // m/s, and cm \cdot kg
      while kind == .mark("/") || kind == .command("cdot") {
        switch next.kind {
        case .text, .word: position += 2
        case .letter where kind == .mark("/"): position += 2
        default: return true
        }
        skipUnitScript()
      }
    }
  }

  /// The tokens of a remark in parentheses: 12 (units), and in plain text 5 (not 6).
  private var parenthesisedWords: Int? {
    var offset = 1
    if isPlain, case .word = kind(at: 1) {
      while kind(at: offset) != .ending {
        if kind(at: offset) == .mark(")") { return offset + 1 }
        offset += 1
      }
      return nil
    }
    while true {
      switch kind(at: offset) {
      case .word, .text: offset += 1
      case .mark(")") where offset > 1: return offset + 1
      default: return nil
      }
    }
  }

  /// \frac{\text{m}}{\text{s}}
  private var isUnitFraction: Bool {
    let marks: [LaTeXToken.Kind] = [1, 3, 4, 6].map(kind(at:))
    guard marks == [.mark("{"), .mark("}"), .mark("{"), .mark("}")] else { return false }
    return [2, 5].allSatisfy {
      switch kind(at: $0) {
      case .text, .word: true
      default: false
      }
    }
  }

  /// In plain text, words that nothing follows in their item: 18 apples a day.
  private var onlyWordsFollow: Bool {
    guard isPlain else { return false }
    for token in tokens.dropFirst(position) {
      switch token.kind {
      case .word, .letter, .text, .mark("-"), .mark("'"): continue
      case .ending, .separator: return true
      default: return false
      }
    }
    return true
  }

  private mutating func skipUnitScript() {
    guard kind == .mark("^") else { return }
    position += 1
    if takeMark("{") {
      while kind != .mark("}"), kind != .ending { position += 1 }
      _ = takeMark("}")
    } else if kind == .mark("-") {
      position += 2
    } else if kind != .ending {
      position += 1
    }
  }
}
