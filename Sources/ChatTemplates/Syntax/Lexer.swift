/// Cuts a template into tokens as Jinja2's lexer does with `trim_blocks` and `lstrip_blocks`, as
/// transformers sets them.
struct Lexer {
  let source: Source
  private var position = 0
  private var tokens: [Token] = []
  /// Whether the text before the position ends in a line feed (or is empty).
  private var lineStarting = true

  private enum Tag { case raw, comment, block, variable }

  init(_ source: Source) { self.source = source }

  /// All tokens, the last of kind `end`.
  mutating func tokenize() throws -> [Token] {
    while position < source.bytes.count {
      guard let (tag, start) = nextTag() else {
        append(.data(source.text(position..<source.bytes.count)), at: position)
        break
      }
      try lexTag(tag, at: start)
    }
    append(.end, at: source.bytes.count)
    return tokens
  }

  private mutating func append(_ kind: Token.Kind, at offset: Int) {
    tokens.append(Token(kind: kind, offset: offset))
  }

  /// The next opening of a tag from the position on.
  private func nextTag() -> (Tag, Int)? {
    var index = position
    while let brace = source.bytes[index...].firstIndex(of: UInt8(ascii: "{")) {
      if source.has("{%", at: brace) { return (rawEnd(of: brace) == nil ? .block : .raw, brace) }
      if source.has("{#", at: brace) { return (.comment, brace) }
      if source.has("{{", at: brace) { return (.variable, brace) }
      index = brace + 1
    }
    return nil
  }

  /// The end of `{% raw %}` at `offset`, if that is what stands there.
  private func rawEnd(of offset: Int) -> Int? {
    var index = offset + 2
    if source.has("-", at: index) || source.has("+", at: index) { index += 1 }
    index = source.skippingSpace(from: index)
    guard source.has("raw", at: index) else { return nil }
    index = source.skippingSpace(from: index + 3)
    if source.has("-%}", at: index) { return source.skippingSpace(from: index + 3) }
    return source.has("%}", at: index) ? index + 2 : nil
  }

  private mutating func lexTag(_ tag: Tag, at start: Int) throws {
    let sign = sign(at: start + 2)
    appendText(position..<start, sign: sign, isVariable: tag == .variable)
    let inside = start + 2 + (sign == nil ? 0 : 1)
    switch tag {
    case .comment:
      position = inside
      // As in Jinja2, a comment and a raw block that begin at the very end need no end.
      guard inside < source.bytes.count else { return }
      position = try end(of: "#}", from: inside, opened: start, missing: "end of comment tag")
    case .raw:
      position = rawEnd(of: start) ?? inside
      guard position < source.bytes.count else { return }
      try lexRaw(opened: start)
    case .block:
      append(.blockBegin, at: start)
      position = inside
      try lexInside(isVariable: false, opened: start)
    case .variable:
      append(.variableBegin, at: start)
      position = inside
      try lexInside(isVariable: true, opened: start)
    }
    lineStarting = position > 0 && source.bytes[position - 1] == UInt8(ascii: "\n")
  }

  private func sign(at offset: Int) -> UInt8? {
    source.has("-", at: offset) || source.has("+", at: offset) ? source.bytes[offset] : nil
  }

  /// Text before a tag, without what the tag's sign or `lstrip_blocks` takes away.
  private mutating func appendText(_ range: Range<Int>, sign: UInt8?, isVariable: Bool) {
    var end = range.upperBound
    if sign == UInt8(ascii: "-") {
      end = source.trimmingSpace(range)
    } else if sign == nil, !isVariable {
      let lineFeed = source.bytes[range].lastIndex(of: UInt8(ascii: "\n"))
      let line = lineFeed.map { $0 + 1 } ?? range.lowerBound
      if lineFeed != nil || lineStarting, source.trimmingSpace(line..<end) == line { end = line }
    }
    if end > range.lowerBound { append(.data(source.text(range.lowerBound..<end)), at: position) }
  }

  /// The byte after a closing mark, with the white space that it takes.
  private func end(
    of mark: StaticString, from start: Int, opened: Int, missing: String
  ) throws -> Int {
    let first = mark.utf8Start[0]
    var index = start
    while let found = source.bytes[index...].firstIndex(of: first) {
      if source.has(mark, at: found) {
        if found > start, source.has("-", at: found - 1) {
          return source.skippingSpace(from: found + 2)
        }
        if found > start, source.has("+", at: found - 1) { return found + 2 }
        return afterLineFeed(found + 2)
      }
      index = found + 1
    }
    throw SyntaxFault(message: "Missing \(missing)", offset: opened)
  }

  /// `trim_blocks`: a line feed right after a block's end goes with it.
  private func afterLineFeed(_ offset: Int) -> Int {
    source.has("\n", at: offset) ? offset + 1 : offset
  }

  private mutating func lexRaw(opened: Int) throws {
    var index = position
    while let brace = source.bytes[index...].firstIndex(of: UInt8(ascii: "{")) {
      index = brace + 1
      guard source.has("{%", at: brace) else { continue }
      let sign = sign(at: brace + 2)
      var inside = source.skippingSpace(from: brace + 2 + (sign == nil ? 0 : 1))
      guard source.has("endraw", at: inside) else { continue }
      inside = source.skippingSpace(from: inside + 6)
      guard let end = blockEnd(at: inside) else { continue }
      // The line before the end tag starts where the raw text does, not the template.
      lineStarting = source.bytes[position - 1] == UInt8(ascii: "\n")
      appendText(position..<brace, sign: sign, isVariable: false)
      position = end
      return
    }
    throw SyntaxFault(message: "Missing end of raw directive", offset: opened)
  }

  private func blockEnd(at offset: Int) -> Int? {
    if source.has("+%}", at: offset) { return offset + 3 }
    if source.has("-%}", at: offset) { return source.skippingSpace(from: offset + 3) }
    return source.has("%}", at: offset) ? afterLineFeed(offset + 2) : nil
  }

  private func variableEnd(at offset: Int) -> Int? {
    if source.has("-}}", at: offset) { return source.skippingSpace(from: offset + 3) }
    return source.has("}}", at: offset) ? offset + 2 : nil
  }

  /// The tokens between the marks of a block or an expression, and its end.
  private mutating func lexInside(isVariable: Bool, opened: Int) throws {
    var brackets: [Operator] = []
    while true {
      position = source.skippingSpace(from: position)
      guard position < source.bytes.count else {
        let open = brackets.last.map { "; '\($0.rawValue)' is missing" } ?? ""
        throw SyntaxFault(
          message: "unexpected end of template, expected "
            + "\(isVariable ? "'}}'" : "'%}'")\(open)",
          offset: opened)
      }
      let start = position
      if brackets.isEmpty,
        let end = isVariable ? variableEnd(at: start) : blockEnd(at: start)
      {
        append(isVariable ? .variableEnd : .blockEnd, at: start)
        position = end
        return
      }
      var words = WordLexer(source: source, position: start)
      let kind = try words.next()
      if case .symbol(let symbol) = kind { try balance(symbol, &brackets, at: start) }
      append(kind, at: start)
      position = words.position
    }
  }

  private func balance(
    _ symbol: Operator, _ brackets: inout [Operator], at offset: Int
  ) throws {
    switch symbol {
    case .leftBrace: brackets.append(.rightBrace)
    case .leftParenthesis: brackets.append(.rightParenthesis)
    case .leftBracket: brackets.append(.rightBracket)
    case .rightBrace, .rightParenthesis, .rightBracket:
      guard let expected = brackets.popLast() else {
        throw SyntaxFault(message: "unexpected '\(symbol.rawValue)'", offset: offset)
      }
      guard expected == symbol else {
        throw SyntaxFault(
          message: "unexpected '\(symbol.rawValue)', expected '\(expected.rawValue)'",
          offset: offset)
      }
    default: break
    }
  }
}
