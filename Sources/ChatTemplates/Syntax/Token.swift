/// An operator or a bracket.
enum Operator: String, Sendable {
  case add = "+"
  case assign = "="
  case colon = ":"
  case comma = ","
  case divide = "/"
  case dot = "."
  case equal = "=="
  case floorDivide = "//"
  case greater = ">"
  case greaterOrEqual = ">="
  case leftBrace = "{"
  case leftBracket = "["
  case leftParenthesis = "("
  case less = "<"
  case lessOrEqual = "<="
  case modulo = "%"
  case multiply = "*"
  case notEqual = "!="
  case pipe = "|"
  case power = "**"
  case rightBrace = "}"
  case rightBracket = "]"
  case rightParenthesis = ")"
  case semicolon = ";"
  case subtract = "-"
  case tilde = "~"
}

/// A piece of a template's text.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    case data(String)
    case variableBegin
    case variableEnd
    case blockBegin
    case blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    case symbol(Operator)
    case end
  }

  let kind: Kind
  /// The byte of the template at which it starts.
  let offset: Int

  /// The token as errors call it, in Jinja2's words.
  var summary: String {
    switch kind {
    case .data: "template data / text"
    case .variableBegin: "begin of print statement"
    case .variableEnd: "end of print statement"
    case .blockBegin: "begin of statement block"
    case .blockEnd: "end of statement block"
    case .name(let name): name
    case .string(let text): text
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .symbol(let symbol): symbol.rawValue
    case .end: "end of template"
    }
  }
}
