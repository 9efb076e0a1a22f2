/// Reads a stretch of mathematics in every way it may be meant.
enum ExpressionReader {
  /// The readings, the likeliest first; nil when there is none.
  static func readings(_ source: String, isPlain: Bool, isBare: Bool = false) -> [Reading]? {
    let shown = source.trimmed
    var readings: [Reading] = []
    func add(_ expression: Expression?) {
      guard let expression, !readings.contains(where: { $0.expression == expression }) else {
        return
      }
      readings.append(Reading(expression: expression, source: shown, isBare: isBare))
    }
    if isPlain, let (letter, rest) = ChoiceLetter.prefix(of: shown),
      let value = try? LaTeXParser.expression(of: rest, isPlain: true)
    {
      add(.labelled(letter, value))
    }
    let number = shown.hasPrefix("-") ? shown.dropFirst() : shown[...]
    if let decimal = decimalComma(number, isPlain: isPlain) {
      let value = Expression.decimal(decimal)
      add(shown.hasPrefix("-") ? .negated(value) : value)
    }
    if let expression = try? LaTeXParser.expression(of: source, isPlain: isPlain) {
      add(expression)
    } else if !isBare, let last = lastSide(of: source) {
      add(try? LaTeXParser.expression(of: last, isPlain: isPlain))
    }
    return readings.isEmpty ? nil : readings
  }

  /// A decimal written with a comma: 0,5. In LaTeX other commas separate.
  private static func decimalComma(_ number: Substring, isPlain: Bool) -> Rational? {
    let parts = number.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    let isGrouped = parts[1].utf8.count == 3 && parts[0].utf8.count <= 3 && parts[0].first != "0"
    guard parts[0] == "0" || parts[0].first == "0" || (isPlain && !isGrouped) else { return nil }
    return try? Rational(decimal: parts[0] + "." + parts[1])
  }

  /// What follows the last equals sign of a chain of equations, of which an earlier part may be
  /// anything.
  private static func lastSide(of source: String) -> String? {
    guard let position = source.lastIndex(of: "=") else { return nil }
    let last = String(source[source.index(after: position)...]).trimmed
    return last.isEmpty || last.contains(",") ? nil : last
  }
}
