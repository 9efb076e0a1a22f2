/// What can stand after `is`.
enum Tests {
  typealias Function = @Sendable (Value, Arguments, Renderer) throws -> Bool

  static func named(_ name: String) -> Function? { functions[name] }

  static func unknown(_ name: String, offset: Int) -> SyntaxFault {
    SyntaxFault(message: unknown(name).message, offset: offset)
  }

  static func unknown(_ name: String) -> Fault { Fault(.syntax, "No test named '\(name)'.") }

  private static func plain(
    _ name: String, _ test: @escaping @Sendable (Value) throws -> Bool
  ) -> Function {
    { value, arguments, _ in
      _ = try arguments.bind(name, [])
      return try test(value)
    }
  }

  private static func comparison(_ operation: ComparisonOperation) -> Function {
    { value, arguments, renderer in
      let other = try arguments.bind(operation.rawValue, ["other"], required: 1)[0]!
      return try renderer.compare(value, operation, other)
    }
  }

  private static func remainder(
    _ value: Value, _ divisor: Value, _ renderer: Renderer
  ) throws -> Value {
    try renderer.calculate(value, .modulo, divisor)
  }

  private static let functions: [String: Function] = [
    "defined": plain("defined") { !$0.isUndefined },
    "undefined": plain("undefined") { $0.isUndefined },
    "none": plain("none") { $0.isNone },
    "true": plain("true") { if case .bool(true) = $0 { true } else { false } },
    "false": plain("false") { if case .bool(false) = $0 { true } else { false } },
    "boolean": plain("boolean") { if case .bool = $0 { true } else { false } },
    "integer": plain("integer") { if case .int = $0 { true } else { false } },
    "float": plain("float") { if case .float = $0 { true } else { false } },
    "number": plain("number") { $0.number != nil },
    "string": plain("string") { $0.text != nil },
    "mapping": plain("mapping") { if case .dictionary = $0 { true } else { false } },
    "escaped": plain("escaped") { if case .markup = $0 { true } else { false } },
    "callable": plain("callable") { value in
      switch value {
      case .undefined: true
      case .object(let object): object.isCallable
      default: false
      }
    },
    "sequence": plain("sequence") { value in
      switch value {
      case .undefined, .string, .markup, .list, .tuple, .dictionary: true
      case .object(let object): object.isSequence
      default: false
      }
    },
    "iterable": { value, arguments, renderer in
      _ = try arguments.bind("iterable", [])
      return try value.cursor(renderer) != nil
    },
    "odd": { value, arguments, renderer in
      _ = try arguments.bind("odd", [])
      return try remainder(value, .int(2), renderer).equals(.int(1), renderer.meter)
    },
    "even": { value, arguments, renderer in
      _ = try arguments.bind("even", [])
      return try remainder(value, .int(2), renderer).equals(.int(0), renderer.meter)
    },
    "divisibleby": { value, arguments, renderer in
      let divisor = try arguments.bind("divisibleby", ["num"], required: 1)[0]!
      return try remainder(value, divisor, renderer).equals(.int(0), renderer.meter)
    },
    "lower": { value, arguments, renderer in
      _ = try arguments.bind("lower", [])
      return PythonCase.isLower(try value.printed(renderer.meter))
    },
    "upper": { value, arguments, renderer in
      _ = try arguments.bind("upper", [])
      return PythonCase.isUpper(try value.printed(renderer.meter))
    },
    "sameas": { value, arguments, _ in
      value.isSame(as: try arguments.bind("sameas", ["other"], required: 1)[0]!)
    },
    "in": { value, arguments, renderer in
      try value.isContained(
        in: arguments.bind("in", ["seq"], required: 1)[0]!, renderer)
    },
    "filter": plain("filter") { $0.text.map { Filters.named($0) != nil } ?? false },
    "test": plain("test") { $0.text.map { Tests.isKnown($0) } ?? false },
    "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
    "!=": comparison(.notEqual), "ne": comparison(.notEqual),
    ">": comparison(.greater), "gt": comparison(.greater), "greaterthan": comparison(.greater),
    ">=": comparison(.greaterOrEqual), "ge": comparison(.greaterOrEqual),
    "<": comparison(.less), "lt": comparison(.less), "lessthan": comparison(.less),
    "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
  ]

  private static func isKnown(_ name: String) -> Bool { functions[name] != nil }
}

extension Value {
  /// Python's `is`. Numbers and texts have no identity here, so that equal ones are the same.
  fileprivate func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.none, .none): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.float(let left), .float(let right)): left == right
    case (.string(let left), .string(let right)): sameText(left, right)
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      left === right
    case (.dictionary(let left), .dictionary(let right)): left === right
    case (.object(let left), .object(let right)): left === right
    case (.undefined(let left), .undefined(let right)): left === right
    default: false
    }
  }
}
