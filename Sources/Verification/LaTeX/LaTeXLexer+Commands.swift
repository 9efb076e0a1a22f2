extension LaTeXLexer {
  // MARK: Commands

  mutating func command() throws(VerificationFailure) {
    index += 1
    let scalar = peek()
    guard Self.isLetter(scalar) else {
      index = min(index + 1, scalars.count)
      switch scalar {
      case "\\": emit(.rowBreak)
      case "{", "}": emit(.command(String(scalar)))
      case "|": emit(.command("Vert"))
      case "%": emit(.command("%"))
      case ",", ";", ":", "!", " ", "\n", "\t", "/", ">": isSpaced = isSpaced || scalar != "!"
      case "$", "(", ")", "[", "]", "-", "\0": break
      case "&", "#", "_": emit(.mark(Character(scalar)))
      default: break
      }
      if scalar == "{" { depth += 1 }
      if scalar == "}" { depth -= 1 }
      return
    }
    let start = index
    while Self.isLetter(peek()) { index += 1 }
    var name = String(String.UnicodeScalarView(scalars[start..<index]))
    // \quadx, \cdotx: a command that runs into the next letter
    if Self.isUnknown(name), let known = Self.runTogether(name) {
      index -= name.utf8.count - known.utf8.count
      name = known
    }
    try command(named: name)
  }

  static func isUnknown(_ name: String) -> Bool {
    (name.hasPrefix("quad") || name.hasPrefix("qquad")) && name != "quad" && name != "qquad"
  }

  static func runTogether(_ name: String) -> String? {
    ["qquad", "quad"].first(where: name.hasPrefix)
  }

  mutating func command(named name: String) throws(VerificationFailure) {
    if LaTeXNames.texts.contains(name) {
      guard let content = braced() else { return }
      return text(content, of: name)
    }
    if LaTeXNames.invisible.contains(name) {
      isSpaced = true
      // \left. and \right. are brackets that are not there.
      if name == "left" || name == "right" || name == "mleft" || name == "mright", peek() == "." {
        index += 1
      }
      return
    }
    if LaTeXNames.swallowing.contains(name) {
      _ = braced()
      return
    }
    switch name {
    case "begin", "end":
      guard let environment = braced() else { throw .malformed("\\\(name) without a name") }
      if environment == "array" || environment == "tabular" {
        if name == "begin" { _ = braced() }
      }
      depth += name == "begin" ? 1 : -1
      emit(name == "begin" ? .begin(environment) : .end(environment))
    case "textcolor", "colorbox", "fcolorbox":
      _ = braced()
    case "dfrac", "tfrac", "cfrac", "sfrac": emit(.command("frac"))
    case "dbinom", "tbinom": emit(.command("binom"))
    case "ldots", "dots", "cdots", "dotsc", "dotsb", "dotsm", "dotso", "vdots", "ddots": emit(.dots)
    case "lbrace": emit(.command("{"))
    case "rbrace": emit(.command("}"))
    case "lbrack": emit(.mark("["))
    case "rbrack": emit(.mark("]"))
    case "lparen": emit(.mark("("))
    case "rparen": emit(.mark(")"))
    case "lvert", "rvert", "vert": emit(.mark("|"))
    case "lVert", "rVert", "Vert": emit(.command("Vert"))
    case "colon": emit(.mark(":"))
    case "textpm": emit(.command("pm"))
    case "degree", "textdegree": emit(.command("circ"))
    case "lnot", "neg": emit(.command("neg"))
    case "ast", "star": emit(.mark("*"))
    case "textdollar", "pounds", "euro", "textsterling", "texteuro": break
    case "percent": emit(.command("%"))
    case "and": emit(.separator(.and))
    case "or": emit(.separator(.or))
    case "not":
      if peek() == "=" {
        index += 1
        emit(.command("ne"))
      } else if has("\\in", at: index),
        !(index + 3 < scalars.count && Self.isLetter(scalars[index + 3]))
      {
        index += 3
        emit(.command("notin"))
      }
    case "mathbb", "Bbb":
      let letter =
        braced()?.trimmed
        ?? {
          let next = peek()
          if Self.isLetter(next) { index += 1 }
          return String(next)
        }()
      emit(Self.boldLetter(letter))
    default: emit(.command(name))
    }
  }

  static func boldLetter(_ letter: String) -> LaTeXToken.Kind {
    switch letter {
    case "R": .command("Reals")
    case "Z": .command("Integers")
    case "Q": .command("Rationals")
    case "N": .command("Naturals")
    case "C": .command("Complexes")
    default: .word(letter)
    }
  }

  /// The content of a text command: words, unless it says something of mathematics.
  mutating func text(_ content: String, of name: String) {
    let trimmed = content.trimmed
    let lowered = trimmed.lowercased()
    guard !trimmed.isEmpty else {
      isSpaced = true
      return
    }
    switch lowered {
    case "and", ", and", "and,", "&": return emit(.separator(.and))
    case "or", ", or", "or,": return emit(.separator(.or))
    case ",": return emit(.separator(.comma))
    case ";": return emit(.mark(";"))
    case "%", "percent", "pct", "percentage", "\\%": return emit(.command("%"))
    case "degrees", "degree", "°", "deg": return emit(.command("circ"))
    case "mod": return emit(.command("mod"))
    case "if", "for", "when", "where", "with": return emit(.separator(.comma))
    default: break
    }
    if name == "operatorname" {
      return emit(LaTeXNames.functions[trimmed] != nil ? .command(trimmed) : .command(lowered))
    }
    if LaTeXNames.functions[trimmed] != nil { return emit(.command(trimmed)) }
    // \mathbf{v} and \mathrm{d} are letters, \text{13} and \mathbf{(1,2)} are mathematics.
    let isMathematics =
      !trimmed.contains { $0.isLetter } || (trimmed.utf8.count == 1 && name.hasPrefix("math"))
    if isMathematics, let inner = try? LaTeXLexer.tokens(of: trimmed) {
      for token in inner.dropLast() { emit(token.kind) }
      return
    }
    emit(.text(trimmed))
  }

  /// The content of the braces that follow, without the braces; nil when none follow. Unclosed braces
  /// reach to the end.
  mutating func braced() -> String? {
    var start = index
    while start < scalars.count, scalars[start].properties.isWhitespace { start += 1 }
    guard start < scalars.count, scalars[start] == "{" else { return nil }
    var open = 1
    var end = start + 1
    while end < scalars.count {
      if scalars[end] == "\\" {
        end += 2
        continue
      }
      if scalars[end] == "{" { open += 1 }
      if scalars[end] == "}" { open -= 1 }
      if open == 0 { break }
      end += 1
    }
    end = min(end, scalars.count)
    index = min(end + 1, scalars.count)
    return String(String.UnicodeScalarView(scalars[(start + 1)..<end]))
  }
}
