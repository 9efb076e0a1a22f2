/// A statement, or text between statements.
enum Statement: Sendable {
  case text(String)
  case output(Expression, offset: Int)
  case condition([Branch], otherwise: [Statement])
  case loop(Loop)
  case set(Target, Expression, offset: Int)
  case setBlock(SetBlock)
  case macro(MacroDefinition)
  case callBlock(CallBlock)
  case filterBlock([Expression.FilterUse], [Statement])
  case with([(target: Target, value: Expression)], [Statement], offset: Int)
  /// Statements in a scope of their own: `generation`, and `block`, which sees the outermost scope.
  case scoped([Statement], seesOutermost: Bool)
  case breakLoop
  case continueLoop
  /// A statement that needs other templates, of which a model folder has none.
  case loader(tag: String, offset: Int)

  /// `if` or `elif` with its body.
  struct Branch: Sendable {
    let condition: Expression
    let body: [Statement]
  }

  /// What is assigned to.
  enum Target: Sendable {
    case name(Symbol)
    case attribute(of: Symbol, name: String, offset: Int)
    case tuple([Target], offset: Int)
  }

  final class Loop: Sendable {
    let target: Target
    let iterable: Expression
    let filter: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
    let loopSymbol: Symbol
    let offset: Int

    init(
      target: Target, iterable: Expression, filter: Expression?, isRecursive: Bool,
      body: [Statement], otherwise: [Statement], loopSymbol: Symbol, offset: Int
    ) {
      self.target = target
      self.iterable = iterable
      self.filter = filter
      self.isRecursive = isRecursive
      self.body = body
      self.otherwise = otherwise
      self.loopSymbol = loopSymbol
      self.offset = offset
    }
  }

  final class SetBlock: Sendable {
    let target: Target
    let filters: [Expression.FilterUse]
    let body: [Statement]
    let offset: Int

    init(target: Target, filters: [Expression.FilterUse], body: [Statement], offset: Int) {
      self.target = target
      self.filters = filters
      self.body = body
      self.offset = offset
    }
  }

  /// A macro, or the body of a call block, which is one without a name.
  final class MacroDefinition: Sendable {
    let name: String?
    let symbol: Symbol?
    let parameters: [Parameter]
    let body: [Statement]
    /// Set where the body mentions the name and no parameter has it.
    let caller: Symbol?
    let keywords: Symbol?
    let extras: Symbol?
    let hasCallerParameter: Bool
    let offset: Int

    struct Parameter: Sendable {
      let name: String
      let symbol: Symbol
      let standard: Expression?
    }

    init(
      name: String?, symbol: Symbol?, parameters: [Parameter], body: [Statement], caller: Symbol?,
      keywords: Symbol?, extras: Symbol?, offset: Int
    ) {
      self.name = name
      self.symbol = symbol
      self.parameters = parameters
      self.body = body
      self.caller = caller
      self.keywords = keywords
      self.extras = extras
      hasCallerParameter = parameters.contains { $0.name == "caller" }
      self.offset = offset
    }
  }

  final class CallBlock: Sendable {
    /// The call, whose last link is a `call`.
    let call: Expression.Chain
    let body: MacroDefinition

    init(call: Expression.Chain, body: MacroDefinition) {
      self.call = call
      self.body = body
    }
  }
}
