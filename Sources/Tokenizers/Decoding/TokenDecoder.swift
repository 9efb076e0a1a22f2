/// A Unicode scalar of decoded text and the number of the token that its last byte came from, or
/// the end of a token. A decoder's steps pass these on, so that text appears as early as the steps
/// allow.
struct DecodedScalar: Equatable {
  var scalar: UInt32
  var source: Int32

  /// In place of a scalar: what follows is another token.
  static let end = UInt32.max

  var isEnd: Bool { scalar == Self.end }

  static func end(of source: Int32) -> DecodedScalar { .init(scalar: end, source: source) }
}

/// One step of a tokenizer's decoder: tokens to tokens, whose texts are joined at the end.
enum DecoderStep: Sendable {
  /// Characters of the byte alphabet to text; all tokens become one.
  case byteLevel
  /// Runs of `<0x00>` tokens to text.
  case byteFallback
  /// All tokens become one.
  case fuse
  /// Removes up to `start` and `stop` of a scalar from a token's ends.
  case strip(content: UInt32, start: Int, stop: Int)
  /// Replaces a string, which is not empty, within a token.
  case replace(pattern: [UInt8], content: [UInt8])
  /// Joins word pieces.
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  /// SentencePiece's character for spaces to spaces; in the first token to nothing if
  /// `dropsFirst`.
  case metaspace(replacement: UInt32, dropsFirst: Bool)
  /// Spaces between tokens: a tokenizer without decoder.
  case spaces

  /// A fresh state of the step.
  func makeState() -> any DecoderState {
    switch self {
    case .byteLevel: ByteLevelState()
    case .byteFallback: ByteFallbackState()
    case .fuse: FuseState()
    case .strip(let content, let start, let stop):
      StripState(content: content, start: start, stop: stop)
    case .replace(let pattern, let content): ReplaceState(pattern: pattern, content: content)
    case .wordPiece(let prefix, let cleansUp):
      WordPieceState(prefix: prefix, cleansUp: cleansUp)
    case .metaspace(let replacement, let dropsFirst):
      MetaspaceState(replacement: replacement, dropsFirst: dropsFirst)
    case .spaces: SpacesState()
    }
  }
}

/// A step at work.
protocol DecoderState: Sendable {
  /// Takes more of the tokens and appends what it can give.
  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar])
  /// Appends what was held back.
  mutating func finish(to output: inout [DecodedScalar])
}

/// All steps at work, one behind the other.
struct DecoderPipeline: Sendable {
  private var states: [any DecoderState]

  init(_ steps: [DecoderStep]) { states = steps.map { $0.makeState() } }

  /// The text that appears with more tokens, each followed by its end.
  mutating func push(_ tokens: [DecodedScalar]) -> [DecodedScalar] {
    withoutEnds(pass(tokens, from: 0))
  }

  /// The text that was held back.
  mutating func finish() -> [DecodedScalar] {
    var text: [DecodedScalar] = []
    for index in states.indices {
      var held: [DecodedScalar] = []
      states[index].finish(to: &held)
      text.append(contentsOf: pass(held, from: index + 1))
    }
    return withoutEnds(text)
  }

  private mutating func pass(_ input: [DecodedScalar], from start: Int) -> [DecodedScalar] {
    var input = input
    for index in start..<states.count {
      var output: [DecodedScalar] = []
      output.reserveCapacity(input.count)
      states[index].push(input, to: &output)
      input = output
    }
    return input
  }

  private func withoutEnds(_ scalars: [DecodedScalar]) -> [DecodedScalar] {
    scalars.filter { !$0.isEnd }
  }
}

extension [DecodedScalar] {
  /// Appends the scalars of well-formed UTF-8, all of one source.
  mutating func append(utf8: ArraySlice<UInt8>, source: Int32) {
    utf8.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        append(DecodedScalar(scalar: scalar, source: source))
        position += length
      }
    }
  }

  /// The scalars as a string.
  var string: String {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(count)
    for decoded in self { UTF8Scalars.append(decoded.scalar, to: &utf8) }
    return String(decoding: utf8, as: UTF8.self)
  }
}
