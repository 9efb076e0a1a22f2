extension Renderer {
  /// How the statements of a block ended.
  enum Flow { case onward, leavesLoop, nextIteration }

  func execute(_ statements: [Statement]) throws -> Flow {
    try meter.enter()
    defer { meter.leave() }
    for statement in statements {
      try meter.spend()
      let flow = try execute(statement)
      if flow != .onward { return flow }
    }
    return .onward
  }

  private func execute(_ statement: Statement) throws -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression, let place): try print(expression, at: place)
    case .condition(let branches, let otherwise):
      for branch in branches where try evaluate(branch.condition).isTrue {
        return try execute(branch.body)
      }
      return try execute(otherwise)
    case .loop(let loop): try execute(loop)
    case .set(let target, let expression, let place):
      let value = try evaluate(expression)
      offset = place
      try assign(value, to: target)
    case .setBlock(let block): return try execute(block)
    case .macro(let definition): define(definition)
    case .callBlock(let block): try execute(block)
    case .filterBlock(let filters, let body): return try execute(body, through: filters)
    case .with(let pairs, let body, let place): return try execute(pairs, body, at: place)
    case .scoped(let body, let seesOutermost):
      return try inScope(inside: seesOutermost ? rootScope : nil) { try execute(body) }
    case .breakLoop: return .leavesLoop
    case .continueLoop: return .nextIteration
    case .loader(let tag, let place):
      offset = place
      throw Fault.type("no loader for this environment specified ('\(tag)' needs one)")
    }
    return .onward
  }

  private func print(_ expression: Expression, at place: Int) throws {
    let value = try evaluate(expression)
    if let text = value.text {
      try write(text)
    } else {
      offset = place
      try write(value.printed(meter))
    }
  }

  // MARK: Assignment

  /// Assigns, with Python's unpacking of sequences.
  func assign(_ value: Value, to target: Statement.Target) throws {
    switch target {
    case .name(let symbol): scope.set(symbol, value)
    case .attribute(let symbol, let name, let place):
      let holder = try lookUp(symbol)
      offset = place
      guard case .object(let object) = holder, let namespace = object as? Namespace else {
        throw Fault.type("cannot assign attribute on non-namespace object")
      }
      try namespace.set(name, value)
    case .tuple(let targets, _): try unpack(value, to: targets)
    }
  }

  private func unpack(_ value: Value, to targets: [Statement.Target]) throws {
    guard let cursor = try value.cursor(self) else {
      throw Fault.type("cannot unpack non-iterable \(value.typeName) object")
    }
    var parts: [Value] = []
    while parts.count <= targets.count, let part = try cursor.next() { parts.append(part) }
    guard parts.count >= targets.count else {
      throw Fault.value(
        "not enough values to unpack (expected \(targets.count), got \(parts.count))")
    }
    guard parts.count == targets.count else {
      throw Fault.value("too many values to unpack (expected \(targets.count))")
    }
    for (part, target) in zip(parts, targets) { try assign(part, to: target) }
  }

  private func execute(_ block: Statement.SetBlock) throws -> Flow {
    var flow = Flow.onward
    let text = try collect { flow = try inScope { try execute(block.body) } }
    guard flow == .onward else { return flow }
    var value = Value.string(text)
    for filter in block.filters { value = try apply(filter, to: value) }
    offset = block.offset
    try assign(value, to: block.target)
    return .onward
  }

  private func execute(
    _ pairs: [(target: Statement.Target, value: Expression)], _ body: [Statement], at place: Int
  ) throws -> Flow {
    let values = try pairs.map { try evaluate($0.value) }
    return try inScope {
      for (pair, value) in zip(pairs, values) {
        offset = place
        try assign(value, to: pair.target)
      }
      return try execute(body)
    }
  }

  private func execute(
    _ body: [Statement], through filters: [Expression.FilterUse]
  ) throws -> Flow {
    var flow = Flow.onward
    let text = try collect { flow = try inScope { try execute(body) } }
    guard flow == .onward else { return flow }
    var value = Value.string(text)
    for filter in filters { value = try apply(filter, to: value) }
    guard let filtered = value.text else {
      throw Fault.type("a filter block must give str, \(value.typeName) found")
    }
    try write(filtered)
    return .onward
  }

  // MARK: Macros

  private func define(_ definition: Statement.MacroDefinition) {
    let macro = Macro(definition, scope: scope)
    keep(macro)
    if let symbol = definition.symbol { scope.set(symbol, .object(macro)) }
  }

  private func execute(_ block: Statement.CallBlock) throws {
    let macro = Macro(block.body, scope: scope)
    keep(macro)
    var function = try evaluate(block.call.base)
    for link in block.call.links.dropLast() { function = try apply(link, to: function) }
    guard case .call(let given, let place)? = block.call.links.last else { return }
    var arguments = try arguments(given)
    arguments.keywords.append(("caller", .object(macro)))
    try write(call(function, arguments, at: place).printed(meter))
  }
}
