/// A number found in text.
struct NumberToken: Sendable, Equatable {
  /// Where it stands, in bytes, with its sign but without a currency mark.
  var range: Range<Int>
  /// The number without thousands separators and currency: `-1234.50`, `3/4`.
  var text: String
  /// What it is worth. A percent sign or a unit does not change that.
  var value: ExactNumber
}

/// Finds numbers in UTF-8 text in one pass.
///
/// A number is digits, also in groups of three (`1,000`, LaTeX's `1{,}000` and `1\,000`), with an
/// optional fraction part, exponent, and sign; or two such numbers with `/` between them or in LaTeX's
/// `\frac{}{}`. A decimal comma is not understood.
struct NumberScanner {
  let bytes: [UInt8]

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// The first number that begins in `range`.
  func firstNumber(in range: Range<Int>) -> NumberToken? {
    var index = range.lowerBound
    while index < range.upperBound {
      guard startsDigits(at: index, before: range.upperBound) else {
        index += 1
        continue
      }
      let (token, end) = number(at: index, before: range.upperBound)
      if isPlain(at: index) { return token }
      index = end
    }
    return nil
  }

  /// The last number that begins in `range`.
  func lastNumber(in range: Range<Int>) -> NumberToken? {
    var last: NumberToken?
    var index = range.lowerBound
    while let token = firstNumber(in: index..<range.upperBound) {
      last = token
      index = token.range.upperBound
    }
    return last
  }

  /// Whether a number's digits begin at `index`: a digit, or a point before one.
  func startsDigits(at index: Int, before end: Int) -> Bool {
    guard index < end else { return false }
    if isDigit(index) { return true }
    return bytes[index] == UInt8(ascii: ".") && index + 1 < end && isDigit(index + 1)
      && !(index > 0 && isDigit(index - 1))
  }

  /// Digits in a name (`x2`) or an exponent (`cm^2`) are no number of their own.
  private func isPlain(at index: Int) -> Bool {
    guard index > 0 else { return true }
    switch bytes[index - 1] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), UInt8(ascii: "^"):
      return false
    case UInt8(ascii: "{"):
      return !(index > 1 && bytes[index - 2] == UInt8(ascii: "^"))
    default: return true
    }
  }

  /// The number whose digits begin at `start`, and the index after it.
  func number(at start: Int, before end: Int) -> (token: NumberToken, end: Int) {
    let integer = decimal(at: start, before: end, grouped: true)
    var (text, value, next) = (integer.text, ExactNumber(numerator: integer.value), integer.end)
    var signEnd = start
    if let bar = barOfFraction(at: start, numeratorEnd: next, before: end) {
      let below = decimal(at: bar.denominator, before: end, grouped: false)
      let isClosed = !bar.isLaTeX || has("}", at: below.end)
      let isDate = has("/", at: below.end) || has("/", before: start)
      if isClosed, !isDate, !below.value.digits.isEmpty {
        value.denominator = below.value
        text += "/" + below.text
        next = below.end + (bar.isLaTeX ? 1 : 0)
        signEnd = bar.start
      }
    }
    var first = start
    if let sign = sign(before: signEnd) {
      first = sign.start
      if sign.isNegative {
        value.numerator = ExactNumber.Decimal(
          isNegative: true, digits: value.numerator.digits, exponent: value.numerator.exponent)
        text = "-" + text
      }
    }
    return (NumberToken(range: first..<next, text: text, value: value), next)
  }

  private func decimal(at start: Int, before end: Int, grouped: Bool) -> (
    text: String, value: ExactNumber.Decimal, end: Int
  ) {
    var index = start
    var digits: [UInt8] = []
    func takeDigits() {
      while index < end, isDigit(index) {
        digits.append(bytes[index] - UInt8(ascii: "0"))
        index += 1
      }
    }
    takeDigits()
    if grouped, (1...3).contains(digits.count) {
      while let group = groupStart(at: index, before: end) {
        index = group
        takeDigits()
      }
    }
    let whole = digits.count
    if index + 1 < end, bytes[index] == UInt8(ascii: "."), isDigit(index + 1) {
      index += 1
      takeDigits()
    }
    var characters = digits.map { $0 + UInt8(ascii: "0") }
    if whole < digits.count { characters.insert(UInt8(ascii: "."), at: whole) }
    var text = (whole == 0 ? "0" : "") + String(decoding: characters, as: UTF8.self)
    var power = whole - digits.count
    if let exponent = exponent(at: index, before: end) {
      power += exponent.value
      text += "e\(exponent.value)"
      index = exponent.end
    }
    let value = ExactNumber.Decimal(isNegative: false, digits: digits, exponent: power)
    return (text, value, index)
  }

  private static let groupSeparators = ["{,}", "\\,", ",\\!", ","]

  /// Where the three digits after a thousands separator at `index` begin.
  private func groupStart(at index: Int, before end: Int) -> Int? {
    for separator in Self.groupSeparators where has(separator, at: index) {
      let start = index + separator.utf8.count
      let isGroup = start + 3 <= end && isDigit(start) && isDigit(start + 1) && isDigit(start + 2)
      return isGroup && !(start + 3 < end && isDigit(start + 3)) ? start : nil
    }
    return nil
  }

  /// An exponent of at most three digits (`e-3`) that is not the beginning of a word.
  private func exponent(at index: Int, before end: Int) -> (value: Int, end: Int)? {
    guard index < end, bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
    var next = index + 1
    if next < end, bytes[next] == UInt8(ascii: "-") || bytes[next] == UInt8(ascii: "+") {
      next += 1
    }
    let digits = next
    while next < end, next < digits + 4, isDigit(next) { next += 1 }
    guard (1...3).contains(next - digits), !(next < end && isLetter(next)),
      let value = Int(String(decoding: bytes[(index + 1)..<next], as: UTF8.self))
    else { return nil }
    return (value, next)
  }

  /// Where the denominator of a fraction begins whose numerator is the decimal in
  /// `start..<numeratorEnd`.
  private func barOfFraction(at start: Int, numeratorEnd: Int, before end: Int) -> (
    start: Int, denominator: Int, isLaTeX: Bool
  )? {
    if has("/", at: numeratorEnd), startsDigits(at: numeratorEnd + 1, before: end) {
      return (start, numeratorEnd + 1, false)
    }
    guard has("frac{", before: start), has("}{", at: numeratorEnd),
      startsDigits(at: numeratorEnd + 2, before: end)
    else { return nil }
    // \frac, \dfrac, \tfrac
    let word = start - 5
    let backslash = has("\\", before: word) ? word - 1 : word - 2
    return (max(backslash, 0), numeratorEnd + 2, true)
  }

  private static let currencies = ["\\$", "$", "€", "£", "¥", "₹"]

  /// The sign in front of digits at `index`, a currency mark perhaps between or before. A dash after a
  /// letter, digit or closing bracket is a minus between two operands, not a sign.
  private func sign(before index: Int) -> (start: Int, isNegative: Bool)? {
    var position = index
    if let mark = Self.currencies.first(where: { has($0, before: position) }) {
      position -= mark.utf8.count
    }
    let isPlus = has("+", before: position)
    let length = isPlus || has("-", before: position) ? 1 : has("−", before: position) ? 3 : 0
    guard length > 0 else { return nil }
    position -= length
    if position > 0 {
      let previous = position - 1
      if isDigit(previous) || isLetter(previous) || has(")", before: position)
        || has("%", before: position)
      {
        return nil
      }
    }
    return (position, !isPlus)
  }

  func isDigit(_ index: Int) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
  }

  func isLetter(_ index: Int) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[index] | 0x20)
  }

  func has(_ text: String, at index: Int) -> Bool {
    guard index >= 0, index + text.utf8.count <= bytes.count else { return false }
    var position = index
    for byte in text.utf8 {
      guard bytes[position] == byte else { return false }
      position += 1
    }
    return true
  }

  func has(_ text: String, before index: Int) -> Bool { has(text, at: index - text.utf8.count) }
}
