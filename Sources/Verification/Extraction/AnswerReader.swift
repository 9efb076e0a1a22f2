import Foundation

/// Finds the answer that a text states and reads it.
///
/// Where answers are looked for, and in which order, is Math-Verify's: after "final answer is" and in
/// the last box, whichever ends later; after "answer:"; after "answer"; then the last mathematics or
/// number. A candidate that cannot be read gives way to the one before it.
struct AnswerReader {
  let text: String
  let bytes: [UInt8]
  let options: VerifierOptions

  /// A text that is an answer alone is no longer.
  private static let longestBare = 400
  /// Words that are an answer are no longer.
  private static let longestWords = 80

  init(_ text: String, options: VerifierOptions) {
    self.text = text
    bytes = Array(text.utf8)
    self.options = options
  }

  // MARK: Answers

  /// What the text states as its answer, in every way to read it; empty when it states none.
  func answers() -> [Reading] {
    // What a model thinks to itself counts only where nothing is stated after it.
    if let conclusion = Self.conclusion(of: text) {
      let readings = AnswerReader(conclusion, options: options).answers()
      if readings.contains(where: { !$0.expression.isText }) { return readings }
      if !readings.isEmpty { return readings + stated() }
    }
    // "The answer is Tuesday." is not itself the answer.
    if let bare = bareReadings(), !bare.isEmpty,
      !mentionsAnswer || !bare.allSatisfy(\.expression.isText)
    {
      return bare
    }
    return stated() + words()
  }

  private static let endOfThought = "</think>"

  /// The text after the last end of a thought; nil where there is none or nothing follows.
  static func conclusion(of text: String) -> String? {
    guard let mark = text.range(of: endOfThought, options: .backwards) else { return nil }
    let rest = String(text[mark.upperBound...])
    return rest.trimmed.isEmpty ? nil : rest
  }

  /// The readings of a gold answer. Unlike an answer, it is never looked for in what cannot be read.
  func golds() -> [Reading] {
    if !hasMarks, !mentionsAnswer {
      if let bare = bareReadings(), !bare.isEmpty { return bare }
      return goldWords()
    }
    if let bare = bareReadings(), !bare.isEmpty { return bare }
    let readings = stated()
    return readings.isEmpty && !hasMarks ? goldWords() : readings
  }

  /// Words that are the gold answer, where nothing of LaTeX is in them.
  private func goldWords() -> [Reading] {
    let words = text.trimmed
    let hasWord = words.split { !$0.isLetter }.contains { $0.count >= 3 }
    guard hasWord, !bytes.contains(UInt8(ascii: "\\")) else { return [] }
    return [Reading(expression: .text(words), source: words)]
  }

  private var hasMarks: Bool {
    bytes.contains(UInt8(ascii: "$")) || has("\\(") || has("\\[") || has("\\boxed") || has("\\fbox")
      || has("####")
  }

  private var mentionsAnswer: Bool { !answerMentions().isEmpty }

  private func has(_ mark: String) -> Bool {
    let wanted = Array(mark.utf8)
    guard bytes.count >= wanted.count else { return false }
    for start in 0...(bytes.count - wanted.count) where bytes[start] == wanted[0] {
      if wanted.indices.allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
    }
    return false
  }

  /// The readings of a text that is nothing but an answer, without marks; nil when it is not.
  private func bareReadings() -> [Reading]? {
    guard options.notation.contains(.plain), bytes.count <= Self.longestBare else { return nil }
    let trimmed = text.trimmed
    guard !trimmed.isEmpty, !trimmed.unicodeScalars.contains("\n"), !hasBox else { return nil }
    // Marks around all of it say nothing; others make it a text with mathematics in it.
    guard !has("\\(") && !has("\\["), !hasDollarPair else { return nil }
    let isLaTeX = bytes.contains(UInt8(ascii: "\\"))
    if isLaTeX, !options.notation.contains(.latex) { return nil }
    if isLaTeX, isProse(trimmed) { return nil }
    return ExpressionReader.readings(trimmed, isPlain: !isLaTeX, isBare: true)
  }

  /// Whether LaTeX stands among words.
  private func isProse(_ text: String) -> Bool {
    let tokens = (try? LaTeXLexer.tokens(of: text, isPlain: true)) ?? []
    let words = tokens.filter { token in
      if case .word(let word) = token.kind { return !LaTeXNames.units.contains(word) }
      return false
    }
    return words.count >= 2
  }

  private var hasBox: Bool { has("\\boxed") || has("\\fbox") }

  /// More than the sign of a price.
  private var hasDollarPair: Bool {
    var count = 0
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "$") {
      if index == 0 || bytes[index - 1] != UInt8(ascii: "\\") { count += 1 }
    }
    return count >= 2
  }

  // MARK: Candidates

  private func stated() -> [Reading] {
    let candidates = StatementFinder(bytes: bytes, options: options)
    if let readings = candidates.first(readable: { read($0) }) { return readings }
    return []
  }

  private func read(_ candidate: StatementFinder.Candidate) -> [Reading]? {
    switch candidate.content {
    case .latex(let parts): return latex(parts)
    case .plain(let range, let isPercent):
      let source = string(range).trimmed
      guard !source.isEmpty, bytes[range].count <= Self.longestBare else { return nil }
      let isLaTeX = bytes[range].contains(UInt8(ascii: "\\"))
      if isLaTeX, !options.notation.contains(.latex) { return nil }
      return percent(ExpressionReader.readings(source, isPlain: !isLaTeX), isPercent)
        .flatMap { $0.allSatisfy(\.expression.isText) ? nil : $0 }
    case .number(let text, let isPercent):
      guard let expression = try? LaTeXParser.expression(of: text, isPlain: true) else {
        return nil
      }
      return percent([Reading(expression: expression, source: text)], isPercent)
    }
  }

  private func percent(_ readings: [Reading]?, _ isPercent: Bool) -> [Reading]? {
    guard isPercent else { return readings }
    return readings?.map {
      Reading(
        expression: .percent($0.expression), source: $0.source + "%", isBare: $0.isBare)
    }
  }

  /// Boxes or stretches of mathematics that belong together: several are a list.
  private func latex(_ parts: [StatementFinder.Part]) -> [Reading]? {
    let read = parts.map { part in
      percent(ExpressionReader.readings(string(part.range), isPlain: false), part.isPercent)
    }
    guard let first = read.first else { return nil }
    guard read.count > 1, read.allSatisfy({ $0 != nil }) else { return first }
    var elements: [Expression] = []
    for readings in read {
      guard let expression = readings?.first?.expression else { continue }
      if case .list(let inner, _) = expression {
        elements += inner
      } else {
        elements.append(expression)
      }
    }
    let source = parts.map { string($0.range).trimmed }.joined(separator: ", ")
    return [Reading(expression: .list(elements, .and), source: source)]
  }

  private func string(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  // MARK: Words

  /// Words that the text states as its answer, for gold answers that are words.
  private func words() -> [Reading] {
    guard options.notation.contains(.plain) else { return [] }
    var stated: [Range<Int>] = []
    for mention in answerMentions().reversed() {
      if let clause = StatementFinder.clause(after: mention, in: bytes) {
        stated.append(clause)
        break
      }
    }
    if stated.isEmpty, bytes.count <= Self.longestWords { stated.append(0..<bytes.count) }
    return stated.compactMap { range in
      let words = string(range).trimmingMarks
      guard !words.isEmpty, words.utf8.count <= Self.longestWords, words.contains(where: \.isLetter)
      else { return nil }
      return Reading(expression: .text(words), source: words)
    }
  }

  private func answerMentions() -> [Int] { StatementFinder.mentions(in: bytes).map(\.end) }
}

extension String {
  /// The text without white space, emphasis, quotes, dollars and full stops at its ends.
  var trimmingMarks: String {
    let marks = Set(" \t\r\n*_`\".'$".unicodeScalars)
    guard let first = unicodeScalars.firstIndex(where: { !marks.contains($0) }),
      let last = unicodeScalars.lastIndex(where: { !marks.contains($0) })
    else { return "" }
    return String(unicodeScalars[first...last])
  }
}
