import Foundation

/// A format specification of Python: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct NumberFormat {
  var fill: Unicode.Scalar = " "
  var align: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?

  /// Wider fields and more digits than this are refused.
  private static let widest = 1000

  init() {}

  /// Reads a specification as in `format(value, specification)`.
  init(parsing specification: String) throws {
    var rest = specification.unicodeScalars[...]
    func take(_ accepted: String) -> Unicode.Scalar? {
      guard let next = rest.first, accepted.unicodeScalars.contains(next) else { return nil }
      return rest.removeFirst()
    }
    if let second = rest.dropFirst().first, "<>=^".unicodeScalars.contains(second) {
      fill = rest.removeFirst()
    }
    align = take("<>=^")
    sign = take("+- ") ?? "-"
    isAlternate = take("#") != nil
    if rest.first == "0", align == nil {
      fill = "0"
      align = "="
    }
    width = try Self.number(&rest) ?? 0
    grouping = take(",_")
    if take(".") != nil {
      guard let digits = try Self.number(&rest) else {
        throw Fault.value("Format specifier missing precision")
      }
      precision = digits
    }
    type = rest.popFirst()
    guard rest.isEmpty else { throw Fault.value("Invalid format specifier '\(specification)'") }
  }

  /// Digits at the start, nil if there are none.
  static func number(_ rest: inout Substring.UnicodeScalarView) throws -> Int? {
    var value: Int?
    while let digit = rest.first, ("0"..."9").contains(digit) {
      value = (value ?? 0) * 10 + Int(digit.value - 0x30)
      guard value! <= widest else {
        throw Fault(.limit, "a format wider than \(widest) is not supported")
      }
      rest.removeFirst()
    }
    return value
  }

  // MARK: Values

  /// `format(value, specification)`.
  func format(_ value: Value, _ meter: Meter) throws -> String {
    switch value {
    case .bool where type == nil && width == 0: return try value.printed(meter)
    case .int(let number): return try format(number)
    case .bool(let truth): return try format(truth ? 1 : 0)
    case .float(let number): return try format(number)
    case .string(let text), .markup(let text):
      guard type == nil || type == "s" else {
        throw Fault.value("Unknown format code '\(type!)' for object of type 'str'")
      }
      return format(text: text)
    default:
      let text = try value.printed(meter)
      guard width == 0, precision == nil, type == nil else {
        throw Fault.type("unsupported format string passed to \(value.typeName).__format__")
      }
      return text
    }
  }

  /// A text, cut to the precision and filled up to the width.
  func format(text: String) -> String {
    var shown = text
    if let precision { shown = String(text.unicodeScalars.prefix(precision)) }
    return padded("", shown, standard: "<")
  }

  func format(_ number: Int) throws -> String {
    switch type {
    case nil, "d", "n": return signed(number < 0, "", "\(number.magnitude)", groups: 3)
    case "x": return signed(number < 0, "0x", String(number.magnitude, radix: 16), groups: 4)
    case "X":
      let digits = String(number.magnitude, radix: 16, uppercase: true)
      return signed(number < 0, "0X", digits, groups: 4)
    case "o": return signed(number < 0, "0o", String(number.magnitude, radix: 8), groups: 4)
    case "b": return signed(number < 0, "0b", String(number.magnitude, radix: 2), groups: 4)
    case "c":
      guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
        throw Fault.value("%c arg not in range(0x110000)")
      }
      return padded("", String(Character(scalar)), standard: "<")
    case "e", "E", "f", "F", "g", "G", "%": return try format(Double(number))
    case let type?: throw Fault.value("Unknown format code '\(type)' for object of type 'int'")
    }
  }

  func format(_ number: Double) throws -> String {
    let isNegative = number.sign == .minus && !number.isNaN
    guard number.isFinite else {
      let isUpper = type.map { "EFG".unicodeScalars.contains($0) } ?? false
      let text = number.isNaN ? "nan" : "inf"
      return signed(isNegative, "", isUpper ? text.uppercased() : text, groups: 0)
    }
    let digits: String
    switch type {
    case nil where precision == nil: digits = number.magnitude.pythonDescription
    case nil:
      let general = cFormat("g", number.magnitude, max(precision ?? 6, 1))
      digits = general.contains(".") || general.contains("e") ? general : general + ".0"
    case "f", "F": digits = cFormat("f", number.magnitude, precision ?? 6)
    case "e": digits = cFormat("e", number.magnitude, precision ?? 6)
    case "E": digits = cFormat("E", number.magnitude, precision ?? 6)
    case "g", "n": digits = cFormat("g", number.magnitude, max(precision ?? 6, 1))
    case "G": digits = cFormat("G", number.magnitude, max(precision ?? 6, 1))
    case "%": digits = cFormat("f", number.magnitude * 100, precision ?? 6) + "%"
    case let type?: throw Fault.value("Unknown format code '\(type)' for object of type 'float'")
    }
    return signed(isNegative, "", digits, groups: 3)
  }

  private func cFormat(_ letter: String, _ number: Double, _ precision: Int) -> String {
    String(format: "%\(isAlternate ? "#" : "").\(precision)\(letter)", number)
  }

  private func signed(
    _ isNegative: Bool, _ prefix: String, _ digits: String, groups: Int
  ) -> String {
    var shown = digits
    if let grouping, groups > 0 { shown = grouped(digits, by: groups, with: grouping) }
    let mark = isNegative ? "-" : sign == "-" ? "" : String(Character(sign))
    return padded(mark + (isAlternate ? prefix : ""), shown, standard: ">")
  }

  private func grouped(_ digits: String, by size: Int, with mark: Unicode.Scalar) -> String {
    let whole = digits.prefix { $0.isHexDigit && $0 != "e" || $0.isNumber }
    var result = ""
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place) % size == 0 { result.unicodeScalars.append(mark) }
      result.append(digit)
    }
    return result + digits[whole.endIndex...]
  }

  private func padded(_ mark: String, _ text: String, standard: Unicode.Scalar) -> String {
    let space = width - mark.unicodeScalars.count - text.unicodeScalars.count
    guard space > 0 else { return mark + text }
    func blanks(_ count: Int) -> String {
      String(repeating: Character(fill), count: count)
    }
    switch align ?? standard {
    case "<": return mark + text + blanks(space)
    case "^": return blanks(space / 2) + mark + text + blanks(space - space / 2)
    case "=": return mark + blanks(space) + text
    default: return blanks(space) + mark + text
    }
  }
}
