extension Renderer {
  /// The value of an expression.
  func evaluate(_ expression: Expression) throws -> Value {
    try meter.spend()
    switch expression {
    case .literal(let literal): return Value(literal)
    case .name(let name):
      offset = name.offset
      return try lookUp(name.symbol)
    default: return try evaluateCompound(expression)
    }
  }

  private func evaluateCompound(_ expression: Expression) throws -> Value {
    try meter.enter()
    defer { meter.leave() }
    switch expression {
    case .chain(let chain): return try evaluate(chain)
    case .comparison(let comparison): return .bool(try evaluate(comparison))
    case .arithmetic(let arithmetic): return try evaluate(arithmetic)
    case .all(let operands): return try firstOperand(operands, withTruth: false)
    case .any(let operands): return try firstOperand(operands, withTruth: true)
    case .unary(let unary): return try evaluate(unary)
    case .conditional(let conditional): return try evaluate(conditional)
    case .concatenation(let operands): return try concatenate(operands)
    case .list(let items): return try .list(of: evaluate(items))
    case .tuple(let items): return try .tuple(of: evaluate(items))
    case .dictionary(let display): return try evaluate(display)
    case .literal(let literal): return Value(literal)
    case .name(let name): return try lookUp(name.symbol)
    }
  }

  private func evaluate(_ items: [Expression]) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for item in items { values.append(try evaluate(item)) }
    return values
  }

  /// Python's `and` and `or`: the first operand of the truth that decides, or the last.
  private func firstOperand(_ operands: [Expression], withTruth truth: Bool) throws -> Value {
    for operand in operands.dropLast() {
      let value = try evaluate(operand)
      if value.isTrue == truth { return value }
    }
    return try evaluate(operands[operands.count - 1])
  }

  private func evaluate(_ conditional: Expression.Conditional) throws -> Value {
    if try evaluate(conditional.condition).isTrue { return try evaluate(conditional.value) }
    guard let otherwise = conditional.otherwise else {
      return Undefined.hint(
        "the inline if-expression evaluated to false and no else section was defined.")
    }
    return try evaluate(otherwise)
  }

  private func concatenate(_ operands: [Expression]) throws -> Value {
    var text = ""
    for operand in operands {
      let part = try evaluate(operand).printed(meter)
      try meter.spend(bytes: part.utf8.count)
      text += part
    }
    return .string(text)
  }

  private func evaluate(_ display: Expression.DictionaryDisplay) throws -> Value {
    var builder = Mapping.Builder(meter)
    for (key, value) in display.pairs {
      let key = try evaluate(key)
      let value = try evaluate(value)
      offset = display.offset
      try builder.set(key, value)
    }
    return .dictionary(try builder.mapping())
  }

  private func evaluate(_ unary: Expression.Unary) throws -> Value {
    let operand = try evaluate(unary.operand)
    offset = unary.offset
    switch unary.operation {
    case .not: return .bool(!operand.isTrue)
    case .negate: return try operand.negated()
    case .plus: return try operand.unaryPlus()
    }
  }

  private func evaluate(_ comparison: Expression.Comparison) throws -> Bool {
    var left = try evaluate(comparison.first)
    for (operation, operand, place) in comparison.rest {
      let right = try evaluate(operand)
      offset = place
      guard try compare(left, operation, right) else { return false }
      left = right
    }
    return true
  }

  func compare(
    _ left: Value, _ operation: ComparisonOperation, _ right: Value
  ) throws -> Bool {
    switch operation {
    case .equal: return try left.equals(right, meter)
    case .notEqual: return try !left.equals(right, meter)
    case .less: return try left.isLess(than: right, meter)
    case .greater: return try right.isLess(than: left, meter, operation: ">", isFlipped: true)
    case .lessOrEqual:
      return try left.isLess(than: right, meter, operation: "<=") || left.equals(right, meter)
    case .greaterOrEqual:
      return try right.isLess(than: left, meter, operation: ">=", isFlipped: true)
        || left.equals(right, meter)
    case .isIn: return try left.isContained(in: right, self)
    case .isNotIn: return try !left.isContained(in: right, self)
    }
  }

  // MARK: Chains

  private func evaluate(_ chain: Expression.Chain) throws -> Value {
    var value = try evaluate(chain.base)
    for link in chain.links { value = try apply(link, to: value) }
    return value
  }

  func apply(_ link: Expression.Link, to value: Value) throws -> Value {
    switch link {
    case .attribute(let name, let place):
      offset = place
      return try attribute(name, of: value)
    case .item(let key, let place):
      let key = try evaluate(key)
      offset = place
      return try item(key, of: value)
    case .slice(let slice): return try evaluate(slice, of: value)
    case .call(let arguments, let place):
      return try call(value, try self.arguments(arguments), at: place)
    case .filter(let use): return try apply(use, to: value)
    case .test(let use): return .bool(try apply(use, to: value))
    }
  }

  func apply(_ use: Expression.FilterUse, to value: Value) throws -> Value {
    let arguments = try arguments(use.arguments)
    offset = use.offset
    guard let filter = use.filter else { throw Filters.unknown(use.name) }
    return try filter(value, arguments, self)
  }

  private func apply(_ use: Expression.TestUse, to value: Value) throws -> Bool {
    let arguments = try arguments(use.arguments)
    offset = use.offset
    guard let test = use.test else { throw Tests.unknown(use.name) }
    return try test(value, arguments, self) != use.isNegated
  }

  private func evaluate(_ slice: Expression.Slice, of value: Value) throws -> Value {
    let start = try slice.start.map(evaluate)
    let stop = try slice.stop.map(evaluate)
    let step = try slice.step.map(evaluate)
    offset = slice.offset
    return try self.slice(value, start: start, stop: stop, step: step)
  }

  // MARK: Calls

  func arguments(_ given: Expression.CallArguments) throws -> Arguments {
    var arguments = Arguments()
    for value in given.positional { arguments.positional.append(try evaluate(value)) }
    for (name, value) in given.keywords {
      arguments.keywords.append((name, try evaluate(value)))
    }
    if let unpacked = given.unpackedPositional {
      arguments.positional += try evaluate(unpacked).elements(self)
    }
    if let unpacked = given.unpackedKeywords {
      guard case .dictionary(let mapping) = try evaluate(unpacked) else {
        throw Fault.type("argument after ** must be a mapping")
      }
      for (key, value) in zip(mapping.keys, mapping.values) {
        let name = try key.requiredText("keywords")
        guard arguments.keyword(name) == nil else {
          throw Fault.type("got multiple values for keyword argument '\(name)'")
        }
        arguments.keywords.append((name, value))
      }
    }
    return arguments
  }

  func call(_ function: Value, _ arguments: Arguments, at place: Int) throws -> Value {
    offset = place
    switch function {
    case .object(let object): return try object.call(arguments, self)
    case .undefined(let undefined): throw undefined.fault
    default: throw Fault.type("'\(function.typeName)' object is not callable")
    }
  }
}

extension Value {
  init(_ literal: Expression.Literal) {
    switch literal {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .float(let value): self = .float(value)
    case .string(let text): self = .string(text)
    }
  }
}
