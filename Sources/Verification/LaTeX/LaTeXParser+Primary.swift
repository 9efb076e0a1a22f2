extension LaTeXParser {
  /// What an operator or a script is applied to.
  mutating func primary() throws(VerificationFailure) -> Expression {
    try nested { (parser) throws(VerificationFailure) in try parser.primaryHere() }
  }

  private mutating func primaryHere() throws(VerificationFailure) -> Expression {
    switch kind {
    case .number(let text): return try number(text)
    case .letter(let letter):
      position += 1
      return try named(letter)
    case .word(let word):
      position += 1
      return .text(word)
    case .text(let text):
      position += 1
      return .text(text)
    case .dots:
      position += 1
      return .symbol("...")
    case .mark("("), .mark("["): return try bracketed()
    case .mark("]"): return try reversedInterval()
    case .mark("{"): return try group()
    case .mark("|"): return try absolute()
    case .begin(let environment): return try self.environment(environment)
    case .command(let name):
      position += 1
      return try command(name)
    default: throw .malformed("\(kind) where an expression begins")
    }
  }

  // MARK: Numbers

  private mutating func number(_ text: String) throws(VerificationFailure) -> Expression {
    // Digits beyond nine of a base: 1A3_{16}
    if let digits = alphanumericDigits() { return digits }
    position += 1
    if text.contains(".") {
      if let repeating = try repeatingDecimal(text) { return repeating }
      // The dots of 0.333... are no factor.
      _ = take(.dots)
      return .decimal(try Rational(decimal: text))
    }
    return .number(try Rational(decimal: text))
  }

  /// 0.1\overline{6}, exactly.
  private mutating func repeatingDecimal(_ text: String) throws(VerificationFailure) -> Expression?
  {
    guard case .command(let name) = kind, name == "overline" || name == "bar" || name == "dot",
      kind(at: 1) == .mark("{"), case .number(let digits) = kind(at: 2), !digits.contains("."),
      kind(at: 3) == .mark("}")
    else { return nil }
    position += 4
    let places =
      text.utf8.count - 1
      - (text.utf8.firstIndex(of: UInt8(ascii: ".")).map {
        text.utf8.distance(from: text.utf8.startIndex, to: $0)
      } ?? 0)
    let scale = try Rational(10).power(places)
    let period = try Rational(10).power(digits.utf8.count).adding(Rational(-1))
    let tail = try Rational(decimal: digits).divided(by: period.multiplied(by: scale))
    return .number(try Rational(decimal: text).adding(tail))
  }

  private mutating func alphanumericDigits() -> Expression? {
    var digits = ""
    var offset = 0
    var hasLetter = false
    loop: while true {
      let token = tokens[min(position + offset, tokens.count - 1)]
      guard offset == 0 || !token.isSpaced else { return nil }
      switch token.kind {
      case .number(let text): digits += text
      case .letter(let letter) where ("A"..."Z").contains(letter):
        digits.unicodeScalars.append(letter)
        hasLetter = true
      default: break loop
      }
      offset += 1
    }
    guard hasLetter, kind(at: offset) == .mark("_") else { return nil }
    let isBraced = kind(at: offset + 1) == .mark("{")
    guard case .number(let base) = kind(at: offset + (isBraced ? 2 : 1)), let radix = Int(base)
    else { return nil }
    position += offset + (isBraced ? 4 : 2)
    return .based(digits: digits, base: radix)
  }

  // MARK: Names

  /// Letters that name a function when a parenthesis follows at once.
  private static let functionLetters: Set<Unicode.Scalar> = ["f", "g", "h", "F", "G", "H", "W"]

  private mutating func named(_ letter: Unicode.Scalar) throws(VerificationFailure) -> Expression {
    if Self.functionLetters.contains(letter) {
      var name = String(letter)
      while takeMark("'") { name += "'" }
      if kind == .mark("_") {
        position += 1
        name += "_" + (try scriptSource())
      }
      if kind == .mark("^"), kind(at: 1) == .mark("{"), kind(at: 2) == .mark("-"),
        kind(at: 3) == .number("1"), kind(at: 4) == .mark("}"), kind(at: 5) == .mark("(")
      {
        position += 5
        name += "^-1"
      }
      if kind == .mark("(") { return .application(name, Self.elements(try bracketed())) }
      return .symbol(name)
    }
    switch letter {
    case "e": return .constant(.e)
    case "i": return .constant(.i)
    default: return .symbol(String(letter))
    }
  }

  /// The parts of a bracketed expression.
  static func elements(_ bracketed: Expression) -> [Expression] {
    switch bracketed {
    case .tuple(let parts), .set(let parts), .list(let parts, _): parts
    case .pair(let first, let second, _, _): [first, second]
    default: [bracketed]
    }
  }

  // MARK: Brackets

  private mutating func bracketed() throws(VerificationFailure) -> Expression {
    let opensRound = kind == .mark("(")
    position += 1
    let (savedBar, savedDepth) = (barSeparates, absoluteDepth)
    (barSeparates, absoluteDepth) = (false, 0)
    defer { (barSeparates, absoluteDepth) = (savedBar, savedDepth) }
    if takeMark(")") { return .tuple([]) }
    let content = try list()
    let closesRound = kind == .mark(")")
    // ]1, 2[ and [1, 2[ are intervals too.
    guard closesRound || kind == .mark("]") || kind == .mark("[") else {
      throw .malformed("an open bracket")
    }
    position += 1
    guard case .list(let parts, _) = content else {
      guard opensRound == closesRound else { throw .malformed("brackets that differ") }
      return content
    }
    if parts.count == 2 {
      return .pair(parts[0], parts[1], leftOpen: opensRound, rightOpen: closesRound)
    }
    guard opensRound == closesRound else { throw .malformed("brackets that differ") }
    return .tuple(parts)
  }

  private mutating func reversedInterval() throws(VerificationFailure) -> Expression {
    position += 1
    let content = try list()
    let isOpen = kind == .mark("[")
    guard isOpen || kind == .mark("]"), case .list(let parts, _) = content, parts.count == 2 else {
      throw .malformed("a closing bracket")
    }
    position += 1
    return .pair(parts[0], parts[1], leftOpen: true, rightOpen: isOpen)
  }

  /// Braces of LaTeX: they group, and several answers in them are a set.
  private mutating func group() throws(VerificationFailure) -> Expression {
    position += 1
    if takeMark("}") { return .product([]) }
    let (savedBar, savedDepth) = (barSeparates, absoluteDepth)
    (barSeparates, absoluteDepth) = (false, 0)
    defer { (barSeparates, absoluteDepth) = (savedBar, savedDepth) }
    var content = try list()
    if case .command(let infix) = kind, infix == "choose" || infix == "over" {
      position += 1
      let second = try list()
      content =
        infix == "over" ? .quotient(content, second) : .function(.binomial, [content, second])
    }
    try expect(.mark("}"))
    if case .list(let parts, _) = content { return .set(parts) }
    return content
  }

  private mutating func absolute() throws(VerificationFailure) -> Expression {
    position += 1
    absoluteDepth += 1
    let saved = barSeparates
    barSeparates = false
    let content = try sum()
    barSeparates = saved
    absoluteDepth -= 1
    try expect(.mark("|"))
    return .function(.abs, [content])
  }

  /// \{ ... \}: a set by its elements or by a condition.
  func isSetBar(_ kind: LaTeXToken.Kind) -> Bool {
    kind == .mark("|") || kind == .command("mid") || kind == .mark(":")
  }

  mutating func setBraces() throws(VerificationFailure) -> Expression {
    if take(.command("}")) { return .namedSet(.empty) }
    let (savedBar, savedDepth) = (barSeparates, absoluteDepth)
    (barSeparates, absoluteDepth) = (!startsAbsolute, 0)
    defer { (barSeparates, absoluteDepth) = (savedBar, savedDepth) }
    let content = try list()
    if isSetBar(kind) {
      position += 1
      barSeparates = false
      let condition = try list()
      try expect(.command("}"))
      return .builder(content, condition)
    }
    try expect(.command("}"))
    if case .list(let parts, _) = content { return .set(parts) }
    return .set([content])
  }

  private var startsAbsolute: Bool { kind == .mark("|") }

  /// Brackets that are commands: \lfloor ... \rfloor.
  mutating func enclosed(until closing: String) throws(VerificationFailure) -> Expression {
    let (savedBar, savedDepth) = (barSeparates, absoluteDepth)
    (barSeparates, absoluteDepth) = (false, 0)
    defer { (barSeparates, absoluteDepth) = (savedBar, savedDepth) }
    let content = try list()
    try expect(.command(closing))
    return content
  }

  // MARK: Environments

  private static let matrices: Set<String> = [
    "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array",
    "tabular", "psmallmatrix", "bsmallmatrix",
  ]

  private mutating func environment(_ name: String) throws(VerificationFailure) -> Expression {
    position += 1
    let plain = name.hasSuffix("*") ? String(name.dropLast()) : name
    var rows: [[Expression]] = [[]]
    let (savedBar, savedDepth) = (barSeparates, absoluteDepth)
    (barSeparates, absoluteDepth) = (false, 0)
    defer { (barSeparates, absoluteDepth) = (savedBar, savedDepth) }
    let isMatrix = Self.matrices.contains(plain)
    if !isMatrix { joinRows() }
    while true {
      switch kind {
      case .mark("&"): position += 1
      case .rowBreak:
        position += 1
        if !(rows.last?.isEmpty ?? true) { rows.append([]) }
      case .separator: position += 1
      case .end(let closing):
        guard closing == name else { throw .malformed("\\end{\(closing)} after \\begin{\(name)}") }
        position += 1
        if rows.last?.isEmpty ?? false { rows.removeLast() }
        return try finished(plain, rows)
      default:
        rows[rows.count - 1].append(try statement())
      }
    }
  }

  /// Drops the alignment marks of equations, and the ends of rows that the next row goes on from with a
  /// relation or an operator.
  private mutating func joinRows() {
    let rest = tokens.dropFirst(position).filter { $0.kind != .mark("&") }
    var joined: [LaTeXToken] = []
    for (index, token) in rest.enumerated() {
      if token.kind == .rowBreak, index + 1 < rest.count, Self.continues(rest[index + 1].kind) {
        continue
      }
      joined.append(token)
    }
    tokens = tokens.prefix(position) + joined
  }

  private static func continues(_ kind: LaTeXToken.Kind) -> Bool {
    switch kind {
    case .mark("="), .mark("<"), .mark(">"), .mark("+"): true
    case .command(let name):
      LaTeXNames.relations[name] != nil || LaTeXNames.approximations.contains(name)
        || name == "cdot" || name == "times"
    default: false
    }
  }

  /// Whether every equation says something about the same name: steps of a calculation.
  private static func areSteps(_ statements: [Expression]) -> Bool {
    guard statements.allSatisfy(\.isAssignment) else { return false }
    return Set(statements.map { $0.children[0] }).count == 1
  }

  private func finished(
    _ name: String, _ rows: [[Expression]]
  ) throws(VerificationFailure) -> Expression {
    guard let width = rows.first?.count, width > 0 else { throw .malformed("an empty environment") }
    guard Self.matrices.contains(name) else {
      if name == "cases" || name == "dcases" {
        return .application("cases", rows.map { .tuple($0) })
      }
      let statements = rows.flatMap { $0 }
      if let last = statements.last, Self.areSteps(statements) { return last }
      return statements.count == 1 ? statements[0] : .list(statements, .comma)
    }
    guard rows.allSatisfy({ $0.count == width }) else {
      throw .malformed("rows of different lengths")
    }
    let matrix = Expression.matrix(rows)
    return name == "vmatrix" ? .application("det", [matrix]) : matrix
  }
}
