/// Reads names, numbers, strings and operators inside a tag.
struct WordLexer {
  let source: Source
  var position: Int

  private var next8: UInt8? { byte(at: position) }

  private func byte(at offset: Int) -> UInt8? {
    offset < source.bytes.count ? source.bytes[offset] : nil
  }

  init(source: Source, position: Int) {
    self.source = source
    self.position = position
  }

  /// The token at the position, which is on no white space and not at the end.
  mutating func next() throws -> Token.Kind {
    let start = position
    if let byte = next8, isDigit(byte) { return try number() }
    if let name = name() { return .name(name) }
    if next8 == UInt8(ascii: "'") || next8 == UInt8(ascii: "\"") { return .string(try string()) }
    for length in [2, 1] where start + length <= source.bytes.count {
      if let symbol = Operator(rawValue: source.text(start..<start + length)) {
        position += length
        return .symbol(symbol)
      }
    }
    let shown = source.scalar(at: start).map { String(Character($0.scalar)) } ?? ""
    throw SyntaxFault(message: "unexpected char '\(shown)'", offset: start)
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private mutating func name() -> String? {
    let start = position
    while let (scalar, length) = source.scalar(at: position) {
      let properties = scalar.properties
      let fits =
        scalar.isASCII
        ? scalar == "_" || properties.isAlphabetic || scalar.properties.numericType != nil
        : position == start ? properties.isXIDStart : properties.isXIDContinue
      guard fits else { break }
      position += length
    }
    return position > start ? source.text(start..<position) : nil
  }

  // MARK: Numbers

  private mutating func number() throws -> Token.Kind {
    let start = position
    // `a.1.2` has two whole numbers, not one with a fraction.
    let isAfterDot = start > 0 && source.bytes[start - 1] == UInt8(ascii: ".")
    if !isAfterDot, let end = floatEnd(start) {
      position = end
      guard let value = Double(digits(start..<end)) else {
        throw SyntaxFault(message: "malformed number", offset: start)
      }
      return .float(value)
    }
    return try integer()
  }

  private func digits(_ range: Range<Int>) -> String {
    source.text(range).replacing("_", with: "")
  }

  /// The end of digits that single underscores may part.
  private func digitsEnd(_ start: Int, _ fits: (UInt8) -> Bool) -> Int? {
    var index = start
    while let byte = byte(at: index) {
      if fits(byte) {
        index += 1
      } else if byte == UInt8(ascii: "_"), index > start, self.byte(at: index + 1).map(fits) == true
      {
        index += 1
      } else {
        break
      }
    }
    return index > start ? index : nil
  }

  private func floatEnd(_ start: Int) -> Int? {
    guard var end = digitsEnd(start, isDigit) else { return nil }
    var isFloat = false
    if byte(at: end) == UInt8(ascii: "."), let fraction = digitsEnd(end + 1, isDigit) {
      end = fraction
      isFloat = true
    }
    if let letter = byte(at: end), letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") {
      var digits = end + 1
      if byte(at: digits) == UInt8(ascii: "+") || byte(at: digits) == UInt8(ascii: "-") {
        digits += 1
      }
      if let exponent = digitsEnd(digits, isDigit) {
        end = exponent
        isFloat = true
      }
    }
    return isFloat ? end : nil
  }

  private mutating func integer() throws -> Token.Kind {
    let start = position
    if source.bytes[start] == UInt8(ascii: "0"), let letter = byte(at: start + 1) {
      let radix: Int? =
        switch letter | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
      if let radix {
        let end = digitsEnd(start + 2) { byte in
          Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
        }
        if let end { return try integer(start + 2..<end, from: start, radix: radix) }
      }
    }
    // A number that starts with 0 is 0 alone.
    let isZero = source.bytes[start] == UInt8(ascii: "0")
    let end = digitsEnd(start) { isZero ? $0 == UInt8(ascii: "0") : isDigit($0) } ?? start + 1
    return try integer(start..<end, from: start, radix: 10)
  }

  private mutating func integer(
    _ range: Range<Int>, from start: Int, radix: Int
  ) throws -> Token.Kind {
    position = range.upperBound
    guard let value = Int(digits(range), radix: radix) else {
      throw SyntaxFault(
        message: "the number does not fit into 64 bits", offset: start, kind: .limit)
    }
    return .integer(value)
  }

  // MARK: Strings

  private mutating func string() throws -> String {
    let start = position
    let quote = source.bytes[start]
    var index = start + 1
    while let byte = byte(at: index), byte != quote {
      index += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < source.bytes.count else {
      throw SyntaxFault(
        message: "unexpected char '\(Character(Unicode.Scalar(quote)))': the string does not end",
        offset: start)
    }
    position = index + 1
    return try StringEscapes.decode(source.text(start + 1..<index), offset: start)
  }
}
