/// Reads regular expressions in the syntax of Oniguruma as far as tokenizers use it: what is read
/// means what it means to the reference implementation, anything else is an error.
struct ExpressionParser {
  /// Deeper nesting than any tokenizer's expression has; it bounds the recursion.
  static let maximumDepth = 16
  /// The largest count of `{n,m}`, which are written out.
  static let maximumCount = 256

  var scalars: [Unicode.Scalar]
  var position = 0
  /// Inside `(?i:...)`.
  private var ignoresCase = false

  static func parse(_ expression: String) throws -> ExpressionSyntax {
    var parser = ExpressionParser(scalars: Array(expression.unicodeScalars))
    let syntax = try parser.alternatives(depth: 0)
    guard parser.position == parser.scalars.count else {
      throw ExpressionError(part: ")", problem: "closes no group")
    }
    return syntax
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  /// Goes past a text if it stands here.
  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  func unsupported(_ part: String) -> ExpressionError {
    ExpressionError(part: part)
  }

  private mutating func alternatives(depth: Int) throws -> ExpressionSyntax {
    guard depth < Self.maximumDepth else {
      throw ExpressionError(part: "(", problem: "is nested too deeply")
    }
    var branches = [try sequence(depth: depth)]
    while take("|") { branches.append(try sequence(depth: depth)) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence(depth: Int) throws -> ExpressionSyntax {
    var parts: [ExpressionSyntax] = []
    var letters = ""
    while let scalar = next, scalar != "|", scalar != ")" {
      // Without regard to case some pairs of letters also match a ligature.
      letters = ignoresCase && scalar.properties.isAlphabetic ? letters + String(scalar) : ""
      if ["ff", "fi", "fl", "ss", "st"].contains(where: letters.lowercased().contains) {
        throw unsupported("(?i:\(letters))")
      }
      parts.append(try repeated(atom(depth: depth)))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func atom(depth: Int) throws -> ExpressionSyntax {
    guard let scalar = next else { return .empty }
    position += 1
    switch scalar {
    case "(": return try group(depth: depth)
    case "[": return .set(try characterClass(depth: depth))
    case ".": return .set(ScalarSet(0x0A).inverted)
    case "\\": return try .set(caseIgnoring(escape()))
    case "^", "$", "*", "+", "?", "{": throw unsupported(String(scalar))
    default: return .set(try caseIgnoring(.scalar(scalar.value)))
    }
  }

  /// The content and the end of a group, after its `(`.
  private mutating func group(depth: Int) throws -> ExpressionSyntax {
    let outer = ignoresCase
    guard !outer else { throw unsupported("a group inside (?i:") }
    defer { ignoresCase = outer }
    var look: ExpressionLook?
    var isAtomic = false
    if take("?") {
      if take("=") {
        look = ExpressionLook()
      } else if take("!") {
        look = ExpressionLook(isNegative: true)
      } else if take("<=") {
        look = ExpressionLook(isBehind: true)
      } else if take("<!") {
        look = ExpressionLook(isBehind: true, isNegative: true)
      } else if take(">") {
        isAtomic = true
      } else if take("i:") {
        ignoresCase = true
      } else if !take(":") {
        throw unsupported("(?\(next.map(String.init) ?? "")")
      }
    }
    let body = try alternatives(depth: depth + 1)
    guard take(")") else { throw ExpressionError(part: "(", problem: "is not closed") }
    if isAtomic { return .atomic(body) }
    guard let look else { return body }
    if look.isBehind {
      guard case .set = body else { throw unsupported("a look behind for more than a character") }
    }
    return .look(look, body)
  }

  private mutating func repeated(_ atom: ExpressionSyntax) throws -> ExpressionSyntax {
    guard var count = try count() else { return atom }
    guard !ignoresCase else { throw unsupported("a repetition inside (?i:") }
    let isInterval = scalars[position - 1] == "}"
    if take("?") {
      guard !isInterval else { throw unsupported("}?") }
      count.mode = .lazy
    } else if take("+") {
      // After an interval it would repeat the repetition.
      guard !isInterval else { throw unsupported("}+") }
      count.mode = .possessive
    }
    if let scalar = next, "*+?{".unicodeScalars.contains(scalar) { throw unsupported("\(scalar)") }
    if case .look = atom { throw unsupported("a repeated look around") }
    if count.maximum == nil {
      guard !atom.isNullable else { throw unsupported("a repetition of nothing") }
      // Its time could grow exponentially with the text.
      guard !atom.isUnbounded else { throw unsupported("a repetition of a repetition") }
    }
    return .repetition(atom, count)
  }

  private mutating func count() throws -> ExpressionCount? {
    if take("*") { return ExpressionCount(minimum: 0) }
    if take("+") { return ExpressionCount(minimum: 1) }
    if take("?") { return ExpressionCount(minimum: 0, maximum: 1) }
    guard take("{") else { return nil }
    let minimum = next == "," ? 0 : number()
    var maximum = minimum
    if take(",") { maximum = number() }
    guard take("}"), let minimum, minimum <= maximum ?? Self.maximumCount,
      maximum ?? 0 <= Self.maximumCount, maximum != 0
    else { throw unsupported("{") }
    return ExpressionCount(minimum: minimum, maximum: maximum)
  }

  private mutating func number() -> Int? {
    let start = position
    while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
    return Int(String(String.UnicodeScalarView(scalars[start..<position])))
  }

  /// A set or, inside `(?i:...)`, a letter in both cases.
  private func caseIgnoring(_ item: ExpressionItem) throws -> ScalarSet {
    guard case .scalar(let value) = item else {
      guard !ignoresCase else { throw unsupported("a class inside (?i:") }
      return item.set
    }
    guard ignoresCase else { return item.set }
    guard value < 0x80, let scalar = Unicode.Scalar(value) else {
      throw unsupported("a character beyond ASCII inside (?i:")
    }
    guard scalar.properties.isAlphabetic else { return item.set }
    let lower = value | 0x20
    let both = ScalarSet(lower).union(ScalarSet(lower & ~0x20))
    // The long s and the Kelvin sign (CaseFolding.txt).
    switch scalar {
    case "s", "S": return both.union(ScalarSet(0x17F))
    case "k", "K": return both.union(ScalarSet(0x212A))
    default: return both
    }
  }

  mutating func classItem(depth: Int) throws -> ExpressionItem {
    guard let scalar = next else { throw ExpressionError(part: "[", problem: "is not closed") }
    position += 1
    switch scalar {
    case "[": return .set(try characterClass(depth: depth + 1))
    case "\\": return try escape()
    default: return .scalar(scalar.value)
    }
  }

  /// The content and the end of a class, after its `[`.
  private mutating func characterClass(depth: Int) throws -> ScalarSet {
    guard !ignoresCase else { throw unsupported("a class inside (?i:") }
    guard depth < Self.maximumDepth else {
      throw ExpressionError(part: "[", problem: "is nested too deeply")
    }
    let isInverted = take("^")
    if next == "]" { throw unsupported("[]") }
    if next == ":" { throw unsupported("[:") }
    var members = ScalarSet()
    var intersected: ScalarSet?
    while !take("]") {
      if take("&&") {
        intersected = intersected.map { $0.intersection(members) } ?? members
        members = ScalarSet()
        continue
      }
      members = members.union(try classMember(depth: depth))
    }
    if let intersected { members = members.intersection(intersected) }
    return isInverted ? members.inverted : members
  }

  private mutating func classMember(depth: Int) throws -> ScalarSet {
    let item = try classItem(depth: depth)
    guard case .scalar(let first) = item, next == "-", position + 1 < scalars.count,
      scalars[position + 1] != "]"
    else { return item.set }
    position += 1
    guard case .scalar(let last) = try classItem(depth: depth), first <= last else {
      throw unsupported("a range that is not from a lower to a higher character")
    }
    return ScalarSet(first...last)
  }
}

/// What stands in an expression for one scalar.
enum ExpressionItem {
  case scalar(UInt32)
  case set(ScalarSet)

  var set: ScalarSet {
    switch self {
    case .scalar(let value): ScalarSet(value)
    case .set(let set): set
    }
  }
}

extension ExpressionParser {
  /// What an escape means, after its backslash.
  mutating func escape() throws -> ExpressionItem {
    guard let scalar = next else { throw ExpressionError(part: "\\", problem: "escapes nothing") }
    position += 1
    switch scalar {
    case "s": return .set(UnicodeProperties.whitespace)
    case "S": return .set(UnicodeProperties.whitespace.inverted)
    case "d": return .set(UnicodeProperties.digit)
    case "D": return .set(UnicodeProperties.digit.inverted)
    case "w": return .set(UnicodeProperties.word)
    case "W": return .set(UnicodeProperties.word.inverted)
    case "n": return .scalar(0x0A)
    case "r": return .scalar(0x0D)
    case "t": return .scalar(0x09)
    case "f": return .scalar(0x0C)
    case "v": return .scalar(0x0B)
    case "p", "P": return .set(try property(isInverted: scalar == "P"))
    case "u": return .scalar(try hexadecimal(digits: 4))
    case "x":
      guard take("{") else {
        let value = try hexadecimal(digits: 2)
        guard value < 0x80 else { throw unsupported("\\x of a byte that is not ASCII") }
        return .scalar(value)
      }
      let end = scalars[position...].firstIndex(of: "}") ?? position
      let value = try hexadecimal(digits: end - position)
      position = end + 1
      return .scalar(value)
    default:
      let isWord = UnicodeProperties.word.contains(scalar.value)
      guard scalar.value < 0x80, !isWord else { throw unsupported("\\\(scalar)") }
      return .scalar(scalar.value)
    }
  }

  private mutating func hexadecimal(digits: Int) throws -> UInt32 {
    guard (1...6).contains(digits), position + digits <= scalars.count else {
      throw unsupported("\\x")
    }
    let text = String(String.UnicodeScalarView(scalars[position..<position + digits]))
    guard text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16),
      Unicode.Scalar(value) != nil
    else { throw unsupported("\\x\(text)") }
    position += digits
    return value
  }

  /// `{Lu}` or `{^Lu}`.
  private mutating func property(isInverted: Bool) throws -> ScalarSet {
    guard take("{"), let end = scalars[position...].firstIndex(of: "}") else {
      throw unsupported("\\p without {")
    }
    var isInverted = isInverted
    if take("^") { isInverted.toggle() }
    let name = String(String.UnicodeScalarView(scalars[position..<end]))
    guard let set = UnicodeProperties.set(named: name) else { throw unsupported("\\p{\(name)}") }
    position = end + 1
    return isInverted ? set.inverted : set
  }
}
