extension LaTeXParser {
  private static let greek: Set<String> = [
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta",
    "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "rho", "varrho", "sigma", "varsigma",
    "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
    "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell", "hbar", "partial", "nabla",
    "aleph", "imath", "jmath", "square", "Box", "clubsuit", "heartsuit", "spadesuit", "diamondsuit",
  ]

  /// Two spellings of one letter.
  private static let variants = [
    "varepsilon": "epsilon", "vartheta": "theta", "varrho": "rho", "varsigma": "sigma",
    "varphi": "phi",
  ]

  /// Commands over letters that make another name of them.
  private static let accents: Set<String> = [
    "overline", "bar", "vec", "overrightarrow", "overleftarrow", "overleftrightarrow", "dot",
    "ddot",
    "overarc", "widearc", "wideparen", "overset", "stackrel",
  ]

  private static let bigOperators: Set<String> = [
    "sum", "prod", "int", "iint", "oint", "lim", "limsup", "liminf", "sup", "inf", "bigcup",
    "bigcap",
    "coprod",
  ]

  mutating func command(_ name: String) throws(VerificationFailure) -> Expression {
    if let function = LaTeXNames.functions[name] { return try self.function(function) }
    if Self.bigOperators.contains(name) { return try bigOperator(name) }
    if Self.accents.contains(name) { return try accented(name) }
    if Self.greek.contains(name) {
      if name == "imath" { return .constant(.i) }
      return .symbol(Self.variants[name] ?? name)
    }
    switch name {
    case "pi": return .constant(.pi)
    case "infty": return .constant(.infinity)
    case "frac":
      let top = try argument()
      return .quotient(top, try argument())
    case "binom":
      let top = try argument()
      return .function(.binomial, [top, try argument()])
    case "sqrt": return try root()
    case "{": return try setBraces()
    case "langle":
      let content = try enclosed(until: "rangle")
      if case .list(let parts, _) = content { return Self.angled(parts) }
      return content
    case "lfloor": return .function(.floor, [try enclosed(until: "rfloor")])
    case "lceil": return .function(.ceil, [try enclosed(until: "rceil")])
    case "Vert": return .application("norm", [try enclosed(until: "Vert")])
    case "emptyset", "varnothing": return .namedSet(.empty)
    case "Reals": return .namedSet(.reals)
    case "Integers": return .namedSet(.integers)
    case "Rationals": return .namedSet(.rationals)
    case "Naturals": return .namedSet(.naturals)
    case "Complexes": return .namedSet(.complexes)
    case "}", "rangle", "rfloor", "rceil", "cup", "cap", "cdot", "times", "div", "circ", "%", "mod",
      "bmod", "pmod", "setminus":
      throw .malformed("\\\(name) where an expression begins")
    default: return try unknown(name)
    }
  }

  /// Vectors in angle brackets are never intervals.
  private static func angled(_ parts: [Expression]) -> Expression { .tuple(parts) }

  /// A command without a meaning here: a name, with the braces after it as its arguments.
  private mutating func unknown(_ name: String) throws(VerificationFailure) -> Expression {
    var arguments: [Expression] = []
    while kind == .mark("{"), arguments.count < 3 { arguments.append(try argument()) }
    return arguments.isEmpty ? .symbol(name) : .application(name, arguments)
  }

  /// The argument of a command: braces, or the one thing that follows. Of unbraced digits LaTeX takes
  /// the first.
  mutating func argument() throws(VerificationFailure) -> Expression {
    if case .number(let text) = kind, text.utf8.count > 1, let first = text.first, first != "." {
      let rest = String(text.dropFirst())
      tokens[position] = LaTeXToken(kind: .number(rest.hasPrefix(".") ? "0" + rest : rest))
      return .number(try Rational(decimal: String(first)))
    }
    return try primary()
  }

  private mutating func root() throws(VerificationFailure) -> Expression {
    var index: Expression?
    if kind == .mark("["), !isPlain {
      position += 1
      index = try sum()
      try expect(.mark("]"))
    }
    // In plain text √12 is the root of 12, as sqrt(12).
    let radicand: Expression
    if isPlain, case .number = kind { radicand = try primary() } else { radicand = try argument() }
    if let index { return .function(.root, [radicand, index]) }
    return .function(.root, [radicand, .number(Rational(2))])
  }

  private mutating func accented(_ name: String) throws(VerificationFailure) -> Expression {
    if name == "overset" || name == "stackrel" {
      _ = try scriptSource()
      return try argument()
    }
    let content = try scriptSource()
    // A bar over points is their segment; over one letter it is another letter.
    if content.utf8.count > 1, name != "vec", name != "overrightarrow" { return .symbol(content) }
    let kind = name == "bar" || name == "overline" ? "bar" : name == "overrightarrow" ? "vec" : name
    return .symbol("\(kind){\(content)}")
  }

  /// A sum, product, integral or limit: compared by its parts.
  private mutating func bigOperator(_ name: String) throws(VerificationFailure) -> Expression {
    var parts: [Expression] = []
    while kind == .mark("_") || kind == .mark("^") {
      let mark = kind == .mark("_") ? "from" : "to"
      position += 1
      let value: Expression
      if kind == .mark("{") {
        position += 1
        value = try list()
        try expect(.mark("}"))
      } else {
        value = try argument()
      }
      parts.append(.application(mark, [value]))
    }
    parts.sort { "\($0)" > "\($1)" }
    // A body is missing where the operator is named alone.
    if startsFactor(at: 0) || kind == .mark("-") { parts.append(try sum(ofOneTerm: ())) }
    return .application(name, parts)
  }

  private mutating func sum(ofOneTerm: Void) throws(VerificationFailure) -> Expression {
    var isNegative = false
    while takeMark("-") { isNegative.toggle() }
    var factors = [try factor()]
    while true {
      if kind == .mark("*") || kind == .command("cdot") || kind == .command("times") {
        position += 1
      } else if kind == .mark("/") {
        position += 1
        factors.append(.power(try factor(), .minusOne))
        continue
      } else if !startsFactor(at: 0) {
        break
      }
      factors.append(try factor())
    }
    let product = factors.count == 1 ? factors[0] : Expression.product(factors)
    return isNegative ? .negated(product) : product
  }

  // MARK: Functions

  private mutating func function(
    _ function: Expression.Function
  ) throws(VerificationFailure) -> Expression {
    var base: Expression?
    var exponent: Expression?
    while kind == .mark("_") || kind == .mark("^") {
      let isBase = kind == .mark("_")
      position += 1
      var isNegative = false
      while takeMark("-") { isNegative.toggle() }
      let value = try isBase || isPlain ? argument() : primary()
      if isBase { base = value } else { exponent = isNegative ? .negated(value) : value }
    }
    var arguments = try functionArguments(function)
    if function == .log { arguments.append(base ?? .number(Rational(10))) }
    guard let exponent else { return .function(function, arguments) }
    if exponent == .minusOne, let inverse = Self.inverses[function] {
      return .function(inverse, arguments)
    }
    return .power(.function(function, arguments), exponent)
  }

  private static let inverses: [Expression.Function: Expression.Function] = [
    .sin: .arcsin, .cos: .arccos, .tan: .arctan, .cot: .arccot, .sec: .arcsec, .csc: .arccsc,
  ]

  private mutating func functionArguments(
    _ function: Expression.Function
  ) throws(VerificationFailure) -> [Expression] {
    switch kind {
    case .mark("("), .mark("["):
      let arguments = Self.elements(try primary())
      guard !arguments.isEmpty else { throw .malformed("a function of nothing") }
      return arguments
    case .mark("{"), .command("{"):
      // \max\{1, 2\}, and \sin{x}
      let arguments = Self.elements(try primary())
      guard !arguments.isEmpty else { throw .malformed("a function of nothing") }
      return arguments
    default: break
    }
    var isNegative = false
    while takeMark("-") { isNegative.toggle() }
    var factors = [try factor()]
    while startsFactor(at: 0), !startsFunction, !isParenthesisedModulus {
      if kind == .mark("("), factors.last?.isNumeral != true { break }
      factors.append(try factor())
    }
    let product = factors.count == 1 ? factors[0] : Expression.product(factors)
    return [isNegative ? .negated(product) : product]
  }

  private var startsFunction: Bool {
    guard case .command(let name) = kind else { return false }
    return LaTeXNames.functions[name] != nil || Self.bigOperators.contains(name)
  }
}
