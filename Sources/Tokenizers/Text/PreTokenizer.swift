/// One step of a tokenizer's pre-tokenizer: cuts pieces into smaller ones, or rewrites their text.
enum PreTokenizer: Sendable {
  /// Words of a known regular expression.
  case words(WordPattern)
  /// Cut at a string.
  case literal([UInt8], SplitBehavior, inverted: Bool)
  /// Cut at the matches of any other regular expression.
  case expression(RegularExpression, SplitBehavior, inverted: Bool)
  /// Cut at scalars of a class.
  case classes(UnicodeClasses, SplitBehavior)
  /// `\w+|[^\w\s]+`: runs of word characters and runs of others, without white space.
  case wordsAndSymbols
  /// Replace spaces by a visible character and cut before it.
  case metaspace(Metaspace)
  /// A space before every piece that does not begin with one.
  case prefixSpace
  /// Every byte's character of the byte alphabet.
  case byteCharacters

  func apply(to pieces: inout Pieces) {
    switch self {
    case .words(let pattern): Self.cutIntoWords(&pieces, pattern)
    case .literal(let literal, let behavior, let inverted):
      pieces.split(behavior, at: literal, inverted: inverted)
    case .expression(let expression, let behavior, let inverted):
      pieces.split(behavior, inverted: inverted, findMatches: expression.forEachMatch)
    case .classes(let classes, let behavior): pieces.split(behavior, at: classes)
    case .wordsAndSymbols: Self.cutIntoWordsAndSymbols(&pieces)
    case .metaspace(let metaspace): metaspace.apply(to: &pieces)
    case .prefixSpace:
      let space = UInt8(ascii: " ")
      pieces.rewrite { piece, _, result in
        if piece.first != space { result.append(space) }
        result.append(contentsOf: piece)
      }
    case .byteCharacters:
      pieces.rewrite { piece, _, result in
        ByteAlphabet.append(UnsafeRawBufferPointer(piece), to: &result)
      }
    }
  }

  private static func cutIntoWords(_ pieces: inout Pieces, _ pattern: WordPattern) {
    var words: [Range<Int>] = []
    // English text has some five bytes a word.
    words.reserveCapacity(pieces.bytes.count / 4 + 8)
    pieces.bytes.withUnsafeBufferPointer { bytes in
      for piece in pieces.ranges {
        WordScanner(bytes, end: piece.upperBound)
          .appendWords(of: pattern, from: piece.lowerBound, to: &words)
      }
    }
    pieces.ranges = words
  }

  private static func cutIntoWordsAndSymbols(_ pieces: inout Pieces) {
    let table = UnicodeClassTable.shared
    // The white space is what is removed; the runs between are the matches of the expression.
    pieces.split(.removed, inverted: true) { bytes, piece, found in
      var start = piece.lowerBound
      var position = start
      var kind = 0
      while position < piece.upperBound {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        let classes = table[scalar]
        let next = classes.contains(.word) ? 1 : classes.contains(.whitespace) ? 0 : 2
        if next != kind {
          if kind != 0 { found(start..<position) }
          start = position
          kind = next
        }
        position += length
      }
      if kind != 0 { found(start..<position) }
    }
  }
}

/// SentencePiece's way with spaces.
struct Metaspace: Sendable {
  enum PrependScheme: String, CaseIterable {
    /// Before every piece.
    case always
    /// Before the piece at the beginning of the whole text.
    case first
    case never
  }

  /// The UTF-8 of the character that stands for a space, usually U+2581.
  var replacement: [UInt8]
  var prependScheme: PrependScheme
  /// Whether the text is cut before every replacement.
  var split: Bool

  func apply(to pieces: inout Pieces) {
    let startsText = pieces.startsText
    pieces.rewrite { piece, isFirst, result in
      let startsSo = piece.starts(with: replacement) || piece.first == UInt8(ascii: " ")
      let prepends =
        switch prependScheme {
        case .always: true
        case .first: isFirst && startsText
        case .never: false
        }
      if prepends, !startsSo { result.append(contentsOf: replacement) }
      for byte in piece {
        if byte == UInt8(ascii: " ") {
          result.append(contentsOf: replacement)
        } else {
          result.append(byte)
        }
      }
    }
    if split { pieces.split(.mergedWithNext, at: replacement) }
  }
}
