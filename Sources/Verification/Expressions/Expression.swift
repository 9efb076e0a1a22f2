/// Mathematics as it was written, before anything is worked out.
indirect enum Expression: Hashable, Sendable {
  /// A number without a decimal point.
  case number(Rational)
  /// A number with a decimal point: perhaps rounded.
  case decimal(Rational)
  case constant(Constant)
  case symbol(String)
  /// The two signs of a plus-minus; the flipped one is that of `\mp`.
  case sign(flipped: Bool)
  case sum([Expression])
  case product([Expression])
  case power(Expression, Expression)
  case function(Function, [Expression])
  /// A function without a known value, as in f(x), a sum over k, or an integral.
  case application(String, [Expression])
  case percent(Expression)
  case degrees(Expression)
  /// A number with a base: 1101 in base 2.
  case based(digits: String, base: Int)
  /// a : b : c
  case ratio([Expression])
  /// Words.
  case text(String)
  /// A choice with its content: (B) 5.
  case labelled(String, Expression)
  case matrix([[Expression]])
  /// Several answers side by side.
  case list([Expression], Joiner)
  /// Parentheses or brackets with any number of elements other than two.
  case tuple([Expression])
  case set([Expression])
  /// Two elements in parentheses or brackets: an interval, or a pair.
  case pair(Expression, Expression, leftOpen: Bool, rightOpen: Bool)
  case setOperation(SetOperation, Expression, Expression)
  case namedSet(NamedSet)
  /// { x | condition }
  case builder(Expression, Expression)
  /// a < b = c: one relation fewer than operands.
  case relation([Expression], [Relation])

  enum Constant: String, Hashable, Sendable {
    case pi, e, i, infinity
  }

  enum Joiner: Hashable, Sendable {
    case comma, and, or
  }

  enum SetOperation: Hashable, Sendable {
    case union, intersection, difference
  }

  enum NamedSet: String, Hashable, Sendable {
    case empty, reals, integers, rationals, naturals, complexes
  }

  enum Relation: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, element, notElement
    case subset, congruent, other

    /// The relation with its sides exchanged.
    var flipped: Relation {
      switch self {
      case .less: .greater
      case .lessOrEqual: .greaterOrEqual
      case .greater: .less
      case .greaterOrEqual: .lessOrEqual
      default: self
      }
    }
  }

  enum Function: String, Hashable, Sendable {
    case sin, cos, tan, cot, sec, csc
    case arcsin, arccos, arctan, arccot, arcsec, arccsc
    case sinh, cosh, tanh, coth, sech, csch
    case exp, ln, log
    case abs, floor, ceil, factorial, binomial, gcd, lcm, max, min, mod, root
    case conjugate, re, im, arg, sign

    /// Takes an angle, so that degrees in it count.
    var isTrigonometric: Bool {
      switch self {
      case .sin, .cos, .tan, .cot, .sec, .csc: true
      default: false
      }
    }
  }
}

extension Expression {
  static let zero = Expression.number(.zero)
  static let one = Expression.number(.one)
  static let minusOne = Expression.number(Rational(-1))

  static func negated(_ value: Expression) -> Expression {
    switch value {
    case .number(let number): .number(-number)
    case .decimal(let number): .decimal(-number)
    case .product(let factors): .product([.minusOne] + factors)
    default: .product([.minusOne, value])
    }
  }

  static func difference(_ left: Expression, _ right: Expression) -> Expression {
    .sum([left, .negated(right)])
  }

  static func quotient(_ top: Expression, _ bottom: Expression) -> Expression {
    .product([top, .power(bottom, .minusOne)])
  }

  /// The direct parts.
  var children: [Expression] {
    switch self {
    case .number, .decimal, .constant, .symbol, .sign, .based, .text, .namedSet: []
    case .sum(let parts), .product(let parts), .ratio(let parts), .list(let parts, _),
      .tuple(let parts), .set(let parts), .function(_, let parts), .application(_, let parts),
      .relation(let parts, _):
      parts
    case .power(let a, let b), .pair(let a, let b, _, _), .setOperation(_, let a, let b),
      .builder(let a, let b):
      [a, b]
    case .percent(let a), .degrees(let a), .labelled(_, let a): [a]
    case .matrix(let rows): rows.flatMap { $0 }
    }
  }

  /// The expression with every direct part replaced.
  func mapChildren(
    _ change: (Expression) throws(VerificationFailure) -> Expression
  ) throws(VerificationFailure) -> Expression {
    func all(_ parts: [Expression]) throws(VerificationFailure) -> [Expression] {
      var changed: [Expression] = []
      changed.reserveCapacity(parts.count)
      for part in parts { changed.append(try change(part)) }
      return changed
    }
    switch self {
    case .number, .decimal, .constant, .symbol, .sign, .based, .text, .namedSet: return self
    case .sum(let parts): return .sum(try all(parts))
    case .product(let parts): return .product(try all(parts))
    case .ratio(let parts): return .ratio(try all(parts))
    case .list(let parts, let joiner): return .list(try all(parts), joiner)
    case .tuple(let parts): return .tuple(try all(parts))
    case .set(let parts): return .set(try all(parts))
    case .function(let name, let parts): return .function(name, try all(parts))
    case .application(let name, let parts): return .application(name, try all(parts))
    case .relation(let parts, let relations): return .relation(try all(parts), relations)
    case .power(let a, let b): return .power(try change(a), try change(b))
    case .pair(let a, let b, let left, let right):
      return .pair(try change(a), try change(b), leftOpen: left, rightOpen: right)
    case .setOperation(let operation, let a, let b):
      return .setOperation(operation, try change(a), try change(b))
    case .builder(let a, let b): return .builder(try change(a), try change(b))
    case .percent(let a): return .percent(try change(a))
    case .degrees(let a): return .degrees(try change(a))
    case .labelled(let label, let a): return .labelled(label, try change(a))
    case .matrix(let rows):
      var changed: [[Expression]] = []
      for row in rows { changed.append(try all(row)) }
      return .matrix(changed)
    }
  }

  /// The number of nodes, counted no further than `limit`.
  func nodeCount(upTo limit: Int) -> Int {
    var count = 1
    for child in children {
      guard count < limit else { return limit }
      count += child.nodeCount(upTo: limit - count)
    }
    return count
  }

  /// Whether this or any part satisfies `test`.
  func contains(_ test: (Expression) -> Bool) -> Bool {
    test(self) || children.contains { $0.contains(test) }
  }
}
