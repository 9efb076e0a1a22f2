struct FuseState: DecoderState {
  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    [DecodedChunk(scalars: chunk.scalars, endsToken: false, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] {
    [DecodedChunk(scalars: [], endsToken: true, source: 0)]
  }
}

struct StripState: DecoderState {
  let content: UInt32
  let start: Int
  let stop: Int
  /// How many more may go from the token's start; 0 once something else has come.
  private var left: Int
  /// The last scalars so far that equal `content`, at most `stop` of them.
  private var held: [DecodedScalar] = []

  init(content: UInt32, start: Int, stop: Int) {
    self.content = content
    self.start = start
    self.stop = stop
    left = start
  }

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    var scalars: [DecodedScalar] = []
    for decoded in chunk.scalars {
      if decoded.scalar != content {
        left = 0
        scalars.append(contentsOf: held)
        held.removeAll(keepingCapacity: true)
        scalars.append(decoded)
      } else if left > 0 {
        left -= 1
      } else {
        held.append(decoded)
        if held.count > stop { scalars.append(held.removeFirst()) }
      }
    }
    if chunk.endsToken { reset() }
    return [DecodedChunk(scalars: scalars, endsToken: chunk.endsToken, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] { [] }

  private mutating func reset() {
    held.removeAll(keepingCapacity: true)
    left = start
  }
}

struct ReplaceState: DecoderState {
  private let pattern: [UInt32]
  private let content: [UInt32]
  /// The scalars of the token so far that may yet be the beginning of the pattern.
  private var held: [DecodedScalar] = []

  init(pattern: [UInt8], content: [UInt8]) {
    self.pattern = DecodedScalar.scalars(of: pattern[...], source: 0).map(\.scalar)
    self.content = DecodedScalar.scalars(of: content[...], source: 0).map(\.scalar)
  }

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    held.append(contentsOf: chunk.scalars)
    var scalars: [DecodedScalar] = []
    var position = 0
    while position < held.count {
      let left = held.count - position
      let compared = min(left, pattern.count)
      let matches = (0..<compared).allSatisfy { held[position + $0].scalar == pattern[$0] }
      if matches, compared == pattern.count {
        let source = held[position + compared - 1].source
        scalars.append(contentsOf: content.map { DecodedScalar(scalar: $0, source: source) })
        position += compared
      } else if matches, !chunk.endsToken {
        break
      } else {
        scalars.append(held[position])
        position += 1
      }
    }
    held.removeFirst(position)
    return [DecodedChunk(scalars: scalars, endsToken: chunk.endsToken, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] { [] }
}

struct WordPieceState: DecoderState {
  let prefix: [UInt8]
  let cleansUp: Bool
  private var token: [DecodedScalar] = []
  private var isFirst = true

  init(prefix: [UInt8], cleansUp: Bool) {
    self.prefix = prefix
    self.cleansUp = cleansUp
  }

  /// What clean-up replaces within a token, in this order (transformers'
  /// `clean_up_tokenization`).
  private static let cleanUps: [(pattern: String, content: String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ]

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    token.append(contentsOf: chunk.scalars)
    guard chunk.endsToken else { return [] }
    defer { token.removeAll(keepingCapacity: true) }
    if !isFirst {
      let prefixCount = prefix.count { $0 & 0xC0 != 0x80 }
      let start = DecodedScalar.scalars(of: prefix[...], source: 0).map(\.scalar)
      if token.lazy.map(\.scalar).starts(with: start) {
        token.removeFirst(prefixCount)
      } else {
        token.insert(DecodedScalar(scalar: 0x20, source: chunk.source), at: 0)
      }
    }
    isFirst = false
    var whole = DecodedChunk(scalars: token, endsToken: true, source: chunk.source)
    if cleansUp {
      for (pattern, content) in Self.cleanUps {
        var step = ReplaceState(pattern: Array(pattern.utf8), content: Array(content.utf8))
        whole = step.push(whole)[0]
      }
    }
    return [whole]
  }

  mutating func finish() -> [DecodedChunk] { [] }
}

struct MetaspaceState: DecoderState {
  let replacement: UInt32
  let dropsFirst: Bool
  private var isFirst = true

  init(replacement: UInt32, dropsFirst: Bool) {
    self.replacement = replacement
    self.dropsFirst = dropsFirst
  }

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    var scalars: [DecodedScalar] = []
    for decoded in chunk.scalars {
      if decoded.scalar != replacement {
        scalars.append(decoded)
      } else if !(isFirst && dropsFirst) {
        scalars.append(DecodedScalar(scalar: 0x20, source: decoded.source))
      }
    }
    if chunk.endsToken { isFirst = false }
    return [DecodedChunk(scalars: scalars, endsToken: chunk.endsToken, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] { [] }
}

struct SpacesState: DecoderState {
  private var isFirst = true

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    var scalars = chunk.scalars
    if !isFirst {
      scalars.insert(DecodedScalar(scalar: 0x20, source: chunk.source), at: 0)
    }
    isFirst = false
    return [DecodedChunk(scalars: scalars, endsToken: chunk.endsToken, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] { [] }
}
