/// A Unicode scalar of decoded text and the number of the token that its last byte came from.
struct DecodedScalar: Equatable {
  var scalar: UInt32
  var source: Int32
}

/// Part of a decoded token: a decoder's steps pass these on, so that text appears as early as the
/// steps allow.
struct DecodedChunk: Equatable {
  var scalars: [DecodedScalar]
  /// Whether the token ends here; what follows is another token.
  var endsToken: Bool
  /// The token's number, for what a step adds to it.
  var source: Int32
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
  /// Takes the next part of a token and gives what it can.
  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk]
  /// Gives what was held back.
  mutating func finish() -> [DecodedChunk]
}

/// All steps at work, one behind the other.
struct DecoderPipeline: Sendable {
  private var states: [any DecoderState]

  init(_ steps: [DecoderStep]) { states = steps.map { $0.makeState() } }

  /// The text that appears with the next token.
  mutating func push(token: ArraySlice<UInt8>, source: Int) -> [DecodedScalar] {
    let scalars = DecodedScalar.scalars(of: token, source: Int32(source))
    return pass([DecodedChunk(scalars: scalars, endsToken: true, source: Int32(source))], from: 0)
  }

  /// The text that was held back.
  mutating func finish() -> [DecodedScalar] {
    var text: [DecodedScalar] = []
    for index in states.indices {
      text.append(contentsOf: pass(states[index].finish(), from: index + 1))
    }
    return text
  }

  private mutating func pass(_ chunks: [DecodedChunk], from start: Int) -> [DecodedScalar] {
    var chunks = chunks
    for index in start..<states.count {
      var passed: [DecodedChunk] = []
      for chunk in chunks { passed.append(contentsOf: states[index].push(chunk)) }
      chunks = passed
    }
    return chunks.flatMap(\.scalars)
  }
}

extension DecodedScalar {
  /// The scalars of well-formed UTF-8, all of one source.
  static func scalars(of token: ArraySlice<UInt8>, source: Int32) -> [DecodedScalar] {
    token.withUnsafeBufferPointer { bytes in
      var scalars: [DecodedScalar] = []
      scalars.reserveCapacity(bytes.count)
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
        scalars.append(DecodedScalar(scalar: scalar, source: source))
        position += length
      }
      return scalars
    }
  }
}

extension [DecodedScalar] {
  /// The scalars as a string.
  var string: String {
    var view = String.UnicodeScalarView()
    for decoded in self {
      if let scalar = Unicode.Scalar(decoded.scalar) { view.append(scalar) }
    }
    return String(view)
  }
}
