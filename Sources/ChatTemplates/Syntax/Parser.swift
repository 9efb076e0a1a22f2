/// Reads tokens as a template: Jinja2's grammar with the extensions that transformers turns on (loop
/// controls and `generation`).
struct Parser {
  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  private var symbolsByName: [String: Symbol] = [:]
  /// The names in the order of their numbers.
  private(set) var names: [String] = []
  /// Variables that the template itself sets before its outermost statements mention them otherwise:
  /// until then they are undefined, also where the caller gives a variable of that name. A body of a
  /// scope may come before.
  private(set) var ownSymbols: Set<Symbol> = []
  private var mentionedSymbols: Set<Symbol> = []
  private var scopeDepth = 0
  private var conditionDepth = 0
  /// Special names that the bodies of the macros around the position mention.
  var mentions: [Set<String>] = []
  /// The end tags that the statements around the position wait for.
  var awaited: [[String]] = []
  /// The statements around the position.
  var openTags: [String] = []
  /// Whether the position is inside a loop of the same macro.
  var isInLoop = false
  var blockNames: Set<String> = []
  /// Uses of filters and tests that do not exist, outside conditions: Jinja2 refuses those at once, and
  /// others only when they are reached.
  var unknownUses: [SyntaxFault] = []
  /// Those of them that a condition around does not excuse, since a scope of their own is between.
  private var certainUnknownUses: [SyntaxFault] = []

  init(_ tokens: [Token]) { self.tokens = tokens }

  /// The whole template.
  mutating func template() throws -> [Statement] {
    let body = try statements(until: nil)
    if let fault = unknownUses.first { throw fault }
    if let fault = certainUnknownUses.first { throw fault }
    return body
  }

  // MARK: Tokens

  var current: Token { tokens[index] }
  var following: Token { tokens[min(index + 1, tokens.count - 1)] }
  var offset: Int { current.offset }

  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if index < tokens.count - 1 { index += 1 }
    return token
  }

  func isAt(_ symbol: Operator) -> Bool { current.kind == .symbol(symbol) }

  func isAt(name: String) -> Bool { current.kind == .name(name) }

  mutating func take(_ symbol: Operator) -> Bool {
    guard isAt(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(name: String) -> Bool {
    guard isAt(name: name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Operator) throws {
    guard take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
  }

  mutating func expect(name: String) throws {
    guard take(name: name) else { throw unexpected("'\(name)'") }
  }

  mutating func expect(_ kind: Token.Kind) throws {
    guard current.kind == kind else {
      throw unexpected("'\(Token(kind: kind, offset: 0).summary)'")
    }
    advance()
  }

  mutating func expectName() throws -> String {
    guard case .name(let name) = current.kind else { throw unexpected("'name'") }
    advance()
    return name
  }

  func unexpected(_ expected: String) -> SyntaxFault {
    SyntaxFault(
      message: "expected token \(expected), got '\(current.summary)'", offset: offset)
  }

  // MARK: Names and nesting

  mutating func symbol(_ name: String) -> Symbol {
    if let symbol = symbolsByName[name] { return symbol }
    symbolsByName[name] = names.count
    names.append(name)
    return names.count - 1
  }

  /// Notes a use of a variable, as Jinja2 analyses its outermost scope.
  mutating func noteUse(of symbol: Symbol) {
    if scopeDepth == 0 { mentionedSymbols.insert(symbol) }
  }

  /// Notes an assignment. One under a condition leaves the variable what the caller made it.
  mutating func noteAssignment(to target: Statement.Target) {
    guard scopeDepth == 0 else { return }
    switch target {
    case .name(let symbol):
      let isFirst = mentionedSymbols.insert(symbol).inserted
      if isFirst, conditionDepth == 0 { ownSymbols.insert(symbol) }
    case .attribute(let symbol, _, _): mentionedSymbols.insert(symbol)
    case .tuple(let targets, _): for target in targets { noteAssignment(to: target) }
    }
  }

  /// Notes that the bodies around the position mention `name`.
  mutating func mention(_ name: String) {
    guard !mentions.isEmpty, ["caller", "kwargs", "varargs"].contains(name) else { return }
    for index in mentions.indices { mentions[index].insert(name) }
  }

  /// Parses something one level deeper.
  mutating func nested<Result>(_ parse: (inout Parser) throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= TemplateLimits.syntaxDepth else {
      throw SyntaxFault(
        message: "brackets, operators and blocks are nested deeper than "
          + "\(TemplateLimits.syntaxDepth) levels",
        offset: offset, kind: .limit)
    }
    return try parse(&self)
  }

  /// Parses the body of a scope, in which unknown filters and tests are faults at once also where a
  /// condition is around it, as Jinja2 has it.
  mutating func inScope<Result>(_ parse: (inout Parser) throws -> Result) throws -> Result {
    let known = unknownUses.count
    scopeDepth += 1
    defer { scopeDepth -= 1 }
    let result = try parse(&self)
    certainUnknownUses += unknownUses[known...]
    unknownUses.removeSubrange(known...)
    return result
  }

  /// Parses something that may never be reached: unknown filters and tests in it are no fault yet.
  mutating func conditionally<Result>(
    _ parse: (inout Parser) throws -> Result
  ) throws -> Result {
    let known = unknownUses.count
    conditionDepth += 1
    defer { conditionDepth -= 1 }
    let result = try parse(&self)
    unknownUses.removeSubrange(known...)
    return result
  }
}
