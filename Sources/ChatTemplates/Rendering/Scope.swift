/// Variables of a part of a template; what is not here is in the scope around it.
final class Scope {
  let parent: Scope?
  private var variables: [(symbol: Symbol, value: Value)] = []

  init(inside parent: Scope?) { self.parent = parent }

  func set(_ symbol: Symbol, _ value: Value) {
    for index in variables.indices where variables[index].symbol == symbol {
      variables[index].value = value
      return
    }
    variables.append((symbol, value))
  }

  /// The innermost value of a name.
  func value(_ symbol: Symbol) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      for variable in current.variables where variable.symbol == symbol { return variable.value }
      scope = current.parent
    }
    return nil
  }

  /// Forgets all variables, for the next iteration of a loop.
  func clear() { variables.removeAll(keepingCapacity: true) }
}
