/// Where a text may state its answer, in the order in which the places are tried.
struct StatementFinder {
  struct Part {
    var range: Range<Int>
    var isPercent = false
  }

  struct Candidate {
    enum Content {
      /// Stretches of LaTeX that belong together.
      case latex([Part])
      /// Plain mathematics.
      case plain(Range<Int>, isPercent: Bool)
      /// A number, normalised.
      case number(String, isPercent: Bool)
    }
    var content: Content
    var range: Range<Int>
  }

  /// "answer" in the text, where it ends, and whether "final" stands before it.
  struct Mention {
    var end: Int
    var isFinal: Bool
  }

  /// Mathematics in a row that is read as one list.
  private static let mostInARow = 6
  /// How far behind "final answer" its "is" may stand.
  private static let reachOfFinal = 100
  /// How far behind "answer" mathematics may begin.
  private static let reach = 50
  /// How far behind "answer" an equation's last side may begin.
  private static let reachOfEquation = 100
  /// Mentions of "answer" and other places that are tried, from the last.
  private static let mostTries = 40

  let bytes: [UInt8]
  let options: VerifierOptions
  private let spans: MathSpans
  private let numbers: PlainNumbers

  init(bytes: [UInt8], options: VerifierOptions) {
    self.bytes = bytes
    self.options = options
    spans = options.notation.contains(.latex) ? MathSpans(bytes) : MathSpans([])
    numbers = PlainNumbers(bytes)
  }

  /// The first candidate that `read` can read.
  func first(readable read: (Candidate) -> [Reading]?) -> [Reading]? {
    let mentions = Self.mentions(in: bytes)
    var candidates: [Candidate] = mentions.reversed().lazy.filter(\.isFinal).prefix(Self.mostTries)
      .compactMap(afterFinalAnswer)
    if let box = box() { candidates.append(box) }
    if let readings = lastReadable(candidates, read) { return readings }
    if let hashes = afterHashes(), let readings = read(hashes) { return readings }
    for needsColon in [true, false] {
      let found = mentions.reversed().prefix(Self.mostTries).flatMap { mention in
        needsColon && byte(mention.end) != UInt8(ascii: ":") ? [] : after(mention)
      }
      for candidate in found {
        if let readings = read(candidate) { return readings }
      }
    }
    return lastReadable(anywhere(), read)
  }

  private func lastReadable(
    _ candidates: [Candidate], _ read: (Candidate) -> [Reading]?
  ) -> [Reading]? {
    let sorted = candidates.sorted {
      ($0.range.upperBound, -$0.range.lowerBound) > ($1.range.upperBound, -$1.range.lowerBound)
    }
    for candidate in sorted.prefix(Self.mostTries) {
      if let readings = read(candidate) { return readings }
    }
    return nil
  }

  private func byte(_ index: Int) -> UInt8 { index >= 0 && index < bytes.count ? bytes[index] : 0 }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  // MARK: Boxes

  private func box() -> Candidate? {
    guard options.notation.contains(.latex) else { return nil }
    let (contents, end) = Boxes(bytes).last()
    guard let first = contents.first else { return nil }
    var parts = contents.map { Part(range: $0) }
    // A percent sign behind the box, which may be closed by dollars.
    var after = end
    while after < bytes.count, Self.isSpace(bytes[after]) || bytes[after] == UInt8(ascii: "$") {
      after += 1
    }
    parts[parts.count - 1].isPercent = numbers.percent(after: after, before: bytes.count).isPercent
    return Candidate(content: .latex(parts), range: first.lowerBound..<max(end, first.lowerBound))
  }

  // MARK: #### n

  /// GSM8K's mark.
  private func afterHashes() -> Candidate? {
    guard options.notation.contains(.plain) else { return nil }
    var index = bytes.count - 4
    while index >= 0 {
      if bytes[index..<(index + 4)].allSatisfy({ $0 == UInt8(ascii: "#") }) {
        var start = index + 4
        while start < bytes.count, " \t*_$".utf8.contains(bytes[start]) { start += 1 }
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        guard end > start else { return nil }
        return Candidate(content: .plain(start..<end, isPercent: false), range: start..<end)
      }
      index -= 1
    }
    return nil
  }

  // MARK: "answer"

  /// Every "answer" in any case.
  static func mentions(in bytes: [UInt8]) -> [Mention] {
    let word = Array("answer".utf8)
    var result: [Mention] = []
    var index = 0
    while index + word.count <= bytes.count {
      guard bytes[index] | 0x20 == word[0],
        word.indices.allSatisfy({ bytes[index + $0] | 0x20 == word[$0] })
      else {
        index += 1
        continue
      }
      var before = index
      while before > 0, isSpace(bytes[before - 1]) { before -= 1 }
      let final = Array("final".utf8)
      let isFinal =
        before >= final.count
        && final.indices.allSatisfy { bytes[before - final.count + $0] | 0x20 == final[$0] }
      result.append(Mention(end: index + word.count, isFinal: isFinal))
      index += word.count
    }
    return result
  }

  /// What "final answer is" is followed by at once.
  private func afterFinalAnswer(_ mention: Mention) -> Candidate? {
    let limit = min(bytes.count, mention.end + Self.reachOfFinal)
    var index = mention.end
    while index < limit {
      if Self.isSpace(byte(index)), byte(index + 1) | 0x20 == UInt8(ascii: "i"),
        byte(index + 2) | 0x20 == UInt8(ascii: "s"), !Self.isLetter(byte(index + 3))
      {
        var start = index + 3
        if byte(start) == UInt8(ascii: ":") { start += 1 }
        if let candidate = candidate(at: start) { return candidate }
      }
      index += 1
    }
    return nil
  }

  /// Mathematics or a number right at `start`, white space and emphasis aside.
  private func candidate(at start: Int) -> Candidate? {
    var index = start
    while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == UInt8(ascii: "*") {
      index += 1
    }
    if let group = groupStarting(atOrAfter: index, before: index + 1) { return group }
    guard options.notation.contains(.plain) else { return nil }
    if byte(index) == UInt8(ascii: "$") { index += 1 }
    if numbers.startsNumber(at: index), let match = numbers.match(at: index, before: bytes.count) {
      return number(match)
    }
    return nil
  }

  private func number(_ match: PlainNumbers.Match) -> Candidate {
    Candidate(content: .number(match.text, isPercent: match.isPercent), range: match.range)
  }

  /// What may be stated after "answer", the likeliest first.
  private func after(_ mention: Mention) -> [Candidate] {
    var result: [Candidate] = []
    if options.notation.contains(.plain), let clause = Self.clause(after: mention.end, in: bytes),
      !bytes[clause].contains(UInt8(ascii: "$"))
    {
      result.append(Candidate(content: .plain(clause, isPercent: false), range: clause))
    }
    let limit = min(bytes.count, mention.end + Self.reach)
    var near: [Candidate] = []
    if let group = groupStarting(atOrAfter: mention.end, before: limit + 1) { near.append(group) }
    if options.notation.contains(.plain), let match = number(after: mention.end) {
      near.append(number(match))
    }
    near.sort { $0.range.upperBound > $1.range.upperBound }
    return result + near
  }

  /// The number that is stated on the line after "answer": behind its last equals sign, otherwise the
  /// first one nearby.
  private func number(after start: Int) -> PlainNumbers.Match? {
    let lineEnd = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let far = min(lineEnd, start + Self.reachOfEquation)
    let free: (Int) -> Bool = { index in isOutside(index) }
    for index in stride(from: far - 1, through: start, by: -1)
    where bytes[index] == UInt8(ascii: "=") {
      var next = index + 1
      while next < lineEnd, Self.isSpace(bytes[next]) { next += 1 }
      if numbers.startsNumber(at: next), free(next),
        let match = numbers.match(at: next, before: bytes.count)
      {
        return match
      }
    }
    let near = min(lineEnd, start + Self.reach)
    var index = start
    while index <= near, index < bytes.count {
      if numbers.startsNumber(at: index), free(index),
        let match = numbers.match(at: index, before: bytes.count)
      {
        return match
      }
      index += 1
    }
    return nil
  }

  /// The rest of the sentence after "answer is", "answer:" or "answer =".
  static func clause(after end: Int, in bytes: [UInt8]) -> Range<Int>? {
    var index = end
    func skip(_ marks: String) {
      while index < bytes.count, marks.utf8.contains(bytes[index]) { index += 1 }
    }
    skip("s*_ ")
    guard index < bytes.count else { return nil }
    if bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: "=") {
      index += 1
    } else if index + 2 < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "i"),
      bytes[index + 1] | 0x20 == UInt8(ascii: "s"), !isLetter(bytes[index + 2])
    {
      index += 2
      skip(":")
    } else {
      return nil
    }
    skip(" \t\r\n*_:")
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
      let isStop = ".!?".utf8.contains(bytes[index])
      if isStop, index + 1 >= bytes.count || isSpace(bytes[index + 1]) { break }
      index += 1
    }
    while index > start, " *_\r".utf8.contains(bytes[index - 1]) { index -= 1 }
    return index > start ? start..<index : nil
  }

  // MARK: Anywhere

  private func isOutside(_ index: Int) -> Bool { spans.isOutside(index) }

  /// All mathematics and numbers of the text.
  private func anywhere() -> [Candidate] {
    var result: [Candidate] = []
    var index = 0
    while index < spans.spans.count {
      let (candidate, next) = group(at: index)
      result.append(candidate)
      index = next
    }
    guard options.notation.contains(.plain) else { return result + bareFractions() }
    // Free stretches between mathematics, so that each is looked at once.
    let taken = (spans.spans.map(\.outer) + spans.broken).sorted { $0.lowerBound < $1.lowerBound }
    var start = 0
    for range in taken + [bytes.count..<bytes.count] {
      if range.lowerBound > start {
        result += numbers.matches(in: start..<range.lowerBound).map(number)
      }
      start = max(start, range.upperBound)
    }
    return result + bareFractions()
  }

  /// \frac{1}{2} without marks around it.
  private func bareFractions() -> [Candidate] {
    guard options.notation.contains(.latex) else { return [] }
    var result: [Candidate] = []
    for name in ["\\frac{", "\\dfrac{", "\\tfrac{"] {
      let wanted = Array(name.utf8)
      var index = 0
      while index + wanted.count < bytes.count {
        guard bytes[index] == wanted[0],
          bytes[index..<(index + wanted.count)].elementsEqual(wanted),
          isOutside(index), let end = fractionEnd(index + wanted.count)
        else {
          index += 1
          continue
        }
        let start = byte(index - 1) == UInt8(ascii: "-") ? index - 1 : index
        result.append(
          Candidate(content: .latex([Part(range: start..<end)]), range: start..<end))
        index = end
      }
    }
    return result
  }

  private func fractionEnd(_ start: Int) -> Int? {
    var index = start
    func number() -> Bool {
      let first = index
      while index < bytes.count, "-.,0123456789".utf8.contains(bytes[index]) { index += 1 }
      return index > first
    }
    guard number(), byte(index) == UInt8(ascii: "}"), byte(index + 1) == UInt8(ascii: "{") else {
      return nil
    }
    index += 2
    guard number(), byte(index) == UInt8(ascii: "}") else { return nil }
    return index + 1
  }

  // MARK: Mathematics in a row

  private func groupStarting(atOrAfter start: Int, before limit: Int) -> Candidate? {
    guard
      let index = spans.spans.firstIndex(where: {
        $0.outer.lowerBound >= start && $0.outer.lowerBound < limit
      })
    else { return nil }
    return group(at: index).candidate
  }

  /// The mathematics at `index` with what follows it after commas, "and" or "or".
  private func group(at index: Int) -> (candidate: Candidate, next: Int) {
    var parts: [Part] = []
    var end = 0
    var next = index
    while next < spans.spans.count, parts.count < Self.mostInARow {
      let span = spans.spans[next]
      if !parts.isEmpty, !isJoint(end..<span.outer.lowerBound) { break }
      let (after, isPercent) = numbers.percent(after: span.outer.upperBound, before: bytes.count)
      parts.append(Part(range: span.inner, isPercent: isPercent))
      end = after
      next += 1
    }
    let start = spans.spans[index].outer.lowerBound
    return (Candidate(content: .latex(parts), range: start..<max(start, end)), next)
  }

  /// Whether nothing but a comma, "and" or "or" stands there.
  private func isJoint(_ range: Range<Int>) -> Bool {
    guard range.count <= 12 else { return false }
    let joint = String(decoding: bytes[range], as: UTF8.self).trimmed
    return [",", "and", "or", ",and", ",or", ", and", ", or"].contains(joint)
  }
}
