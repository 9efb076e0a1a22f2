/// Reads mathematics into an `Expression`, by recursive descent of bounded depth over the tokens.
///
/// Implicit products bind more tightly than a slash, as Math-Verify reads them: `1/2x` is 1/(2x).
struct LaTeXParser {
  /// Deeper nesting is refused rather than exhaust the stack. A bracket takes five levels.
  static let maximumDepth = 120

  var tokens: [LaTeXToken]
  var position = 0
  var depth = 0
  /// Plain text rather than LaTeX: words may follow a number as its unit.
  let isPlain: Bool
  /// In a set-builder, where a bar separates.
  var barSeparates = false
  /// Inside of |...|, where a bar closes.
  var absoluteDepth = 0

  /// The expression that `text` writes, all of it.
  static func expression(
    of text: String, isPlain: Bool = false
  ) throws(VerificationFailure) -> Expression {
    var parser = LaTeXParser(
      tokens: try LaTeXLexer.tokens(of: text, isPlain: isPlain), isPlain: isPlain)
    parser.dropEndMarks()
    if let words = parser.words() { return words }
    if let (label, rest) = parser.label() {
      parser.position = rest
      if parser.kind == .ending { return .text(label) }
      return .labelled(label, try parser.whole())
    }
    parser.dropIntroduction()
    return try parser.whole()
  }

  /// Words before the mathematics: \text{The answer is } 5, and in plain text "So x = 5".
  private mutating func dropIntroduction() {
    if isPlain, case .word(let word) = kind, LaTeXNames.connectives.contains(word.lowercased()) {
      position += 1
      _ = take(.separator(.comma))
    }
    guard case .text = kind, startsFactor(at: 1) else { return }
    switch next.kind {
    case .text, .word: return
    default: position += 1
    }
  }

  init(tokens: [LaTeXToken], isPlain: Bool) {
    self.tokens = tokens
    self.isPlain = isPlain
  }

  private mutating func whole() throws(VerificationFailure) -> Expression {
    let expression = try list()
    guard kind == .ending else { throw .malformed("\(kind) after the expression") }
    return expression
  }

  // MARK: Tokens

  var kind: LaTeXToken.Kind { tokens[min(position, tokens.count - 1)].kind }

  var next: LaTeXToken { tokens[min(position + 1, tokens.count - 1)] }

  func kind(at offset: Int) -> LaTeXToken.Kind {
    tokens[min(position + offset, tokens.count - 1)].kind
  }

  mutating func take(_ wanted: LaTeXToken.Kind) -> Bool {
    guard kind == wanted else { return false }
    position += 1
    return true
  }

  mutating func takeMark(_ mark: Character) -> Bool { take(.mark(mark)) }

  mutating func expect(_ wanted: LaTeXToken.Kind) throws(VerificationFailure) {
    guard take(wanted) else { throw .malformed("\(kind) instead of \(wanted)") }
  }

  /// Runs `read` one level deeper.
  mutating func nested<Value>(
    _ read: (inout LaTeXParser) throws(VerificationFailure) -> Value
  ) throws(VerificationFailure) -> Value {
    guard depth < Self.maximumDepth else { throw .limit }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  // MARK: Words

  /// Marks at the ends that belong to the sentence.
  private mutating func dropEndMarks() {
    while tokens.count > 1 {
      switch tokens[tokens.count - 2].kind {
      case .mark("."), .mark(";"), .mark(":"), .separator, .rowBreak, .mark("#"), .mark("*"):
        tokens.remove(at: tokens.count - 2)
      default: return dropStart()
      }
    }
  }

  private mutating func dropStart() {
    while position < tokens.count - 1 {
      switch tokens[position].kind {
      case .mark(":"), .mark("."), .separator, .rowBreak, .mark("*"), .mark("#"): position += 1
      default: return
      }
    }
  }

  /// The text, when there are words and nothing of mathematics.
  private func words() -> Expression? {
    var parts: [String] = []
    var hasWord = false
    for token in tokens.dropFirst(position) {
      switch token.kind {
      case .text(let text), .word(let text):
        hasWord = true
        parts.append(text)
      case .letter(let letter): parts.append(String(letter))
      case .separator(.and): parts.append("and")
      case .separator(.or): parts.append("or")
      case .separator(.comma): parts.append(",")
      case .mark(let mark) where "-'.():/!".contains(mark): parts.append(String(mark))
      case .ending: break
      default: return nil
      }
    }
    guard hasWord else { return nil }
    return Self.names(parts.joined(separator: " "))
  }

  /// Words: single ones with commas, "and" or "or" between them are several answers, a sentence is one.
  private static func names(_ text: String) -> Expression {
    var items: [[Substring]] = [[]]
    for word in text.replacing(",", with: " , ").split(separator: " ") {
      if word == "," || word == "and" || word == "or" {
        if items.last?.isEmpty == false { items.append([]) }
      } else {
        items[items.count - 1].append(word)
      }
    }
    guard items.count > 1, items.allSatisfy({ $0.count == 1 }) else { return .text(text) }
    return .list(items.map { .text(String($0[0])) }, .and)
  }

  /// The letter of a choice that begins the expression, as in `\textbf{(B)} 5`, and where it ends.
  private func label() -> (String, Int)? {
    guard case .text(let text) = kind else { return nil }
    guard let letter = ChoiceLetter.labelled(text) else { return nil }
    return (letter, position + 1)
  }

  // MARK: Lists

  /// Statements separated by commas, semicolons, "and" or "or".
  mutating func list() throws(VerificationFailure) -> Expression {
    try nested { (parser) throws(VerificationFailure) in try parser.listItems() }
  }

  private mutating func listItems() throws(VerificationFailure) -> Expression {
    var parts: [[Expression]] = [[]]
    var joiner = Expression.Joiner.comma
    var separators = 0
    while true {
      var isSeparated = false
      while true {
        if case .separator(let found) = kind {
          position += 1
          separators += 1
          isSeparated = true
          if found != .comma { joiner = found }
        } else if takeMark(";") || (kind == .rowBreak && take(.rowBreak)) {
          if !(parts.last?.isEmpty ?? true) { parts.append([]) }
          isSeparated = true
        } else {
          break
        }
      }
      if endsList { break }
      let isFirst = parts.count == 1 && parts[0].isEmpty
      guard isFirst || isSeparated else { break }
      parts[parts.count - 1].append(try statement())
    }
    if parts.last?.isEmpty ?? false, parts.count > 1 { parts.removeLast() }
    if parts.count == 1 {
      guard let first = parts[0].first else { throw .malformed("nothing") }
      return parts[0].count == 1 ? first : .list(parts[0], joiner)
    }
    return .list(parts.map { $0.count == 1 ? $0[0] : .tuple($0) }, joiner)
  }

  private var endsList: Bool {
    switch kind {
    case .ending, .end, .mark(")"), .mark("]"), .mark("}"), .command("}"), .command("rangle"),
      .command("rfloor"), .command("rceil"), .command("Vert"), .command("choose"),
      .command("over"), .command("atop"):
      true
    case .mark("|"): absoluteDepth > 0 || barSeparates
    case .command("mid"), .mark(":"): barSeparates
    default: false
    }
  }

  // MARK: Relations

  /// One statement: an expression, or a chain of relations.
  mutating func statement() throws(VerificationFailure) -> Expression {
    try nested { (parser) throws(VerificationFailure) in try parser.relations() }
  }

  private mutating func relations() throws(VerificationFailure) -> Expression {
    var operands: [Expression] = []
    var relations: [Expression.Relation] = []
    if isApproximation {
      position += 1
    }
    operands.append(try setExpression())
    while true {
      if isApproximation {
        position += 1
        let value = try setExpression()
        // x ≈ 3.14 says what x is; in 1/3 ≈ 0.33 the exact value counts.
        if operands.count == 1, relations.isEmpty, operands[0].isOnlySymbols { operands = [value] }
      } else if let relation = takeRelation() {
        relations.append(relation)
        operands.append(try setExpression())
      } else {
        break
      }
    }
    return relations.isEmpty ? operands[0] : .relation(operands, relations)
  }

  private var isApproximation: Bool {
    guard case .command(let name) = kind else { return false }
    return LaTeXNames.approximations.contains(name)
  }

  private mutating func takeRelation() -> Expression.Relation? {
    let relation: Expression.Relation
    switch kind {
    case .mark("="): relation = .equal
    case .mark("<"): relation = .less
    case .mark(">"): relation = .greater
    // The bar of a condition, P(A | B), has no other that closes it.
    case .mark("|"):
      guard absoluteDepth == 0, !barSeparates, !barOpens else { return nil }
      relation = .other
    case .command(let name):
      guard let known = LaTeXNames.relations[name], !(barSeparates && name == "mid") else {
        return nil
      }
      relation = known
    default: return nil
    }
    position += 1
    // => and =< and the like, written with two marks
    if relation == .equal, kind == .mark(">") || kind == .mark("<") {
      let isGreater = kind == .mark(">")
      position += 1
      return isGreater ? .greaterOrEqual : .lessOrEqual
    }
    return relation
  }

  /// Unions, intersections and differences of sets.
  private mutating func setExpression() throws(VerificationFailure) -> Expression {
    var left = try sum()
    while true {
      let operation: Expression.SetOperation
      switch kind {
      case .command("cup"), .command("bigcup"): operation = .union
      case .command("cap"), .command("bigcap"): operation = .intersection
      case .command("setminus"), .command("backslash"), .command("smallsetminus"):
        operation = .difference
      default: return left
      }
      position += 1
      left = .setOperation(operation, left, try sum())
    }
  }
}
