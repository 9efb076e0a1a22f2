/// A parsed regular expression.
indirect enum ExpressionSyntax: Equatable, Sendable {
  case empty
  /// One scalar of a set.
  case set(ScalarSet)
  case sequence([ExpressionSyntax])
  /// The first branch that lets the rest match.
  case alternatives([ExpressionSyntax])
  case repetition(ExpressionSyntax, ExpressionCount)
  /// Matches once, without going back into it.
  case atomic(ExpressionSyntax)
  case look(ExpressionLook, ExpressionSyntax)

  /// Whether it can match without consuming text.
  var isNullable: Bool {
    switch self {
    case .empty, .look: true
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .alternatives(let branches): branches.contains(where: \.isNullable)
    case .repetition(let body, let count): count.minimum == 0 || body.isNullable
    case .atomic(let body): body.isNullable
    }
  }

  /// Whether it holds a repetition without upper bound.
  var isUnbounded: Bool {
    switch self {
    case .empty, .set: false
    case .sequence(let parts), .alternatives(let parts): parts.contains(where: \.isUnbounded)
    case .repetition(let body, let count): count.maximum == nil || body.isUnbounded
    case .atomic(let body), .look(_, let body): body.isUnbounded
    }
  }
}

/// How often a part is repeated.
struct ExpressionCount: Equatable, Sendable {
  enum Mode: Equatable, Sendable {
    case greedy, lazy, possessive
  }

  var minimum: Int
  /// `nil` without upper bound.
  var maximum: Int?
  var mode = Mode.greedy
}

/// An assertion about what follows, or about the one scalar before.
struct ExpressionLook: Equatable, Sendable {
  var isBehind = false
  var isNegative = false
}

/// The part of a regular expression that is not implemented or not well-formed.
struct ExpressionError: Error, Equatable {
  /// The problem of a part that is well-formed.
  static let unsupported = "is not supported"

  var part: String
  var problem = unsupported
}
