/// Turns mathematics as models write it into tokens: LaTeX with all its spacing and styles, plain
/// text with Unicode signs, or both at once. One pass; every text has tokens.
struct LaTeXLexer {
  /// Longer mathematics is refused: no stated answer comes near it.
  static let maximumScalars = 4096

  let scalars: [Unicode.Scalar]
  var index = 0
  var tokens: [LaTeXToken] = []
  /// Open brackets: in them a comma always separates.
  var depth = 0
  var isSpaced = false
  let isPlain: Bool

  /// The tokens of `text`, with an `.ending` last.
  ///
  /// - Parameter isPlain: Plain text, where runs of letters are rather words than products.
  static func tokens(
    of text: String, isPlain: Bool = false
  ) throws(VerificationFailure) -> [LaTeXToken] {
    var lexer = LaTeXLexer(
      Array(text.unicodeScalars.prefix(maximumScalars + 1)), isPlain: isPlain)
    guard lexer.scalars.count <= maximumScalars else { throw .limit }
    try lexer.run()
    return lexer.tokens
  }

  init(_ scalars: [Unicode.Scalar], isPlain: Bool) {
    self.isPlain = isPlain
    self.scalars = Self.undoubled(scalars)
    tokens.reserveCapacity(self.scalars.count / 2 + 1)
  }

  /// Backslashes that were escaped once too often (`\\frac`) become single. Where rows of a matrix may
  /// be meant, that is told from how its environment begins.
  static func undoubled(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard let first = scalars.indices.first(where: { isDouble(scalars, $0) }) else {
      return scalars
    }
    _ = first
    func has(_ word: String, at index: Int) -> Bool {
      let wanted = Array(word.unicodeScalars)
      return index + wanted.count <= scalars.count
        && zip(scalars[index...], wanted).allSatisfy(==)
    }
    let begins = scalars.indices.filter { scalars[$0] == "\\" && has("begin", at: $0 + 1) }
    let doubledBegin = begins.contains { $0 > 0 && scalars[$0 - 1] == "\\" }
    guard begins.isEmpty || doubledBegin else { return scalars }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    var index = 0
    while index < scalars.count {
      if isDouble(scalars, index) {
        let next = index + 2 < scalars.count ? scalars[index + 2] : " "
        let quadruple = next == "\\"
        if doubledBegin || isLetter(next) || "()[]{},!;:$%".unicodeScalars.contains(next) {
          result.append("\\")
          index += 2
          if quadruple, isDouble(scalars, index) {
            result.append("\\")
            index += 2
          }
          continue
        }
        result.append(contentsOf: ["\\", "\\"])
        index += 2
        continue
      }
      result.append(scalars[index])
      index += 1
    }
    return result
  }

  static func isDouble(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
    scalars[index] == "\\" && index + 1 < scalars.count && scalars[index + 1] == "\\"
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  func peek(_ offset: Int = 0) -> Unicode.Scalar {
    index + offset < scalars.count ? scalars[index + offset] : "\0"
  }

  mutating func emit(_ kind: LaTeXToken.Kind) {
    tokens.append(LaTeXToken(kind: kind, isSpaced: isSpaced))
    isSpaced = false
  }

  mutating func run() throws(VerificationFailure) {
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.properties.isWhitespace || scalar == "~" || scalar == "\u{200B}" {
        index += 1
        isSpaced = true
      } else if scalar == "\\" {
        try command()
      } else if Self.isDigit(scalar) || (scalar == "." && Self.isDigit(peek(1))) {
        number()
      } else if Self.isLetter(scalar) {
        letters()
      } else if scalar == ".", peek(1) == ".", peek(2) == "." {
        index += 3
        emit(.dots)
      } else {
        other(scalar)
      }
    }
    emit(.ending)
  }

  // MARK: Marks

  mutating func other(_ scalar: Unicode.Scalar) {
    index += 1
    if let name = LaTeXNames.symbols[scalar] { return emit(.command(name)) }
    if LaTeXNames.superscripts[scalar] != nil {
      index -= 1
      return script("^", LaTeXNames.superscripts)
    }
    if LaTeXNames.subscripts[scalar] != nil {
      index -= 1
      return script("_", LaTeXNames.subscripts)
    }
    if let (top, bottom) = LaTeXNames.vulgarFractions[scalar] {
      emit(.command("frac"))
      emit(.number(top))
      return emit(.number(bottom))
    }
    switch scalar {
    case "$", "£", "€", "¥", "₹", "\"", "`", "?": break
    case "−", "–", "—": emit(.mark("-"))
    case "＝": emit(.mark("="))
    case "，": emit(.separator(.comma))
    case "’", "'": emit(.mark("'"))
    case "*":
      // Markdown's emphasis around an answer is no product; ** between operands is a power.
      if peek() == "*" {
        index += 1
        if index < scalars.count, !tokens.isEmpty { emit(.mark("^")) }
      } else {
        emit(.mark("*"))
      }
    case "<", ">", "!", "=":
      if peek() == "=", scalar != "=" {
        index += 1
        emit(.command(scalar == "<" ? "le" : scalar == ">" ? "ge" : "ne"))
      } else if scalar == "=", peek() == "=" {
        index += 1
        emit(.mark("="))
      } else {
        emit(.mark(Character(scalar)))
      }
    case ",": comma()
    case "(", "[":
      depth += 1
      emit(.mark(Character(scalar)))
    case ")", "]":
      depth -= 1
      emit(.mark(Character(scalar)))
    default: emit(.mark(Character(scalar)))
    }
  }

  /// A comma; the one of "5, and 6" goes with the word.
  mutating func comma() {
    emit(.separator(.comma))
  }

  mutating func script(
    _ mark: Character, _ table: [Unicode.Scalar: Character]
  ) {
    emit(.mark(mark))
    emit(.mark("{"))
    var digits = ""
    while let digit = table[peek()] {
      if digit == "-" || digit == "+" { emit(.mark(digit)) } else { digits.append(digit) }
      index += 1
    }
    if !digits.isEmpty { emit(.number(digits)) }
    emit(.mark("}"))
  }

  // MARK: Letters

  mutating func letters() {
    let start = index
    // The time of the day: 10:30 a.m.
    for noon in ["a.m.", "p.m.", "A.M.", "P.M."] where followsNumber && has(noon, at: index) {
      index += noon.utf8.count
      return
    }
    while Self.isLetter(peek()) { index += 1 }
    var word = String(String.UnicodeScalarView(scalars[start..<index]))
    if LaTeXNames.ordinals.contains(word), !isSpaced, case .number? = tokens.last?.kind { return }
    if let kind = Self.known(word) {
      // km/h and m/s are one unit.
      return emit(kind)
    }
    if word.utf8.count >= 2, let longer = joined(orAnd: word) {
      for kind in longer { emit(kind) }
      return
    }
    // Words are told from products of letters by their length; capitals name points and choices.
    let shortest = isPlain ? 3 : 4
    if word.utf8.count >= shortest, word.contains(where: \.isLowercase) { return emit(.word(word)) }
    if isPlain, word.utf8.count >= 4 { return emit(.word(word)) }
    if isPlain, LaTeXNames.shortWords.contains(word.lowercased()) { return emit(.word(word)) }
    if word.utf8.count >= 2, LaTeXNames.units.contains(word), followsNumber {
      return emit(.word(word))
    }
    while !word.isEmpty {
      emit(.letter(word.unicodeScalars.removeFirst()))
    }
  }

  var followsNumber: Bool {
    switch tokens.last?.kind {
    case .number, .mark("}"), .mark(")"), .word: true
    default: false
    }
  }

  static func known(_ word: String) -> LaTeXToken.Kind? {
    if LaTeXNames.functions[word] != nil { return .command(word) }
    if LaTeXNames.plainWords.contains(word) {
      return .command(word == "inf" || word == "infinity" ? "infty" : word)
    }
    switch word.lowercased() {
    case "and": return .separator(.and)
    case "or": return .separator(.or)
    case "percent", "percentage", "pct": return .command("%")
    case "degrees", "degree": return .command("circ")
    default: return nil
    }
  }

  /// `W(x)=1orW(x)=-1`: "or" and "and" that touch their neighbours, after a digit.
  func joined(orAnd word: String) -> [LaTeXToken.Kind]? {
    guard case .number? = tokens.last?.kind, !isSpaced else { return nil }
    for (name, joiner) in [("and", Expression.Joiner.and), ("or", .or)] where word.hasPrefix(name) {
      let rest = word.dropFirst(name.count)
      if rest.utf8.count == 1, let letter = rest.unicodeScalars.first {
        return [.separator(joiner), .letter(letter)]
      }
    }
    return nil
  }
}
