extension LaTeXParser {
  // MARK: Sums

  mutating func sum() throws(VerificationFailure) -> Expression {
    try nested { (parser) throws(VerificationFailure) in
      var terms = [try parser.signedTerm(isFirst: true)]
      while true {
        switch parser.kind {
        case .mark("+"), .mark("-"), .command("pm"), .command("mp"):
          terms.append(try parser.signedTerm(isFirst: false))
        default: return terms.count == 1 ? terms[0] : .sum(terms)
        }
      }
    }
  }

  private mutating func signedTerm(isFirst: Bool) throws(VerificationFailure) -> Expression {
    var isNegative = false
    var signs: [Expression] = []
    signs: while true {
      switch kind {
      case .mark("+"): break
      case .mark("-"): isNegative.toggle()
      case .command("pm"): signs.append(.sign(flipped: false))
      case .command("mp"): signs.append(.sign(flipped: true))
      default: break signs
      }
      position += 1
    }
    var term = try product()
    if isNegative { term = .negated(term) }
    return signs.isEmpty ? term : .product(signs + [term])
  }

  // MARK: Products

  private mutating func product() throws(VerificationFailure) -> Expression {
    var factors = [try implicitProduct()]
    var ratios: [Expression] = []
    loop: while true {
      switch kind {
      case .mark("*"), .command("cdot"), .command("times"), .command("bullet"):
        position += 1
        factors.append(try signedProduct())
      case .mark("/"), .command("div"):
        position += 1
        // A unit below the bar: 5 m / s
        if takeUnits() { continue loop }
        factors.append(.power(try signedProduct(), .minusOne))
      case .mark(":") where !barSeparates && startsFactor(at: 1):
        position += 1
        // "Total: 5" names the value.
        if factors.count == 1, ratios.isEmpty, factors[0].isText {
          return .relation([factors[0], try sum()], [.equal])
        }
        ratios.append(Self.product(factors))
        factors = [try signedProduct()]
      case .command("mod"), .command("bmod"):
        position += 1
        let modulus = try signedProduct()
        factors = [.function(.mod, [Self.product(factors), modulus])]
      case .command("pmod"):
        position += 1
        factors = [.application("mod", [Self.product(factors), try argument()])]
      case .mark("(") where isParenthesisedModulus:
        position += 2
        let modulus = try sum()
        try expect(.mark(")"))
        factors = [.application("mod", [Self.product(factors), modulus])]
      default: break loop
      }
    }
    guard !ratios.isEmpty else { return Self.product(factors) }
    return .ratio(ratios + [Self.product(factors)])
  }

  /// (mod 7)
  var isParenthesisedModulus: Bool {
    guard kind == .mark("("), case .command(let name) = next.kind else { return false }
    return name == "mod" || name == "bmod"
  }

  private static func product(_ factors: [Expression]) -> Expression {
    factors.count == 1 ? factors[0] : .product(factors)
  }

  /// A product after an operator, where a sign may stand: 2 * -3.
  private mutating func signedProduct() throws(VerificationFailure) -> Expression {
    var isNegative = false
    while kind == .mark("-") || kind == .mark("+") {
      if kind == .mark("-") { isNegative.toggle() }
      position += 1
    }
    let value = try implicitProduct()
    return isNegative ? .negated(value) : value
  }

  /// Factors side by side, mixed numbers, and what units stand after them.
  private mutating func implicitProduct() throws(VerificationFailure) -> Expression {
    var factors = [try factor()]
    var parts: [Expression] = []
    while true {
      if takeUnits() {
        // 2 hours 30 minutes
        if case .number = kind {
          parts.append(Self.product(factors))
          factors = [try factor()]
        }
        continue
      }
      guard startsFactor(at: 0), !isParenthesisedModulus else { break }
      if isPlain, factors.contains(where: \.isText) { throw .malformed("words in a product") }
      if let whole = mixedNumberPart(factors.last) {
        if case .command("frac") = kind {
          factors[factors.count - 1] = .sum([whole, try factor()])
          continue
        }
        if case .number = kind, case .mark("/") = next.kind, case .number = kind(at: 2) {
          let top = try factor()
          position += 1
          factors[factors.count - 1] = .sum([whole, .quotient(top, try factor())])
          continue
        }
      }
      if case .number = kind, let last = factors.last, last.isNumeral {
        throw .malformed("two numbers side by side")
      }
      factors.append(try factor())
    }
    if parts.isEmpty { return Self.product(factors) }
    return .tuple(parts + [Self.product(factors)])
  }

  /// The whole part of a mixed number such as 3 1/2, when the factor can be one and a proper fraction
  /// of digits follows.
  private func mixedNumberPart(_ last: Expression?) -> Expression? {
    guard let last, case .number(let whole) = last, whole.isInteger else { return nil }
    switch kind {
    case .command("frac"):
      let isDigits = fractionOfDigits()
      return isDigits ? last : nil
    case .number(let text):
      return tokens[position].isSpaced && !text.contains(".") ? last : nil
    default: return nil
    }
  }

  private func fractionOfDigits() -> Bool {
    var offset = 1
    for _ in 0..<2 {
      if kind(at: offset) == .mark("{") {
        guard case .number = kind(at: offset + 1), kind(at: offset + 2) == .mark("}") else {
          return false
        }
        offset += 3
      } else if case .number(let text) = kind(at: offset) {
        // \frac12 holds both parts.
        if offset == 1, text.utf8.count > 1 { return true }
        offset += 1
      } else {
        return false
      }
    }
    return true
  }

  /// Whether a factor can begin at `offset` without an operator before it.
  func startsFactor(at offset: Int) -> Bool {
    switch kind(at: offset) {
    case .number, .letter, .mark("("), .mark("{"), .begin: return true
    case .mark("["): return !tokens[min(position + offset, tokens.count - 1)].isSpaced || offset > 0
    case .mark("|"): return absoluteDepth == 0 && !barSeparates && barOpens(at: offset)
    case .dots: return true
    case .word, .text: return offset > 0
    case .command(let name):
      if LaTeXNames.relations[name] != nil || LaTeXNames.approximations.contains(name) {
        return false
      }
      switch name {
      case "}", "rangle", "rfloor", "rceil", "cup", "cap", "bigcup", "bigcap", "setminus",
        "smallsetminus", "backslash", "cdot", "times", "div", "bullet", "pm", "mp", "mod", "bmod",
        "pmod", "%", "circ", "choose", "over", "atop", "prime", "Vert":
        return false
      default: return true
      }
    default: return false
    }
  }

  var barOpens: Bool { barOpens(at: 0) }

  /// Whether a bar has another one in the same brackets after it.
  private func barOpens(at offset: Int) -> Bool {
    var open = 0
    for token in tokens.dropFirst(position + offset + 1) {
      switch token.kind {
      case .mark("("), .mark("["), .mark("{"), .command("{"): open += 1
      case .mark(")"), .mark("]"), .mark("}"), .command("}"):
        open -= 1
        if open < 0 { return false }
      case .mark("|") where open == 0: return true
      default: break
      }
    }
    return false
  }

  // MARK: Factors

  /// A primary with its powers, factorials, percent signs and degrees.
  mutating func factor() throws(VerificationFailure) -> Expression {
    try nested { (parser) throws(VerificationFailure) in
      let base = try parser.primary()
      return try parser.withScripts(base)
    }
  }

  func isScriptMark(_ mark: Character) -> Bool { kind == .mark(mark) }

  private mutating func withScripts(_ base: Expression) throws(VerificationFailure) -> Expression {
    var value = base
    while true {
      switch kind {
      case .mark("^"):
        position += 1
        value = try raised(value)
      case .mark("_"):
        position += 1
        value = try subscripted(value)
      case .mark("!"):
        position += 1
        value = .function(.factorial, [value])
      case .mark("%"), .command("%"):
        position += 1
        value = .percent(value)
      case .command("circ"):
        position += 1
        value = degrees(value)
      case .mark("'"), .command("prime"):
        position += 1
        value = primed(value)
      default: return value
      }
    }
  }

  private func primed(_ value: Expression) -> Expression {
    switch value {
    case .symbol(let name): .symbol(name + "'")
    case .application(let name, let arguments): .application(name + "'", arguments)
    default: value
    }
  }

  /// Degrees, with the scale's letter after them: 20°C.
  private mutating func degrees(_ value: Expression) -> Expression {
    if case .letter(let letter) = kind, letter == "C" || letter == "F" { position += 1 }
    return .degrees(value)
  }

  private mutating func raised(_ base: Expression) throws(VerificationFailure) -> Expression {
    if take(.command("circ")) { return degrees(base) }
    if kind == .mark("{"), kind(at: 1) == .command("circ"), kind(at: 2) == .mark("}") {
      position += 3
      return degrees(base)
    }
    if kind == .mark("'") || kind == .command("prime") { return base }
    if let ordinal = ordinalTokens {
      position += ordinal
      return base
    }
    if kind == .mark("{"), kind(at: 1) == .command("prime"), kind(at: 2) == .mark("}") {
      position += 3
      return primed(base)
    }
    let exponent = try script()
    // x^T and A^* name another thing.
    if case .symbol("*") = exponent { return .application("star", [base]) }
    return .power(base, exponent)
  }

  /// The tokens of the ending of an ordinal number: 7^{th}, 7^{\text{th}}.
  private var ordinalTokens: Int? {
    if case .text(let text) = kind, LaTeXNames.ordinals.contains(text) { return 1 }
    guard kind == .mark("{") else { return nil }
    if case .text(let text) = next.kind, LaTeXNames.ordinals.contains(text),
      kind(at: 2) == .mark("}")
    {
      return 3
    }
    guard case .letter(let first) = next.kind, case .letter(let second) = kind(at: 2),
      kind(at: 3) == .mark("}"), LaTeXNames.ordinals.contains("\(first)\(second)")
    else { return nil }
    return 4
  }

  /// An exponent: braces, a signed number, or one factor.
  private mutating func script() throws(VerificationFailure) -> Expression {
    var isNegative = false
    while kind == .mark("-") || kind == .mark("+") {
      if kind == .mark("-") { isNegative.toggle() }
      position += 1
    }
    let value: Expression
    switch kind {
    case .mark("*"):
      position += 1
      value = .symbol("*")
    default: value = try primary()
    }
    return isNegative ? .negated(value) : value
  }

  private mutating func subscripted(_ base: Expression) throws(VerificationFailure) -> Expression {
    let name = try scriptSource()
    switch base {
    case .symbol(let symbol): return .symbol("\(symbol)_\(name)")
    case .constant(let constant): return .symbol("\(constant.rawValue)_\(name)")
    case .application(let symbol, let arguments):
      return .application("\(symbol)_\(name)", arguments)
    case .number(let number):
      if let radix = Int(name), radix > 1 {
        return .based(digits: number.numerator.description, base: radix)
      }
      return base
    case .text: return base
    default: return .application("subscript_\(name)", [base])
    }
  }

  /// What a subscript says, as text without spaces.
  mutating func scriptSource() throws(VerificationFailure) -> String {
    guard takeMark("{") else {
      let source = Self.source(kind)
      guard kind != .ending else { throw .malformed("an empty subscript") }
      position += 1
      return source
    }
    var source = ""
    var open = 1
    while kind != .ending {
      if kind == .mark("{") { open += 1 }
      if kind == .mark("}") { open -= 1 }
      if open == 0 { break }
      source += Self.source(kind)
      position += 1
    }
    try expect(.mark("}"))
    return source
  }

  static func source(_ kind: LaTeXToken.Kind) -> String {
    switch kind {
    case .number(let text), .word(let text), .command(let text): text
    case .text(let text): text.lowercased()
    case .letter(let letter): String(letter)
    case .mark(let mark): String(mark)
    case .separator(.comma): ","
    case .separator(let joiner): "\(joiner)"
    case .dots: "..."
    case .begin, .end, .rowBreak, .ending: ""
    }
  }
}

extension Expression {
  /// A number as it stands, perhaps with a sign.
  var isNumeral: Bool {
    switch self {
    case .number, .decimal: true
    default: false
    }
  }
}
