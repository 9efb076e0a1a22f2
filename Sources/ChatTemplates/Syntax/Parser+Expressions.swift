extension Parser {
  /// An expression, with `a if b else c` unless it is left to the statement.
  mutating func expression(withConditional: Bool = true) throws -> Expression {
    try nested { parser in
      let known = parser.unknownUses.count
      var value = try parser.operation(atLeast: .or)
      while withConditional, parser.take(name: "if") {
        let condition = try parser.operation(atLeast: .or)
        let otherwise = parser.take(name: "else") ? try parser.expression() : nil
        parser.unknownUses.removeSubrange(known...)
        value = .conditional(
          Expression.Conditional(condition: condition, value: value, otherwise: otherwise))
      }
      return value
    }
  }

  func isTupleEnd(_ name: String?) -> Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
    case .name(let found): found == name
    default: false
    }
  }

  /// An expression, or a tuple of them without parentheses around.
  mutating func tupleOrExpression(
    withConditional: Bool = true, endingBefore end: String? = nil, inParentheses: Bool = false
  ) throws -> Expression {
    var items: [Expression] = []
    var isTuple = false
    while true {
      if isTuple { try expect(.comma) }
      if isTupleEnd(end) { break }
      items.append(try expression(withConditional: withConditional))
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      if let item = items.first { return item }
      guard inParentheses else {
        throw SyntaxFault(
          message: "Expected an expression, got '\(current.summary)'", offset: offset)
      }
    }
    return .tuple(items)
  }

  // MARK: Operators

  /// How tightly operators bind, the loosest first.
  private enum Level: Int, Comparable {
    case or, and, not, comparison, sum, concatenation, product, power, operand

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    /// The level of an operator's operands.
    var next: Level { Level(rawValue: rawValue + 1) ?? .operand }
  }

  /// Operands with operators of `minimum` and tighter. Precedence climbing keeps the recursion to a few
  /// calls for each pair of brackets.
  private mutating func operation(atLeast minimum: Level) throws -> Expression {
    let start = offset
    var left: Expression
    if minimum <= .not, take(name: "not") {
      left = .unary(
        Expression.Unary(.not, try nested { try $0.operation(atLeast: .not) }, offset: start))
    } else {
      left = try unary(withFilters: true)
    }
    while let level = operatorLevel(), level >= minimum {
      switch level {
      case .or: left = .any(try operands(after: left, level) { $0.take(name: "or") })
      case .and: left = .all(try operands(after: left, level) { $0.take(name: "and") })
      case .concatenation:
        left = .concatenation(try operands(after: left, level) { $0.take(.tilde) })
      case .comparison: left = try comparison(after: left)
      default: left = try arithmetic(after: left, level)
      }
    }
    return left
  }

  private func operatorLevel() -> Level? {
    switch current.kind {
    case .name("or"): .or
    case .name("and"): .and
    case .symbol(.tilde): .concatenation
    default:
      comparisonOperation() == nil ? arithmeticOperation()?.level : .comparison
    }
  }

  private mutating func operands(
    after first: Expression, _ level: Level, _ takeOperator: (inout Parser) -> Bool
  ) throws -> [Expression] {
    var operands = [first]
    while takeOperator(&self) { operands.append(try operation(atLeast: level.next)) }
    return operands
  }

  private mutating func comparison(after first: Expression) throws -> Expression {
    var rest: [(operation: ComparisonOperation, operand: Expression, offset: Int)] = []
    while let operation = comparisonOperation() {
      let start = offset
      advance()
      if operation == .isNotIn { advance() }
      rest.append((operation, try self.operation(atLeast: .sum), start))
    }
    return .comparison(Expression.Comparison(first: first, rest: rest))
  }

  private func comparisonOperation() -> ComparisonOperation? {
    switch current.kind {
    case .symbol(.equal): .equal
    case .symbol(.notEqual): .notEqual
    case .symbol(.less): .less
    case .symbol(.lessOrEqual): .lessOrEqual
    case .symbol(.greater): .greater
    case .symbol(.greaterOrEqual): .greaterOrEqual
    case .name("in"): .isIn
    case .name("not"): following.kind == .name("in") ? .isNotIn : nil
    default: nil
    }
  }

  private mutating func arithmetic(
    after first: Expression, _ level: Level
  ) throws -> Expression {
    var rest: [(operation: ArithmeticOperation, operand: Expression, offset: Int)] = []
    while let (operation, own) = arithmeticOperation(), own == level {
      let start = offset
      advance()
      rest.append((operation, try self.operation(atLeast: level.next), start))
    }
    return .arithmetic(Expression.Arithmetic(first: first, rest: rest))
  }

  private func arithmeticOperation() -> (operation: ArithmeticOperation, level: Level)? {
    switch current.kind {
    case .symbol(.add): (.add, .sum)
    case .symbol(.subtract): (.subtract, .sum)
    case .symbol(.multiply): (.multiply, .product)
    case .symbol(.divide): (.divide, .product)
    case .symbol(.floorDivide): (.floorDivide, .product)
    case .symbol(.modulo): (.modulo, .product)
    case .symbol(.power): (.power, .power)
    default: nil
    }
  }

  private mutating func unary(withFilters: Bool) throws -> Expression {
    let start = offset
    var value: Expression
    if isAt(.subtract) || isAt(.add) {
      let operation: Expression.Unary.Operation = isAt(.subtract) ? .negate : .plus
      advance()
      let operand = try nested { try $0.unary(withFilters: false) }
      value = .unary(Expression.Unary(operation, operand, offset: start))
    } else {
      value = try primary()
    }
    var links: [Expression.Link] = []
    try appendPostfix(to: &links)
    if withFilters { try appendFilters(to: &links) }
    if !links.isEmpty { value = .chain(Expression.Chain(base: value, links: links)) }
    return value
  }

  // MARK: Values

  private mutating func primary() throws -> Expression {
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None": return .literal(.none)
      default:
        mention(name)
        let symbol = symbol(name)
        noteUse(of: symbol)
        return .name(Expression.Name(symbol: symbol, offset: token.offset))
      }
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return .literal(.string(text))
    case .integer(let value):
      advance()
      return .literal(.int(value))
    case .float(let value):
      advance()
      return .literal(.float(value))
    case .symbol(.leftParenthesis):
      advance()
      let inside = try tupleOrExpression(inParentheses: true)
      try expect(.rightParenthesis)
      return inside
    case .symbol(.leftBracket): return .list(try list())
    case .symbol(.leftBrace): return try dictionary(token.offset)
    default:
      throw SyntaxFault(message: "unexpected '\(token.summary)'", offset: token.offset)
    }
  }

  private mutating func list() throws -> [Expression] {
    advance()
    var items: [Expression] = []
    while !isAt(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      if isAt(.rightBracket) { break }
      items.append(try expression())
    }
    advance()
    return items
  }

  private mutating func dictionary(_ start: Int) throws -> Expression {
    advance()
    var pairs: [(key: Expression, value: Expression)] = []
    while !isAt(.rightBrace) {
      if !pairs.isEmpty { try expect(.comma) }
      if isAt(.rightBrace) { break }
      let key = try expression()
      try expect(.colon)
      pairs.append((key, try expression()))
    }
    advance()
    return .dictionary(Expression.DictionaryDisplay(pairs: pairs, offset: start))
  }

  // MARK: What follows a value

  private mutating func appendPostfix(to links: inout [Expression.Link]) throws {
    while true {
      let start = offset
      if take(.dot) {
        links.append(try member(start))
      } else if take(.leftBracket) {
        links.append(try subscription(start))
      } else if isAt(.leftParenthesis) {
        links.append(.call(try callArguments(), offset: start))
      } else {
        return
      }
    }
  }

  private mutating func appendFilters(to links: inout [Expression.Link]) throws {
    while true {
      let start = offset
      if take(.pipe) {
        links.append(.filter(try filterUse()))
      } else if take(name: "is") {
        links.append(.test(try testUse(start)))
      } else if isAt(.leftParenthesis) {
        links.append(.call(try callArguments(), offset: start))
      } else {
        return
      }
    }
  }

  private mutating func member(_ start: Int) throws -> Expression.Link {
    switch current.kind {
    case .name(let name):
      advance()
      return .attribute(name, offset: start)
    case .integer(let index):
      advance()
      return .item(.literal(.int(index)), offset: start)
    default: throw SyntaxFault(message: "expected name or number", offset: offset)
    }
  }

  private mutating func subscription(_ start: Int) throws -> Expression.Link {
    var items: [Expression] = []
    while !isAt(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      let first = isAt(.colon) ? nil : try expression()
      if isAt(.colon) {
        let slice = try slice(from: first, start)
        guard items.isEmpty, isAt(.rightBracket) else {
          throw SyntaxFault(
            message: "slices among several indices are not supported", offset: start,
            kind: .unsupported)
        }
        advance()
        return .slice(slice)
      }
      if let first { items.append(first) }
    }
    advance()
    return .item(items.count == 1 ? items[0] : .tuple(items), offset: start)
  }

  private mutating func slice(from first: Expression?, _ start: Int) throws -> Expression.Slice {
    advance()
    func isEnd(_ parser: Parser) -> Bool { parser.isAt(.rightBracket) || parser.isAt(.comma) }
    let stop = isAt(.colon) || isEnd(self) ? nil : try expression()
    var step: Expression?
    if take(.colon), !isEnd(self) { step = try expression() }
    return Expression.Slice(start: first, stop: stop, step: step, offset: start)
  }

  private mutating func dottedName() throws -> String {
    var name = try expectName()
    while take(.dot) { name += "." + (try expectName()) }
    return name
  }

  /// A filter after its bar.
  mutating func filterUse() throws -> Expression.FilterUse {
    let start = offset
    let name = try dottedName()
    let arguments = isAt(.leftParenthesis) ? try callArguments() : Expression.CallArguments()
    let use = Expression.FilterUse(name: name, arguments: arguments, offset: start)
    if use.filter == nil { unknownUses.append(Filters.unknown(name, offset: start)) }
    return use
  }

  private mutating func testUse(_ start: Int) throws -> Expression.TestUse {
    let isNegated = take(name: "not")
    let name = try dottedName()
    var arguments = Expression.CallArguments()
    switch current.kind {
    case .symbol(.leftParenthesis): arguments = try callArguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"):
      throw SyntaxFault(message: "You cannot chain multiple tests with is", offset: offset)
    case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
      let value = try nested { try $0.primary() }
      var links: [Expression.Link] = []
      try appendPostfix(to: &links)
      arguments.positional = [
        links.isEmpty ? value : .chain(Expression.Chain(base: value, links: links))
      ]
    default: break
    }
    let use = Expression.TestUse(
      name: name, arguments: arguments, isNegated: isNegated, offset: start)
    if use.test == nil { unknownUses.append(Tests.unknown(name, offset: start)) }
    return use
  }

  private mutating func callArguments() throws -> Expression.CallArguments {
    let start = offset
    var arguments = Expression.CallArguments()
    func ensure(_ fits: Bool) throws {
      guard fits else {
        throw SyntaxFault(
          message: "invalid syntax for function call expression", offset: start)
      }
    }
    advance()
    var isFirst = true
    while !isAt(.rightParenthesis) {
      if !isFirst {
        try expect(.comma)
        if isAt(.rightParenthesis) { break }
      }
      isFirst = false
      if take(.multiply) {
        try ensure(arguments.unpackedPositional == nil && arguments.unpackedKeywords == nil)
        arguments.unpackedPositional = try expression()
      } else if take(.power) {
        try ensure(arguments.unpackedKeywords == nil)
        arguments.unpackedKeywords = try expression()
      } else if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
        try ensure(arguments.unpackedKeywords == nil)
        guard !arguments.keywords.contains(where: { $0.name == name }) else {
          throw SyntaxFault(message: "keyword argument repeated: \(name)", offset: offset)
        }
        advance()
        advance()
        arguments.keywords.append((name, try expression()))
      } else {
        try ensure(
          arguments.unpackedPositional == nil && arguments.unpackedKeywords == nil
            && arguments.keywords.isEmpty)
        arguments.positional.append(try expression())
      }
    }
    advance()
    return arguments
  }
}
