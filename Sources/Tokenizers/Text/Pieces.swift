/// A stretch of text on its way to the model: UTF-8 and the pieces it has been cut into.
struct Pieces {
  /// Well-formed UTF-8.
  var bytes: [UInt8]
  /// The pieces in order, none empty, cut between scalars; what lies between them is dropped.
  var ranges: [Range<Int>]
  /// Whether the first piece begins where the whole text begins.
  var startsText: Bool

  init(bytes: [UInt8] = [], startsText: Bool = false) {
    self.bytes = bytes
    ranges = bytes.isEmpty ? [] : [0..<bytes.count]
    self.startsText = startsText
  }

  /// Cuts every piece at the matches that `findMatches` reports, in order and without overlap,
  /// for the bytes and the piece's range.
  mutating func split(
    _ behavior: SplitBehavior, inverted: Bool = false,
    findMatches: (UnsafeBufferPointer<UInt8>, Range<Int>, (Range<Int>) -> Void) -> Void
  ) {
    var cut: [Range<Int>] = []
    var segments: [SplitBehavior.Segment] = []
    let firstStart = ranges.first?.lowerBound
    bytes.withUnsafeBufferPointer { bytes in
      for piece in ranges {
        segments.removeAll(keepingCapacity: true)
        var end = piece.lowerBound
        findMatches(bytes, piece) { match in
          if end < match.lowerBound {
            segments.append(.init(range: end..<match.lowerBound, isMatch: inverted))
          }
          segments.append(.init(range: match, isMatch: !inverted))
          end = match.upperBound
        }
        if end < piece.upperBound {
          segments.append(.init(range: end..<piece.upperBound, isMatch: inverted))
        }
        behavior.append(segments, to: &cut)
      }
    }
    ranges = cut
    startsText = startsText && ranges.first?.lowerBound == firstStart
  }

  /// Cuts every piece at the scalars of a class, each of which is a match.
  mutating func split(_ behavior: SplitBehavior, at classes: UnicodeClasses) {
    let table = UnicodeClassTable.shared
    split(behavior) { bytes, piece, found in
      var position = piece.lowerBound
      while position < piece.upperBound {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        if !table[scalar].isDisjoint(with: classes) { found(position..<position + length) }
        position += length
      }
    }
  }

  /// Cuts every piece at a string that is not empty.
  mutating func split(_ behavior: SplitBehavior, at literal: [UInt8], inverted: Bool = false) {
    split(behavior, inverted: inverted) { bytes, piece, found in
      var position = piece.lowerBound
      while position + literal.count <= piece.upperBound {
        if bytes[position..<position + literal.count].elementsEqual(literal) {
          found(position..<position + literal.count)
          position += literal.count
        } else {
          position += 1
        }
      }
    }
  }

  /// Replaces every piece's bytes with what `rewrite` appends for them.
  mutating func rewrite(
    _ rewrite: (_ piece: UnsafeBufferPointer<UInt8>, _ isFirst: Bool, inout [UInt8]) -> Void
  ) {
    var rewritten: [UInt8] = []
    rewritten.reserveCapacity(bytes.count * 2)
    bytes.withUnsafeBufferPointer { bytes in
      for index in ranges.indices {
        let start = rewritten.count
        rewrite(UnsafeBufferPointer(rebasing: bytes[ranges[index]]), index == 0, &rewritten)
        ranges[index] = start..<rewritten.count
      }
    }
    bytes = rewritten
  }
}

/// What becomes of the delimiters that a piece is cut at.
enum SplitBehavior: String, CaseIterable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  struct Segment {
    var range: Range<Int>
    var isMatch: Bool
  }

  /// Appends the pieces that adjacent segments make.
  func append(_ segments: [Segment], to pieces: inout [Range<Int>]) {
    switch self {
    case .isolated: pieces.append(contentsOf: segments.lazy.map(\.range))
    case .removed:
      pieces.append(contentsOf: segments.lazy.filter { !$0.isMatch }.map(\.range))
    case .contiguous:
      merge(segments, to: &pieces) { $0.isMatch == $1.isMatch }
    case .mergedWithPrevious:
      merge(segments, to: &pieces) { !$0.isMatch && $1.isMatch }
    case .mergedWithNext:
      merge(segments, to: &pieces) { $0.isMatch && !$1.isMatch }
    }
  }

  private func merge(
    _ segments: [Segment], to pieces: inout [Range<Int>],
    _ joins: (_ left: Segment, _ right: Segment) -> Bool
  ) {
    for index in segments.indices {
      if index > 0, joins(segments[index - 1], segments[index]), let last = pieces.popLast() {
        pieces.append(last.lowerBound..<segments[index].range.upperBound)
      } else {
        pieces.append(segments[index].range)
      }
    }
  }
}
