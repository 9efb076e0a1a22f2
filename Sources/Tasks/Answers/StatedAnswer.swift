/// Finds where a completion states its answer. Each step is one pass over the text.
struct StatedAnswer {
  private let scanner: NumberScanner
  private var bytes: [UInt8] { scanner.bytes }

  init(_ completion: String) { scanner = NumberScanner(completion) }

  /// The number that the completion gives as its answer: the last `#### n`, otherwise the last
  /// `\boxed{n}`, otherwise the last "answer is n" or "answer: n", otherwise the last number.
  func number() -> NumberToken? {
    if let token = afterHashes() { return token }
    if let box = lastBox(), let token = statedNumber(in: box) { return token }
    if let token = afterAnswerWords() { return token }
    return scanner.lastNumber(in: bytes.indices)
  }

  /// The text that the completion gives as its answer: what follows the last `####`, otherwise the
  /// content of the last `\boxed{}`, otherwise what follows the last "answer is" or "answer:",
  /// otherwise the last line that is not blank.
  func text() -> String? {
    let clauses = [
      occurrences(of: "####").last.map { lineOrNext(after: $0 + 4, before: bytes.count) },
      lastBox(),
      answerClauses().last,
      lastLine(),
    ]
    return clauses.lazy.compactMap { $0.map(trimmed) }.first { !$0.isEmpty }
  }

  // MARK: #### n

  /// GSM8K's own mark. It must be followed by the number, with nothing but white space, Markdown and
  /// mathematics marks between: in Markdown `####` also begins a heading.
  private func afterHashes() -> NumberToken? {
    for start in occurrences(of: "####").reversed() {
      // Marks end before the next hash, so that no stretch of the text is gone through twice.
      var index = bytes[start...].firstIndex { $0 != UInt8(ascii: "#") } ?? bytes.count
      while index < bytes.count, let width = decorationWidth(at: index) { index += width }
      guard scanner.startsDigits(at: index, before: bytes.count) else { continue }
      let (token, end) = scanner.number(at: index, before: bytes.count)
      if !isHeadingNumber(endingAt: end) { return token }
    }
    return nil
  }

  /// The length of a mark that may stand between `####` and the number, or nil.
  private func decorationWidth(at index: Int) -> Int? {
    width(ofFirst: ["\\boxed{", "€", "£", "¥", "₹", "−"], at: index)
      ?? (" \t*_$\\([{=:-+~\"'".utf8.contains(bytes[index]) ? 1 : nil)
  }

  /// Whether a number that ends at `end` counts a heading, as in `#### 2. Add the costs`.
  private func isHeadingNumber(endingAt end: Int) -> Bool {
    guard end < bytes.count, ".):".utf8.contains(bytes[end]) else { return false }
    var index = end + 1
    while index < bytes.count, " \t*_".utf8.contains(bytes[index]) { index += 1 }
    return index > end + 1 && index < bytes.count && scanner.isLetter(index)
  }

  // MARK: \boxed{n}

  /// The content of the `\boxed{}` or `\fbox{}` that begins last, of those that are closed.
  private func lastBox() -> Range<Int>? {
    var open: [Int?] = []
    var last: Range<Int>?
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"):
        let box = ["\\boxed{", "\\fbox{"].first { scanner.has($0, at: index) }
        if let box {
          index += box.utf8.count
          open.append(index)
        } else {
          index += 2
        }
        continue
      case UInt8(ascii: "{"): open.append(nil)
      case UInt8(ascii: "}"):
        if let start = open.popLast() ?? nil, start >= last?.lowerBound ?? 0 {
          last = start..<index
        }
      default: break
      }
      index += 1
    }
    return last
  }

  // MARK: "answer is n"

  private func afterAnswerWords() -> NumberToken? {
    answerClauses().reversed().lazy.compactMap(statedNumber).first
  }

  /// What follows "answer is", "answer:" or "answer =", up to the end of the sentence or line, for every
  /// "answer" in the text. The clauses do not overlap. Words may stand between "answer" and the verb
  /// ("the answer to the question is"), but not before a colon: in "the answer as a percentage: 2 of 8
  /// is 25" nothing is stated yet.
  private func answerClauses() -> [Range<Int>] {
    let starts = occurrences(of: "answer")
    return starts.indices.compactMap { position in
      let end = position + 1 < starts.count ? starts[position + 1] : bytes.count
      let line = line(from: starts[position] + 6, before: end)
      let next = line.first { !" sS*_\"".utf8.contains(bytes[$0]) }
      if let next, let width = width(ofFirst: [":", "=", "："], at: next) {
        return lineOrNext(after: next + width, before: end)
      }
      for index in line {
        guard let width = width(ofFirst: [" is", " are", " equals"], at: index),
          index + width == bytes.count || !scanner.isLetter(index + width)
        else { continue }
        return lineOrNext(after: index + width, before: end)
      }
      return nil
    }
  }

  private func width(ofFirst marks: [String], at index: Int) -> Int? {
    marks.first { scanner.has($0, at: index) }?.utf8.count
  }

  // MARK: Parts of the text

  /// The number that a clause states: in `5 + 3 = 8` what follows the last equals sign, otherwise the
  /// first number.
  private func statedNumber(in clause: Range<Int>) -> NumberToken? {
    guard let first = scanner.firstNumber(in: clause) else { return nil }
    var next = first.range.upperBound
    while next < clause.upperBound, " $)".utf8.contains(bytes[next]) { next += 1 }
    let isSum = ["+", "-", "*", "/", "×", "÷", "−", "x ", "\\times", "\\cdot", "\\div"].contains {
      scanner.has($0, at: next)
    }
    guard isSum, let equals = bytes[clause].lastIndex(of: UInt8(ascii: "=")),
      equals >= next, let result = scanner.firstNumber(in: (equals + 1)..<clause.upperBound)
    else { return first }
    return result
  }

  /// The rest of the sentence from `start`, or the next line that has something in it when nothing but
  /// white space and marks is left of this one.
  private func lineOrNext(after start: Int, before end: Int) -> Range<Int> {
    var first = start
    while first < end, " \t\r\n*_:".utf8.contains(bytes[first]) { first += 1 }
    return line(from: first, before: end)
  }

  /// From `start` to the end of the line, or of the sentence: a full stop, `!` or `?` before white space.
  private func line(from start: Int, before end: Int) -> Range<Int> {
    var index = start
    while index < end, bytes[index] != UInt8(ascii: "\n") {
      let isStop = ".!?".utf8.contains(bytes[index])
      if isStop, index + 1 >= end || " \t\r\n".utf8.contains(bytes[index + 1]) { break }
      index += 1
    }
    return min(start, index)..<index
  }

  private func lastLine() -> Range<Int>? {
    guard let last = bytes.lastIndex(where: { !" \t\r\n".utf8.contains($0) }) else { return nil }
    let start = bytes[...last].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return start..<(last + 1)
  }

  private func trimmed(_ range: Range<Int>) -> String { Self.trimmed(bytes[range]) }

  /// The text without white space, emphasis, a final full stop, and dollar signs around it.
  static func trimmed(_ text: String) -> String { trimmed(Array(text.utf8)[...]) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    let outside = " \t\r\n*_`\"".utf8
    var slice = bytes.drop(while: outside.contains)
    while let last = slice.last, outside.contains(last) || last == UInt8(ascii: ".") {
      slice.removeLast()
    }
    if slice.count > 1, slice.first == UInt8(ascii: "$"), slice.last == UInt8(ascii: "$") {
      slice = slice.dropFirst().dropLast()
    }
    return String(decoding: slice, as: UTF8.self)
  }

  /// Where `word` (lower-case ASCII) begins, in any case, without overlaps.
  private func occurrences(of word: String) -> [Int] {
    let wanted = Array(word.utf8)
    var starts: [Int] = []
    var index = 0
    while index + wanted.count <= bytes.count {
      let matches = wanted.indices.allSatisfy { offset in
        let byte = bytes[index + offset]
        let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        return (isUpper ? byte | 0x20 : byte) == wanted[offset]
      }
      if matches { starts.append(index) }
      index += matches ? wanted.count : 1
    }
    return starts
  }
}
