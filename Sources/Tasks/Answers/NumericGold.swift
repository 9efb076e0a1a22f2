/// Reads gold answers as numbers.
enum NumericGold {
  /// The number of a text that is nothing else: a sign, a currency mark, mathematics marks, a percent
  /// sign and a full stop may stand with it.
  static func strict(_ text: String) -> NumberToken? {
    guard let (token, rest) = leading(text) else { return nil }
    return rest.allSatisfy { " \t\r\n$%.\\)]}".utf8.contains($0) } ? token : nil
  }

  /// The number at the beginning of a text that holds no other: `18 dollars`.
  static func withUnit(_ text: String) -> NumberToken? {
    guard let (token, rest) = leading(text) else { return nil }
    return rest.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? nil : token
  }

  private static func leading(_ text: String) -> (NumberToken, ArraySlice<UInt8>)? {
    let scanner = NumberScanner(text)
    guard let token = scanner.firstNumber(in: scanner.bytes.indices) else { return nil }
    let before = scanner.bytes[..<token.range.lowerBound]
    let marks = Array(" \t\r\n\\([$€£¥₹+".utf8)
    guard before.allSatisfy(marks.contains) else { return nil }
    return (token, scanner.bytes[token.range.upperBound...])
  }
}

extension Verdict {
  /// Compares the number that `completion` states with the gold answer, exactly.
  static func comparing(_ token: NumberToken?, with gold: NumberToken) -> Verdict {
    guard let token else {
      return Verdict(
        correct: false, extracted: nil, gold: gold.text, reason: "the completion states no number")
    }
    let correct = token.value == gold.value
    return Verdict(
      correct: correct, extracted: token.text, gold: gold.text,
      reason: "\(token.text) \(correct ? "equals" : "is not") \(gold.text)")
  }

  /// No completion is right when the gold answer is none.
  static func unparseable(gold: String, expected: String) -> Verdict {
    Verdict(
      correct: false, extracted: nil, gold: gold,
      reason: "the gold answer \"\(gold.prefix(60))\" is not \(expected)")
  }
}
