/// Finds the label of the choice that a text states. One pass for each kind of place.
struct StatedChoice {
  private let bytes: [UInt8]
  private let labels: [String]
  private let texts: [String]

  /// Mentions of "answer" that are looked at, from the last.
  private static let mostMentions = 20

  init(_ text: String, labels: [String], texts: [String]) {
    bytes = Array(text.utf8)
    self.labels = labels
    self.texts = texts.map(Self.normalized)
  }

  /// The label: from the last box, otherwise what "answer is" or "answer:" is followed by, otherwise the
  /// last "option C" or "(C)", otherwise the text as a whole, otherwise the last label that stands alone.
  func label() -> String? {
    if let content = Boxes(bytes).last().contents.last, let label = label(statedIn: content) {
      return label
    }
    for mention in StatementFinder.mentions(in: bytes).reversed().prefix(Self.mostMentions) {
      if let clause = StatementFinder.clause(after: mention.end, in: bytes),
        let label = label(beginning: clause) ?? named(string(clause))
      {
        return label
      }
    }
    let whole = 0..<bytes.count
    return label(statedIn: whole) ?? lastMarked() ?? label(beginning: whole, isWhole: true)
      ?? lastAlone()
  }

  private func string(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  // MARK: Words

  private static func normalized(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && !"+-.%/".contains($0) }
      .joined(separator: " ").trimmingMarks
  }

  /// The label of the choice that a text is, word by word.
  private func named(_ text: String) -> String? {
    let wanted = Self.normalized(text)
    guard !wanted.isEmpty, let index = texts.firstIndex(of: wanted) else { return nil }
    return labels[index]
  }

  /// The label of a text that is a label or a choice and nothing else: C, (C), \text{(C)}, C. copper.
  private func label(statedIn range: Range<Int>) -> String? {
    var text = string(range).trimmingMarks
    for command in ["\\text", "\\textbf", "\\mathrm", "\\mathbf", "\\textrm", "\\mathit"] {
      if text.hasPrefix(command + "{") { text = String(text.dropFirst(command.utf8.count)) }
    }
    let stripped = text.filter { !"{}()[]*$ \\".contains($0) }.trimmingMarks
    if let label = labels.first(where: { $0 == stripped || $0.lowercased() == stripped }) {
      return label
    }
    return named(text) ?? labelBeforeChoice(text)
  }

  /// "C. copper", when the choice under C is copper.
  private func labelBeforeChoice(_ text: String) -> String? {
    for (index, label) in labels.enumerated() where index < texts.count {
      for closing in [". ", ") ", ": ", " "] {
        for opening in ["", "("] where text.hasPrefix(opening + label + closing) {
          let rest = text.dropFirst((opening + label + closing).count)
          if Self.normalized(String(rest)) == texts[index] { return label }
        }
      }
    }
    return nil
  }

  // MARK: Places

  /// The label with which a stretch begins, after emphasis, brackets and the word "option".
  private func label(beginning range: Range<Int>, isWhole: Bool = false) -> String? {
    var index = range.lowerBound
    func skipMarks() {
      while index < range.upperBound, " \t\r\n*_`\"'($[{:\\".utf8.contains(bytes[index]) {
        index += 1
      }
    }
    skipMarks()
    for word in ["option", "choice", "letter", "text", "textbf", "boxed", "mathrm"]
    where has(word, at: index) {
      index += word.utf8.count
      skipMarks()
    }
    guard let (label, end) = labelAlone(at: index, before: range.upperBound) else { return nil }
    // "A river runs ..." begins with an article; a whole text that begins with a label closes it.
    let next = end < range.upperBound ? bytes[end] : 0
    let isClosed = ")].:,}*_\\\"'".utf8.contains(next)
    let isAtEnd = end >= range.upperBound || string(end..<range.upperBound).trimmingMarks.isEmpty
    if isClosed || isAtEnd { return label }
    guard !isWhole else { return nil }
    return label == "A" || label == "I" ? nil : label
  }

  /// The last "option C", "choice C" or "(C)".
  private func lastMarked() -> String? {
    var index = bytes.count - 1
    while index >= 0 {
      if bytes[index] == UInt8(ascii: "("),
        let (label, end) = labelAlone(at: index + 1, before: bytes.count), end < bytes.count,
        bytes[end] == UInt8(ascii: ")")
      {
        return label
      }
      for word in ["option", "choice"] where has(word, at: index) {
        var start = index + word.utf8.count
        while start < bytes.count, " *_(".utf8.contains(bytes[start]) { start += 1 }
        if let (label, _) = labelAlone(at: start, before: bytes.count) { return label }
      }
      index -= 1
    }
    return nil
  }

  /// The last capital letter or digit of the labels that stands alone and begins no phrase.
  private func lastAlone() -> String? {
    var index = bytes.count - 1
    while index >= 0 {
      defer { index -= 1 }
      guard let (label, end) = labelAlone(at: index, before: bytes.count) else { continue }
      let isArticle =
        (label == "A" || label == "I") && end + 1 < bytes.count && bytes[end] == 0x20
        && Self.isWord(bytes[end + 1])
      if !isArticle { return label }
    }
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte >= 0x80
  }

  /// The label at `index` that is no part of a word, and where it ends.
  private func labelAlone(at index: Int, before end: Int) -> (label: String, end: Int)? {
    if index > 0, index <= bytes.count, Self.isWord(bytes[index - 1]) { return nil }
    for label in labels {
      let width = label.utf8.count
      guard index + width <= end, bytes[index..<(index + width)].elementsEqual(label.utf8) else {
        continue
      }
      let next = index + width < bytes.count ? bytes[index + width] : 0
      // An apostrophe after it makes it a contraction: I'm.
      if !Self.isWord(next), !(next == UInt8(ascii: "'")) { return (label, index + width) }
    }
    return nil
  }

  private func has(_ word: String, at start: Int) -> Bool {
    let wanted = Array(word.utf8)
    guard start >= 0, start + wanted.count <= bytes.count else { return false }
    return wanted.indices.allSatisfy { bytes[start + $0] | 0x20 == wanted[$0] }
  }
}
