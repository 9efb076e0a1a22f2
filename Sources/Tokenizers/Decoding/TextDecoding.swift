struct FuseState: DecoderState {
  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input where !decoded.isEnd { output.append(decoded) }
  }

  mutating func finish(to output: inout [DecodedScalar]) { output.append(.end(of: 0)) }
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

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      if decoded.isEnd {
        held.removeAll(keepingCapacity: true)
        left = start
        output.append(decoded)
      } else if decoded.scalar != content {
        left = 0
        output.append(contentsOf: held)
        held.removeAll(keepingCapacity: true)
        output.append(decoded)
      } else if left > 0 {
        left -= 1
      } else {
        held.append(decoded)
        if held.count > stop { output.append(held.removeFirst()) }
      }
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) {}
}

struct ReplaceState: DecoderState {
  private let pattern: [UInt32]
  private let content: [UInt32]
  /// The scalars of the token so far that may yet be the beginning of the pattern.
  private var held: [DecodedScalar] = []

  /// Of UTF-8; the pattern is not empty.
  init(pattern: [UInt8], content: [UInt8]) {
    self.pattern = Self.scalars(pattern)
    self.content = Self.scalars(content)
  }

  static func scalars(_ utf8: [UInt8]) -> [UInt32] {
    var scalars: [DecodedScalar] = []
    scalars.append(utf8: utf8[...], source: 0)
    return scalars.map(\.scalar)
  }

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      if decoded.isEnd {
        output.append(contentsOf: held)
        held.removeAll(keepingCapacity: true)
        output.append(decoded)
        continue
      }
      held.append(decoded)
      // What cannot be the pattern's beginning any more is given, from the left.
      while let first = held.first,
        !held.lazy.map(\.scalar).elementsEqual(pattern.prefix(held.count))
      {
        output.append(first)
        held.removeFirst()
      }
      guard held.count == pattern.count else { continue }
      for scalar in content {
        output.append(DecodedScalar(scalar: scalar, source: decoded.source))
      }
      held.removeAll(keepingCapacity: true)
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) {
    output.append(contentsOf: held)
    held.removeAll(keepingCapacity: true)
  }
}

struct WordPieceState: DecoderState {
  private let prefix: [UInt32]
  private var cleanUps: [ReplaceState] = []
  private var token: [DecodedScalar] = []
  private var isFirst = true

  init(prefix: [UInt8], cleansUp: Bool) {
    self.prefix = ReplaceState.scalars(prefix)
    guard cleansUp else { return }
    cleanUps = Self.cleanUps.map {
      ReplaceState(pattern: Array($0.pattern.utf8), content: Array($0.content.utf8))
    }
  }

  /// What clean-up replaces within a token, in this order (transformers'
  /// `clean_up_tokenization`).
  private static let cleanUps: [(pattern: String, content: String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ]

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      guard decoded.isEnd else {
        token.append(decoded)
        continue
      }
      if !isFirst {
        if token.lazy.map(\.scalar).starts(with: prefix) {
          token.removeFirst(prefix.count)
        } else {
          token.insert(DecodedScalar(scalar: 0x20, source: decoded.source), at: 0)
        }
      }
      isFirst = false
      token.append(decoded)
      for index in cleanUps.indices {
        var cleaned: [DecodedScalar] = []
        cleanUps[index].push(token, to: &cleaned)
        token = cleaned
      }
      output.append(contentsOf: token)
      token.removeAll(keepingCapacity: true)
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) {}
}

struct MetaspaceState: DecoderState {
  let replacement: UInt32
  let dropsFirst: Bool
  private var isFirst = true

  init(replacement: UInt32, dropsFirst: Bool) {
    self.replacement = replacement
    self.dropsFirst = dropsFirst
  }

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      if decoded.scalar != replacement {
        output.append(decoded)
        if decoded.isEnd { isFirst = false }
      } else if !(isFirst && dropsFirst) {
        output.append(DecodedScalar(scalar: 0x20, source: decoded.source))
      }
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) {}
}

struct SpacesState: DecoderState {
  private var isFirst = true
  private var startsToken = true

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      if startsToken, !isFirst {
        output.append(DecodedScalar(scalar: 0x20, source: decoded.source))
      }
      isFirst = false
      startsToken = decoded.isEnd
      output.append(decoded)
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) {}
}
