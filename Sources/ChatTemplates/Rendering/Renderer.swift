/// One rendering of a template: its variables, its output, its work so far.
final class Renderer {
  let meter: Meter
  let clock: LocalTime
  private let names: [String]
  private let ownSymbols: Set<Symbol>
  private let variables: Mapping
  /// Values of names that no scope has, as they are first asked for.
  private var outermost: [Value?]
  /// Where a fault is: the byte of the last operation that was begun.
  var offset = 0
  /// What is written, the text of the innermost block that collects text.
  var output = ""
  var scope: Scope
  let rootScope: Scope
  /// Macros and namespaces hold scopes and values, and may hold each other.
  private var macros: [Macro] = []
  private var namespaces: [Namespace] = []

  init(
    names: [String], ownSymbols: Set<Symbol>, variables: Mapping, limits: TemplateLimits,
    clock: LocalTime
  ) {
    self.names = names
    self.ownSymbols = ownSymbols
    self.variables = variables
    self.clock = clock
    meter = Meter(limits)
    outermost = Array(repeating: nil, count: names.count)
    rootScope = Scope(inside: nil)
    scope = rootScope
  }

  /// Lets go of what macros, namespaces and variables hold, one by one, so that no row of them is
  /// released by recursion and no circle is kept.
  func finish() {
    for namespace in namespaces { namespace.clear() }
    for macro in macros { macro.clear() }
    rootScope.clear()
  }

  func name(of symbol: Symbol) -> String { names[symbol] }

  func keep(_ macro: Macro) { macros.append(macro) }

  func newNamespace() -> Namespace {
    let namespace = Namespace()
    namespaces.append(namespace)
    return namespace
  }

  /// The value of a variable.
  func lookUp(_ symbol: Symbol) throws -> Value {
    if let value = scope.value(symbol) { return value }
    if let value = outermost[symbol] { return value }
    let name = names[symbol]
    guard ownSymbols.isEmpty || !ownSymbols.contains(symbol) else { return Undefined.name(name) }
    let value =
      try variables.value(name) ?? Globals.value(name).map(Value.object) ?? Undefined.name(name)
    outermost[symbol] = value
    return value
  }

  func write(_ text: String) throws {
    try meter.spend(bytes: text.utf8.count)
    output += text
  }

  /// The text that `body` writes.
  func collect(_ body: () throws -> Void) rethrows -> String {
    let outer = output
    output = ""
    defer { output = outer }
    try body()
    return output
  }

  /// Runs `body` in a scope of its own.
  func inScope<Result>(
    inside parent: Scope? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = scope
    scope = Scope(inside: parent ?? outer)
    defer { scope = outer }
    return try body()
  }
}
