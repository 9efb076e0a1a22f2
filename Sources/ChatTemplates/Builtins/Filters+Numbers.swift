import Foundation

extension Filters {
  static let numberFilters: [String: Function] = [
    "abs": { value, arguments, _ in
      _ = try arguments.bind("abs", [])
      if case .undefined(let undefined) = value { throw undefined.fault }
      if case .float(let number) = value { return .float(number.magnitude) }
      guard let integer = value.integer else {
        throw Fault.type("bad operand type for abs(): '\(value.typeName)'")
      }
      return integer < 0 ? try Value.int(integer).negated() : .int(integer)
    },
    "int": { value, arguments, renderer in
      let bound = try arguments.bind("int", ["default", "base"])
      let base = try bound[1]?.requiredInteger("base") ?? 10
      if case .undefined(let undefined) = value { throw undefined.fault }
      if let number = try integer(value, base: base, renderer.meter) { return .int(number) }
      return bound[0] ?? .int(0)
    },
    "float": { value, arguments, renderer in
      let standard = try arguments.bind("float", ["default"])[0] ?? .float(0)
      if case .undefined(let undefined) = value { throw undefined.fault }
      if let text = value.text {
        try renderer.meter.spend(bytes: text.utf8.count)
        return float(text).map(Value.float) ?? standard
      }
      return value.number.map(Value.float) ?? standard
    },
    "round": { value, arguments, renderer in
      let bound = try arguments.bind("round", ["precision", "method"])
      let precision = try bound[0]?.requiredInteger("precision") ?? 0
      let method = try bound[1]?.requiredText("method") ?? "common"
      guard ["common", "ceil", "floor"].contains(method) else {
        throw Fault.value("method must be common, ceil or floor")
      }
      if case .undefined(let undefined) = value { throw undefined.fault }
      guard let number = value.number else {
        throw Fault.type("type \(value.typeName) doesn't define __round__ method")
      }
      if method == "common" { return try rounded(value, number, precision) }
      let scale = pow(10, Double(precision))
      let scaled = number * scale
      return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
    },
    "sum": { value, arguments, renderer in
      let bound = try arguments.bind("sum", ["attribute", "start"])
      let getter = AttributeGetter(bound[0])
      var sum = bound[1] ?? .int(0)
      let cursor = try value.requiredCursor(renderer)
      while let item = try cursor.next() {
        sum = try renderer.calculate(sum, .add, getter.value(of: item, renderer))
      }
      return sum
    },
    "filesizeformat": { value, arguments, renderer in
      let isBinary = try arguments.bind("filesizeformat", ["binary"])[0]?.isTrue ?? false
      if case .undefined(let undefined) = value { throw undefined.fault }
      guard let bytes = value.text.flatMap(float) ?? value.number else {
        throw Fault.type(
          "float() argument must be a string or a real number, not '\(value.typeName)'")
      }
      return .string(try fileSize(bytes, isBinary: isBinary))
    },
  ]

  /// Python's `int(...)`, by way of `float` where that fails.
  private static func integer(_ value: Value, base: Int, _ meter: Meter) throws -> Int? {
    guard let text = value.text else {
      if let integer = value.integer { return integer }
      guard let number = value.number, !number.isNaN else { return nil }
      guard number.isFinite else {
        throw Fault.value("cannot convert float infinity to integer")
      }
      return try truncated(number)
    }
    try meter.spend(bytes: text.utf8.count)
    var digits = trimmedDigits(of: text)
    guard base == 0 || (2...36).contains(base) else {
      throw Fault.value("int() base must be >= 2 and <= 36, or 0")
    }
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
    var radix = base
    for (prefix, meant) in [("0x", 16), ("0o", 8), ("0b", 2)] {
      if base == meant || base == 0, digits.lowercased().hasPrefix(prefix) {
        digits.removeFirst(2)
        radix = meant
      }
    }
    if radix == 0 { radix = 10 }
    let isPlain = digits.first != "_" && digits.last != "_" && !digits.contains("__")
    let plain = digits.replacing("_", with: "")
    if isPlain, plain.first.map({ $0 != "-" && $0 != "+" }) ?? false,
      plain.allSatisfy({ $0.isASCII && $0.isLetter || $0.isNumber })
    {
      if let number = Int((isNegative ? "-" : "") + plain, radix: radix) { return number }
      // Digits that are all of the base are too many of them.
      let isNumber = plain.allSatisfy { digit in
        Int(String(digit), radix: radix) != nil
      }
      guard !isNumber else { throw Fault(.limit, "the number does not fit into 64 bits") }
    }
    guard let number = float(text), number.isFinite else { return nil }
    return try truncated(number)
  }

  private static func truncated(_ number: Double) throws -> Int {
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw Fault(.limit, "the number does not fit into 64 bits")
    }
    return whole
  }

  /// A text without white space around it, decimal digits of all scripts as ASCII's.
  private static func trimmedDigits(of text: String) -> String {
    text.stripped().unicodeScalars.map { scalar in
      let value = scalar.properties.numericType == .decimal ? scalar.properties.numericValue : nil
      return value.map { "\(Int($0))" } ?? String(Character(scalar))
    }.joined()
  }

  /// Python's `float` of a text.
  private static func float(_ text: String) -> Double? {
    let digits = trimmedDigits(of: text).replacing("_", with: "").lowercased()
    // Swift also reads hexadecimal numbers, Python does not.
    guard !digits.isEmpty, !digits.contains("x"), !digits.contains("p") else { return nil }
    return Double(digits)
  }

  /// Python's `round`, which rounds the exact value of the number, halves to even.
  private static func rounded(_ value: Value, _ number: Double, _ precision: Int) throws -> Value {
    if let integer = value.integer {
      guard precision < 0 else { return .int(integer) }
      // 10^19 is beyond 64 bits, and half of it beyond every number.
      guard precision > -19 else { return .int(0) }
      let unit = (0..<(-precision)).reduce(1) { unit, _ in unit * 10 }
      let remainder = ((integer % unit) + unit) % unit
      let base = integer - remainder
      let isUp =
        remainder * 2 > unit || remainder * 2 == unit && (base / unit) % 2 != 0
      let (result, overflow) = base.addingReportingOverflow(isUp ? unit : 0)
      guard !overflow else { throw Fault(.limit, "the number does not fit into 64 bits") }
      return .int(result)
    }
    // No number has more digits than these after the point, or before it.
    guard number.isFinite, precision < 324 else { return .float(number) }
    guard precision > -309 else { return .float(0) }
    if precision >= 0 {
      return .float(Double(String(format: "%.\(precision)f", number)) ?? number)
    }
    let unit = pow(10, Double(-precision))
    return .float((number / unit).rounded(.toNearestOrEven) * unit)
  }

  private static func fileSize(_ bytes: Double, isBinary: Bool) throws -> String {
    let base: Double = isBinary ? 1024 : 1000
    if bytes == 1 { return "1 Byte" }
    guard bytes >= base else {
      guard bytes.isFinite else { throw Fault.value("cannot convert float to integer") }
      return "\(try truncated(bytes)) Bytes"
    }
    let names = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    var unit = base
    for (place, name) in names.enumerated() {
      unit *= base
      guard bytes < unit || place == names.count - 1 else { continue }
      let letter = isBinary ? name.uppercased() + "iB" : name + "B"
      return String(format: "%.1f", base * bytes / unit) + " " + letter
    }
    return ""
  }
}
