/// Letters of multiple-choice answers.
enum ChoiceLetter {
  /// The letter of a label that stands with its brackets or point: (B), B), [B], B. and B:.
  static func labelled(_ text: String) -> String? {
    var scalars = text.trimmed.unicodeScalars[...]
    let opened = scalars.first == "(" || scalars.first == "["
    if opened { scalars.removeFirst() }
    guard let letter = scalars.popFirst(), ("A"..."Z").contains(letter) else { return nil }
    guard let closing = scalars.popFirst(),
      scalars.allSatisfy({ $0.properties.isWhitespace || $0 == "." })
    else { return nil }
    let isClosed =
      closing == ")" || closing == "]" || (!opened && (closing == "." || closing == ":"))
    return isClosed ? String(letter) : nil
  }

  /// The label with which a plain text begins, and what follows it: B) 12.
  static func prefix(of text: String) -> (letter: String, rest: String)? {
    guard let space = text.firstIndex(of: " "), let letter = labelled(String(text[..<space])) else {
      return nil
    }
    let rest = String(text[text.index(after: space)...]).trimmed
    return rest.isEmpty ? nil : (letter, rest)
  }

  /// The letter, when an expression is nothing but one.
  static func alone(_ expression: Expression) -> String? {
    switch expression {
    case .symbol(let name) where name.utf8.count == 1: name.uppercased()
    case .constant(.e): "E"
    case .constant(.i): "I"
    case .text(let text) where text.utf8.count == 1: text.uppercased()
    case .text(let text): labelled(text)
    default: nil
    }
  }
}
