/// The escapes of Python's string literals, which Jinja2's strings share.
enum StringEscapes {
  /// The text that a literal's inside stands for.
  static func decode(_ literal: String, offset: Int) throws -> String {
    guard literal.utf8.contains(UInt8(ascii: "\\")) else { return literal }
    var text = String.UnicodeScalarView()
    var rest = Substring.UnicodeScalarView(Substring(literal).unicodeScalars)
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let escape = rest.popFirst() else {
        text.append(scalar)
        continue
      }
      if let meaning = simple[escape] {
        text.append(meaning)
        continue
      }
      switch escape {
      case "\n": break
      case "0"..."7":
        var value = escape.value - 0x30
        for _ in 0..<2 {
          guard let digit = rest.first, ("0"..."7").contains(digit) else { break }
          value = value * 8 + digit.value - 0x30
          rest.removeFirst()
        }
        text.append(try scalarOf(value, offset))
      case "x": text.append(try hexadecimal(&rest, digits: 2, "\\xXX", offset))
      case "u": text.append(try hexadecimal(&rest, digits: 4, "\\uXXXX", offset))
      case "U": text.append(try hexadecimal(&rest, digits: 8, "\\UXXXXXXXX", offset))
      case "N":
        throw SyntaxFault(
          message: "characters by name (\\N{...}) are not supported", offset: offset,
          kind: .unsupported)
      default:
        text.append("\\")
        // Jinja2 escapes what is not ASCII before it reads escapes, so the backslash of that escape
        // meets this one.
        if escape.isASCII { text.append(escape) } else { text.append(contentsOf: spelled(escape)) }
      }
    }
    return String(text)
  }

  private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
    "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n",
    "r": "\r", "t": "\t", "v": "\u{B}",
  ]

  private static func spelled(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    let (letter, width) =
      scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
    return (letter + hexadecimalDigits(scalar.value, width: width)).unicodeScalars
  }

  private static func hexadecimal(
    _ rest: inout Substring.UnicodeScalarView, digits: Int, _ form: String, _ offset: Int
  ) throws -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = rest.first, digit.isASCII, let number = Character(digit).hexDigitValue
      else { throw SyntaxFault(message: "truncated \(form) escape", offset: offset) }
      value = value << 4 | UInt32(number)
      rest.removeFirst()
    }
    return try scalarOf(value, offset)
  }

  private static func scalarOf(_ value: UInt32, _ offset: Int) throws -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(value) else {
      throw SyntaxFault(
        message: "the escape of U+\(String(value, radix: 16, uppercase: true)) is no character",
        offset: offset)
    }
    return scalar
  }
}

/// A number in hexadecimal digits, filled up with zeros.
func hexadecimalDigits(_ value: UInt32, width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
