import Foundation

extension Renderer {
  func evaluate(_ arithmetic: Expression.Arithmetic) throws -> Value {
    var value = try evaluate(arithmetic.first)
    for (operation, operand, place) in arithmetic.rest {
      let right = try evaluate(operand)
      offset = place
      value = try calculate(value, operation, right)
    }
    return value
  }

  /// `left operation right` with Python's meaning.
  func calculate(_ left: Value, _ operation: ArithmeticOperation, _ right: Value) throws -> Value {
    if case .undefined(let undefined) = left { throw undefined.fault }
    if operation == .modulo, let format = left.text {
      return .string(try PercentFormat(format).filled(with: right, self))
    }
    if case .undefined(let undefined) = right { throw undefined.fault }
    if let first = left.integer, let second = right.integer {
      return try calculate(first, operation, second)
    }
    if let first = left.number, let second = right.number {
      return try calculate(first, operation, second)
    }
    switch operation {
    case .add: return try add(left, right)
    case .multiply: return try multiply(left, right)
    default: throw unsupported(left, operation, right)
    }
  }

  private func unsupported(
    _ left: Value, _ operation: ArithmeticOperation, _ right: Value
  ) -> Fault {
    .type(
      "unsupported operand type(s) for \(operation.rawValue): '\(left.typeName)' and "
        + "'\(right.typeName)'")
  }

  // MARK: Sequences

  private func add(_ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.string(let first), .string(let second)):
      try meter.spend(bytes: first.utf8.count + second.utf8.count)
      return .string(first + second)
    case (.markup, _) where right.text != nil, (_, .markup) where left.text != nil:
      let text = left.escaped + right.escaped
      try meter.spend(bytes: text.utf8.count)
      return .markup(text)
    case (.list(let first), .list(let second)):
      try meter.spend(first.values.count + second.values.count)
      return try .list(of: first.values + second.values)
    case (.tuple(let first), .tuple(let second)):
      try meter.spend(first.values.count + second.values.count)
      return try .tuple(of: first.values + second.values)
    case (.string, _), (.markup, _):
      throw Fault.type("can only concatenate str (not \"\(right.typeName)\") to str")
    case (.list, _):
      throw Fault.type("can only concatenate list (not \"\(right.typeName)\") to list")
    case (.tuple, _):
      throw Fault.type("can only concatenate tuple (not \"\(right.typeName)\") to tuple")
    default: throw unsupported(left, .add, right)
    }
  }

  private func multiply(_ left: Value, _ right: Value) throws -> Value {
    guard let count = left.integer ?? right.integer else {
      let isSequence = left.text != nil || right.text != nil
      if isSequence {
        let other = left.text == nil ? left : right
        throw Fault.type("can't multiply sequence by non-int of type '\(other.typeName)'")
      }
      throw unsupported(left, .multiply, right)
    }
    let sequence = left.integer == nil ? left : right
    switch sequence {
    case .string(let text), .markup(let text):
      try meter.spend(bytes: text.utf8.count, times: count)
      return .string(String(repeating: text, count: max(count, 0)))
    case .list(let items): return try .list(of: repeated(items.values, count))
    case .tuple(let items): return try .tuple(of: repeated(items.values, count))
    default: throw unsupported(left, .multiply, right)
    }
  }

  private func repeated(_ values: [Value], _ count: Int) throws -> [Value] {
    let bytes = MemoryLayout<Value>.size
    try meter.spend(bytes: values.count * bytes, times: count)
    return Array(repeatElement(values, count: max(count, 0)).joined())
  }

  // MARK: Numbers

  private func calculate(
    _ left: Int, _ operation: ArithmeticOperation, _ right: Int
  ) throws -> Value {
    switch operation {
    case .add: return try whole(left.addingReportingOverflow(right))
    case .subtract: return try whole(left.subtractingReportingOverflow(right))
    case .multiply: return try whole(left.multipliedReportingOverflow(by: right))
    case .divide:
      guard right != 0 else { throw Fault.value("division by zero") }
      return .float(Double(left) / Double(right))
    case .floorDivide, .modulo:
      guard right != 0 else { throw Fault.value("integer division or modulo by zero") }
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      if overflow { return operation == .modulo ? .int(0) : try whole((quotient, overflow)) }
      let remainder = left % right
      let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
      return operation == .floorDivide
        ? .int(isBelow ? quotient - 1 : quotient) : .int(isBelow ? remainder + right : remainder)
    case .power:
      guard right >= 0 else { return try calculate(Double(left), .power, Double(right)) }
      return .int(try power(left, right))
    }
  }

  private func whole(_ result: (partialValue: Int, overflow: Bool)) throws -> Value {
    guard !result.overflow else { throw Self.tooLarge }
    return .int(result.partialValue)
  }

  private static let tooLarge = Fault(.limit, "the number does not fit into 64 bits")

  private func power(_ base: Int, _ exponent: Int) throws -> Int {
    if base == 0 || base == 1 { return exponent == 0 ? 1 : base }
    if base == -1 { return exponent % 2 == 0 ? 1 : -1 }
    guard exponent < Int.bitWidth else { throw Self.tooLarge }
    var product = 1
    for _ in 0..<exponent {
      let (next, overflow) = product.multipliedReportingOverflow(by: base)
      guard !overflow else { throw Self.tooLarge }
      product = next
    }
    return product
  }

  private func calculate(
    _ left: Double, _ operation: ArithmeticOperation, _ right: Double
  ) throws -> Value {
    switch operation {
    case .add: return .float(left + right)
    case .subtract: return .float(left - right)
    case .multiply: return .float(left * right)
    case .divide:
      guard right != 0 else { throw Fault.value("float division by zero") }
      return .float(left / right)
    case .floorDivide:
      guard right != 0 else { throw Fault.value("float floor division by zero") }
      return .float(((left - Self.modulo(left, right)) / right).rounded())
    case .modulo:
      guard right != 0 else { throw Fault.value("float modulo") }
      return .float(Self.modulo(left, right))
    case .power:
      guard left != 0 || right >= 0 else {
        throw Fault.value("0.0 cannot be raised to a negative power")
      }
      guard left >= 0 || right == right.rounded() else {
        throw Fault(.unsupported, "complex numbers are not supported")
      }
      let power = pow(left, right)
      guard power.isFinite || !left.isFinite || !right.isFinite else {
        throw Fault(.limit, "(34, 'Numerical result out of range')")
      }
      return .float(power)
    }
  }

  private static func modulo(_ left: Double, _ right: Double) -> Double {
    let remainder = fmod(left, right)
    return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder
  }
}

extension Value {
  /// `-value`.
  func negated() throws -> Value {
    if case .undefined(let undefined) = self { throw undefined.fault }
    if case .float(let value) = self { return .float(-value) }
    guard let integer else { throw Fault.type("bad operand type for unary -: '\(typeName)'") }
    guard integer != .min else {
      throw Fault(.limit, "the number does not fit into 64 bits")
    }
    return .int(-integer)
  }

  /// `+value`.
  func unaryPlus() throws -> Value {
    if case .undefined(let undefined) = self { throw undefined.fault }
    if case .float = self { return self }
    guard let integer else { throw Fault.type("bad operand type for unary +: '\(typeName)'") }
    return .int(integer)
  }

  /// A string's text with HTML's special characters escaped, unless it is marked as safe.
  fileprivate var escaped: String {
    if case .markup(let text) = self { return text }
    return htmlEscaped(text ?? "")
  }
}

/// Text with HTML's special characters escaped as MarkupSafe does.
func htmlEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&#34;"
    case "'": escaped += "&#39;"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
