/// A macro with the scope in which it was defined.
final class Macro: Object {
  private let definition: Statement.MacroDefinition
  private var scope: Scope?
  override var typeName: String { "Macro" }
  override var isCallable: Bool { true }

  init(_ definition: Statement.MacroDefinition, scope: Scope) {
    self.definition = definition
    self.scope = scope
  }

  /// Lets go of the scope, at the end of the rendering.
  func clear() { scope = nil }

  private var shownName: String { definition.name.map { "'\($0)'" } ?? "None" }

  override func representation(_ meter: Meter) throws -> String {
    "<Macro \(definition.name.map { "'\($0)'" } ?? "anonymous")>"
  }

  override func attribute(_ name: String, _ renderer: Renderer) throws -> Value? {
    switch name {
    case "name": definition.name.map(Value.string) ?? Value.none
    case "arguments": try .tuple(of: definition.parameters.map { .string($0.name) })
    case "catch_kwargs": .bool(definition.keywords != nil)
    case "catch_varargs": .bool(definition.extras != nil)
    case "caller": .bool(definition.caller != nil)
    default: nil
    }
  }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws -> Value {
    try renderer.meter.enter()
    defer { renderer.meter.leave() }
    let inner = Scope(inside: scope)
    let missing = try bind(arguments, in: inner)
    let outer = renderer.scope
    renderer.scope = inner
    defer { renderer.scope = outer }
    for parameter in missing {
      let value = try parameter.standard.map(renderer.evaluate)
      inner.set(
        parameter.symbol,
        value ?? Undefined.hint("parameter '\(parameter.name)' was not provided"))
    }
    return .string(try renderer.collect { _ = try renderer.execute(definition.body) })
  }

  /// Sets the arguments in `scope`.
  ///
  /// - Returns: the parameters that were not given.
  private func bind(
    _ arguments: Arguments, in scope: Scope
  ) throws -> [Statement.MacroDefinition.Parameter] {
    var keywords = arguments.keywords
    func take(_ name: String) -> Value? {
      keywords.firstIndex { $0.name == name }.map { keywords.remove(at: $0).value }
    }
    let parameters = definition.parameters
    var missing: [Statement.MacroDefinition.Parameter] = []
    for (place, parameter) in parameters.enumerated() {
      if place < arguments.positional.count {
        scope.set(parameter.symbol, arguments.positional[place])
      } else if let value = take(parameter.name) {
        scope.set(parameter.symbol, value)
      } else {
        missing.append(parameter)
      }
    }
    if let caller = definition.caller, !definition.hasCallerParameter {
      scope.set(caller, take("caller") ?? Undefined.hint("No caller defined"))
    }
    if let symbol = definition.keywords {
      var builder = Mapping.Builder(Meter(TemplateLimits()))
      for (name, value) in keywords { try builder.set(.string(name), value) }
      scope.set(symbol, .dictionary(try builder.mapping()))
    } else if let (name, _) = keywords.first {
      throw Fault.type("macro \(shownName) takes no keyword argument '\(name)'")
    }
    let extras = arguments.positional.dropFirst(parameters.count)
    if let symbol = definition.extras {
      scope.set(symbol, try .tuple(of: Array(extras)))
    } else if !extras.isEmpty {
      throw Fault.type("macro \(shownName) takes not more than \(parameters.count) argument(s)")
    }
    return missing
  }
}
