extension Parser {
  /// Statements up to one of the tags `ends`, which stays the current token; or to the end.
  mutating func statements(until ends: [String]?) throws -> [Statement] {
    try nested { parser in
      if let ends { parser.awaited.append(ends) }
      var body: [Statement] = []
      while true {
        let token = parser.current
        switch token.kind {
        case .data(let text):
          parser.advance()
          body.append(.text(text))
        case .variableBegin:
          parser.advance()
          body.append(.output(try parser.tupleOrExpression(), offset: token.offset))
          try parser.expect(.variableEnd)
        case .blockBegin:
          parser.advance()
          if let ends, case .name(let name) = parser.current.kind, ends.contains(name) {
            parser.awaited.removeLast()
            return body
          }
          body += try parser.statement()
          try parser.expect(.blockEnd)
        case .end:
          guard ends == nil else { throw parser.nestingFault(unknown: nil) }
          return body
        default: throw parser.unexpected("'begin of statement block'")
        }
      }
    }
  }

  /// The body of a statement: an optional colon, the end of the tag, statements. The token after the
  /// end tag's name is the current one afterwards.
  mutating func body(until ends: [String]) throws -> (body: [Statement], end: String) {
    _ = take(.colon)
    try expect(.blockEnd)
    let body = try statements(until: ends)
    return (body, try expectName())
  }

  /// The body of a statement that has a scope of its own.
  private mutating func scopedBody(until ends: [String]) throws -> (
    body: [Statement], end: String
  ) {
    try inScope { try $0.body(until: ends) }
  }

  /// Why a tag that is not awaited cannot stand here, in Jinja2's words.
  func nestingFault(unknown name: String?) -> SyntaxFault {
    var parts = [
      name.map { "Encountered unknown tag '\($0)'." } ?? "Unexpected end of template."
    ]
    if let looking = awaited.last {
      let tags = looking.map { "'\($0)'" }.joined(separator: " or ")
      let isKnown = name.map { name in awaited.contains { $0.contains(name) } } ?? false
      parts.append(
        isKnown
          ? "You probably made a nesting mistake. Jinja is expecting this tag, but currently "
            + "looking for \(tags)."
          : "Jinja was looking for the following tags: \(tags).")
    }
    if let tag = openTags.last {
      parts.append("The innermost block that needs to be closed is '\(tag)'.")
    }
    return SyntaxFault(message: parts.joined(separator: " "), offset: offset)
  }

  private mutating func statement() throws -> [Statement] {
    guard case .name(let tag) = current.kind else {
      throw SyntaxFault(message: "tag name expected", offset: offset)
    }
    let offset = offset
    guard Self.tags.contains(tag) else { throw nestingFault(unknown: tag) }
    openTags.append(tag)
    defer { openTags.removeLast() }
    advance()
    switch tag {
    case "for": return [try forLoop(offset)]
    case "if": return [try condition()]
    case "set": return [try assignment(offset)]
    case "macro": return [try macro(offset)]
    case "call": return [try callBlock(offset)]
    case "filter": return [try filterBlock()]
    case "with": return [try withBlock(offset)]
    case "print": return try printed(offset)
    case "generation":
      let (body, _) = try outsideLoop { try $0.scopedBody(until: ["endgeneration"]) }
      return [.scoped(body, seesOutermost: false)]
    case "block": return [try block(offset)]
    case "autoescape": return [try autoescape(offset)]
    case "break", "continue":
      guard isInLoop else {
        throw SyntaxFault(message: "'\(tag)' outside loop", offset: offset)
      }
      return [tag == "break" ? .breakLoop : .continueLoop]
    default: return [try loaderStatement(tag, offset)]
    }
  }

  private static let tags: Set<String> = [
    "for", "if", "set", "macro", "call", "filter", "with", "print", "generation", "block",
    "autoescape", "break", "continue", "extends", "include", "import", "from",
  ]

  private mutating func outsideLoop<Result>(
    _ parse: (inout Parser) throws -> Result
  ) rethrows -> Result {
    let outer = isInLoop
    isInLoop = false
    defer { isInLoop = outer }
    return try parse(&self)
  }

  private mutating func insideLoop<Result>(
    _ parse: (inout Parser) throws -> Result
  ) rethrows -> Result {
    let outer = isInLoop
    isInLoop = true
    defer { isInLoop = outer }
    return try parse(&self)
  }

  // MARK: Control

  private mutating func forLoop(_ offset: Int) throws -> Statement {
    let target = try target(endingBefore: "in")
    try refuseLoop(target)
    try expect(name: "in")
    let iterable = try tupleOrExpression(withConditional: false, endingBefore: "recursive")
    let filter = take(name: "if") ? try inScope { try $0.expression() } : nil
    let isRecursive = take(name: "recursive")
    let (body, end) = try insideLoop { try $0.scopedBody(until: ["endfor", "else"]) }
    let otherwise = end == "else" ? try scopedBody(until: ["endfor"]).body : []
    let loop = Statement.Loop(
      target: target, iterable: iterable, filter: filter, isRecursive: isRecursive, body: body,
      otherwise: otherwise, loopSymbol: symbol("loop"), offset: offset)
    return .loop(loop)
  }

  private func refuseLoop(_ target: Statement.Target) throws {
    switch target {
    case .name(let symbol):
      guard names[symbol] != "loop" else {
        throw SyntaxFault(
          message: "Can't assign to special loop variable in for-loop target", offset: offset)
      }
    case .tuple(let targets, _): for target in targets { try refuseLoop(target) }
    case .attribute: break
    }
  }

  private mutating func condition() throws -> Statement {
    try conditionally { parser in
      var branches: [Statement.Branch] = []
      while true {
        let test = try parser.tupleOrExpression(withConditional: false)
        let (body, end) = try parser.body(until: ["elif", "else", "endif"])
        branches.append(Statement.Branch(condition: test, body: body))
        switch end {
        case "elif": continue
        case "else":
          let (otherwise, _) = try parser.body(until: ["endif"])
          return .condition(branches, otherwise: otherwise)
        default: return .condition(branches, otherwise: [])
        }
      }
    }
  }

  private mutating func printed(_ offset: Int) throws -> [Statement] {
    var printed: [Statement] = []
    while current.kind != .blockEnd {
      if !printed.isEmpty { try expect(.comma) }
      printed.append(.output(try expression(), offset: offset))
    }
    return printed
  }

  // MARK: Assignment

  private mutating func assignment(_ offset: Int) throws -> Statement {
    let target = try target(withNamespace: true)
    if isInLoop { try refuseLoop(target) }
    if take(.assign) {
      let value = try tupleOrExpression()
      noteAssignment(to: target)
      return .set(target, value, offset: offset)
    }
    noteAssignment(to: target)
    var filters: [Expression.FilterUse] = []
    while take(.pipe) { filters.append(try filterUse()) }
    let (body, _) = try scopedBody(until: ["endset"])
    return .setBlock(
      Statement.SetBlock(target: target, filters: filters, body: body, offset: offset))
  }

  private mutating func withBlock(_ offset: Int) throws -> Statement {
    var pairs: [(target: Statement.Target, value: Expression)] = []
    while current.kind != .blockEnd {
      if !pairs.isEmpty { try expect(.comma) }
      let target = try target()
      try expect(.assign)
      pairs.append((target, try expression()))
    }
    return .with(pairs, try scopedBody(until: ["endwith"]).body, offset: offset)
  }

  /// A name, an attribute of a namespace, or several, to assign to.
  mutating func target(
    withNamespace: Bool = false, endingBefore end: String? = nil
  ) throws -> Statement.Target {
    let start = offset
    var targets: [Statement.Target] = []
    var isTuple = false
    while true {
      if isTuple { try expect(.comma) }
      if isTupleEnd(end) { break }
      targets.append(try singleTarget(withNamespace: withNamespace))
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if isTuple { return .tuple(targets, offset: start) }
    guard let target = targets.first else {
      throw SyntaxFault(
        message: "Expected an expression, got '\(current.summary)'", offset: offset)
    }
    return target
  }

  private mutating func singleTarget(withNamespace: Bool) throws -> Statement.Target {
    let start = offset
    if take(.leftParenthesis) {
      return try nested { parser in
        let target = try parser.target(withNamespace: withNamespace)
        try parser.expect(.rightParenthesis)
        return target
      }
    }
    guard case .name(let name) = current.kind else {
      throw SyntaxFault(message: "can't assign to '\(current.summary)'", offset: start)
    }
    guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
      throw SyntaxFault(message: "can't assign to 'const'", offset: start)
    }
    advance()
    guard withNamespace, take(.dot) else { return .name(symbol(name)) }
    return .attribute(of: symbol(name), name: try expectName(), offset: start)
  }

  // MARK: Macros

  private mutating func macro(_ offset: Int) throws -> Statement {
    let name = try expectName()
    let symbol = symbol(name)
    noteAssignment(to: .name(symbol))
    return .macro(
      try definition(try signature(), name: name, symbol: symbol, end: "endmacro", offset))
  }

  private mutating func callBlock(_ offset: Int) throws -> Statement {
    // The signature stands before the call, the body after it.
    let parameters = isAt(.leftParenthesis) ? try signature() : []
    let call = try expression()
    guard case .chain(let chain) = call, case .call? = chain.links.last else {
      throw SyntaxFault(message: "expected call", offset: offset)
    }
    let body = try definition(parameters, name: nil, symbol: nil, end: "endcall", offset)
    return .callBlock(Statement.CallBlock(call: chain, body: body))
  }

  private mutating func definition(
    _ parameters: [Statement.MacroDefinition.Parameter], name: String?, symbol: Symbol?,
    end: String, _ offset: Int
  ) throws -> Statement.MacroDefinition {
    mentions.append([])
    let (body, _) = try outsideLoop { try $0.scopedBody(until: [end]) }
    let mentioned = mentions.removeLast().subtracting(
      parameters.filter { $0.name != "caller" }.map(\.name))
    let callerParameter = parameters.first { $0.name == "caller" }
    if mentioned.contains("caller"), let callerParameter, callerParameter.standard == nil {
      throw SyntaxFault(
        message: "When defining macros or call blocks the special \"caller\" argument must be "
          + "omitted or be given a default.",
        offset: offset)
    }
    return Statement.MacroDefinition(
      name: name, symbol: symbol, parameters: parameters, body: body,
      caller: mentioned.contains("caller") ? self.symbol("caller") : nil,
      keywords: mentioned.contains("kwargs") ? self.symbol("kwargs") : nil,
      extras: mentioned.contains("varargs") ? self.symbol("varargs") : nil, offset: offset)
  }

  private mutating func signature() throws -> [Statement.MacroDefinition.Parameter] {
    try expect(.leftParenthesis)
    var parameters: [Statement.MacroDefinition.Parameter] = []
    while !isAt(.rightParenthesis) {
      if !parameters.isEmpty { try expect(.comma) }
      let start = offset
      let name = try expectName()
      guard !parameters.contains(where: { $0.name == name }) else {
        throw SyntaxFault(message: "the parameter '\(name)' is there twice", offset: start)
      }
      let standard = take(.assign) ? try inScope { try $0.expression() } : nil
      if standard == nil, parameters.last?.standard != nil {
        throw SyntaxFault(
          message: "non-default argument follows default argument", offset: start)
      }
      parameters.append(
        Statement.MacroDefinition.Parameter(
          name: name, symbol: symbol(name), standard: standard))
    }
    advance()
    return parameters
  }

  // MARK: Blocks

  private mutating func filterBlock() throws -> Statement {
    var filters = [try filterUse()]
    while take(.pipe) { filters.append(try filterUse()) }
    return .filterBlock(filters, try scopedBody(until: ["endfilter"]).body)
  }

  private mutating func block(_ offset: Int) throws -> Statement {
    let name = try expectName()
    guard blockNames.insert(name).inserted else {
      throw SyntaxFault(message: "block '\(name)' defined twice", offset: offset)
    }
    let isScoped = take(name: "scoped")
    _ = take(name: "required")
    let (body, _) = try outsideLoop { try $0.scopedBody(until: ["endblock"]) }
    _ = take(name: name)
    return .scoped(body, seesOutermost: !isScoped)
  }

  private mutating func autoescape(_ offset: Int) throws -> Statement {
    guard case .literal(.bool(false)) = try expression() else {
      throw SyntaxFault(
        message: "autoescape is supported with false only", offset: offset, kind: .unsupported)
    }
    return .scoped(try scopedBody(until: ["endautoescape"]).body, seesOutermost: false)
  }

  /// `extends`, `include`, `import`, `from`: read to the end of the tag, and refused when reached.
  private mutating func loaderStatement(_ tag: String, _ offset: Int) throws -> Statement {
    _ = try expression()
    while current.kind != .blockEnd, current.kind != .end { advance() }
    return .loader(tag: tag, offset: offset)
  }
}
