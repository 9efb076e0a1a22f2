/// An expression. Chains of operators and of accesses are flat, so that their length costs no stack.
enum Expression: Sendable {
  case literal(Literal)
  case name(Name)
  case list([Expression])
  case tuple([Expression])
  case dictionary(DictionaryDisplay)
  case chain(Chain)
  case unary(Unary)
  case arithmetic(Arithmetic)
  case concatenation([Expression])
  case comparison(Comparison)
  case all([Expression])
  case any([Expression])
  case conditional(Conditional)

  /// A constant of the template's text.
  enum Literal: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
  }

  /// A variable.
  struct Name: Sendable {
    let symbol: Symbol
    let offset: Int
  }

  /// `{key: value}`.
  final class DictionaryDisplay: Sendable {
    let pairs: [(key: Expression, value: Expression)]
    let offset: Int

    init(pairs: [(key: Expression, value: Expression)], offset: Int) {
      self.pairs = pairs
      self.offset = offset
    }
  }

  /// A value and what is done to it one after the other: `a.b[0](c) | f is g`.
  final class Chain: Sendable {
    let base: Expression
    let links: [Link]

    init(base: Expression, links: [Link]) {
      self.base = base
      self.links = links
    }
  }

  /// One step of a chain.
  enum Link: Sendable {
    case attribute(String, offset: Int)
    case item(Expression, offset: Int)
    case slice(Slice)
    case call(CallArguments, offset: Int)
    case filter(FilterUse)
    case test(TestUse)
  }

  /// `[start:stop:step]`.
  final class Slice: Sendable {
    let start: Expression?
    let stop: Expression?
    let step: Expression?
    let offset: Int

    init(start: Expression?, stop: Expression?, step: Expression?, offset: Int) {
      self.start = start
      self.stop = stop
      self.step = step
      self.offset = offset
    }
  }

  /// What stands in a call's parentheses.
  struct CallArguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    var unpackedPositional: Expression?
    var unpackedKeywords: Expression?
  }

  /// `| name(arguments)`.
  final class FilterUse: Sendable {
    let name: String
    let filter: Filters.Function?
    let arguments: CallArguments
    let offset: Int

    init(name: String, arguments: CallArguments, offset: Int) {
      self.name = name
      filter = Filters.named(name)
      self.arguments = arguments
      self.offset = offset
    }
  }

  /// `is [not] name(arguments)`.
  final class TestUse: Sendable {
    let name: String
    let test: Tests.Function?
    let arguments: CallArguments
    let isNegated: Bool
    let offset: Int

    init(name: String, arguments: CallArguments, isNegated: Bool, offset: Int) {
      self.name = name
      test = Tests.named(name)
      self.arguments = arguments
      self.isNegated = isNegated
      self.offset = offset
    }
  }

  /// `-x`, `+x`, `not x`.
  final class Unary: Sendable {
    enum Operation: Sendable { case negate, plus, not }
    let operation: Operation
    let operand: Expression
    let offset: Int

    init(_ operation: Operation, _ operand: Expression, offset: Int) {
      self.operation = operation
      self.operand = operand
      self.offset = offset
    }
  }

  /// Operators of one precedence, from left to right.
  final class Arithmetic: Sendable {
    let first: Expression
    let rest: [(operation: ArithmeticOperation, operand: Expression, offset: Int)]

    init(
      first: Expression,
      rest: [(operation: ArithmeticOperation, operand: Expression, offset: Int)]
    ) {
      self.first = first
      self.rest = rest
    }
  }

  /// `a < b <= c`, each with the next.
  final class Comparison: Sendable {
    let first: Expression
    let rest: [(operation: ComparisonOperation, operand: Expression, offset: Int)]

    init(
      first: Expression,
      rest: [(operation: ComparisonOperation, operand: Expression, offset: Int)]
    ) {
      self.first = first
      self.rest = rest
    }
  }

  /// `value if condition else otherwise`.
  final class Conditional: Sendable {
    let condition: Expression
    let value: Expression
    let otherwise: Expression?

    init(condition: Expression, value: Expression, otherwise: Expression?) {
      self.condition = condition
      self.value = value
      self.otherwise = otherwise
    }
  }
}

/// A name of the template, as a number.
typealias Symbol = Int

/// An arithmetic operator.
enum ArithmeticOperation: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "** or pow()"
}

/// An operator that gives a truth value.
enum ComparisonOperation: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}
