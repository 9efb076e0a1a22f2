/// Bytes on their way to text, each with the token that it came from.
struct PendingBytes: Sendable {
  static let replacement: UInt32 = 0xFFFD

  private var bytes: [UInt8] = []
  private var sources: [Int32] = []

  mutating func append(_ byte: UInt8, source: Int32) {
    bytes.append(byte)
    sources.append(source)
  }

  /// Takes out the scalars that are complete; U+FFFD stands for every ill-formed sequence. Bytes
  /// that may still become a scalar stay, unless `isEnd`.
  mutating func takeScalars(isEnd: Bool, to scalars: inout [DecodedScalar]) {
    var position = 0
    bytes.withUnsafeBufferPointer { bytes in
      loop: while position < bytes.count {
        let scalar: UInt32
        let length: Int
        switch UTF8Scalars.check(bytes, at: position) {
        case .scalar(let value, let count): (scalar, length) = (value, count)
        case .invalid(let count): (scalar, length) = (Self.replacement, count)
        case .incomplete:
          guard isEnd else { break loop }
          (scalar, length) = (Self.replacement, bytes.count - position)
        }
        position += length
        scalars.append(DecodedScalar(scalar: scalar, source: sources[position - 1]))
      }
    }
    bytes.removeFirst(position)
    sources.removeFirst(position)
  }

  /// Takes all bytes out: as one token if they are well-formed as a whole, otherwise as a token
  /// U+FFFD for each.
  mutating func takeTokens(to output: inout [DecodedScalar]) {
    guard let last = sources.last else { return }
    if isWellFormed {
      takeScalars(isEnd: true, to: &output)
      output.append(.end(of: last))
    } else {
      for source in sources {
        output.append(DecodedScalar(scalar: Self.replacement, source: source))
        output.append(.end(of: source))
      }
      bytes.removeAll(keepingCapacity: true)
      sources.removeAll(keepingCapacity: true)
    }
  }

  private var isWellFormed: Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        guard case .scalar(_, let length) = UTF8Scalars.check(bytes, at: position) else {
          return false
        }
        position += length
      }
      return true
    }
  }
}

struct ByteLevelState: DecoderState {
  private var token: [DecodedScalar] = []
  private var pending = PendingBytes()

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      if decoded.isEnd { takeToken() } else { token.append(decoded) }
    }
    pending.takeScalars(isEnd: false, to: &output)
  }

  mutating func finish(to output: inout [DecodedScalar]) {
    takeToken()
    pending.takeScalars(isEnd: true, to: &output)
    output.append(.end(of: output.last?.source ?? 0))
  }

  /// A token's bytes are those its characters stand for, or its own UTF-8 where one of them is
  /// outside the alphabet.
  private mutating func takeToken() {
    if token.allSatisfy({ ByteAlphabet.byte(of: $0.scalar) != nil }) {
      for decoded in token {
        if let byte = ByteAlphabet.byte(of: decoded.scalar) {
          pending.append(byte, source: decoded.source)
        }
      }
    } else {
      var utf8: [UInt8] = []
      for decoded in token {
        utf8.removeAll(keepingCapacity: true)
        UTF8Scalars.append(decoded.scalar, to: &utf8)
        for byte in utf8 { pending.append(byte, source: decoded.source) }
      }
    }
    token.removeAll(keepingCapacity: true)
  }
}

struct ByteFallbackState: DecoderState {
  private var token: [DecodedScalar] = []
  private var pending = PendingBytes()

  mutating func push(_ input: [DecodedScalar], to output: inout [DecodedScalar]) {
    for decoded in input {
      guard decoded.isEnd else {
        token.append(decoded)
        continue
      }
      if let byte = Self.byte(of: token) {
        pending.append(byte, source: decoded.source)
      } else {
        pending.takeTokens(to: &output)
        output.append(contentsOf: token)
        output.append(decoded)
      }
      token.removeAll(keepingCapacity: true)
    }
  }

  mutating func finish(to output: inout [DecodedScalar]) { pending.takeTokens(to: &output) }

  /// The byte of a token `<0x0A>`.
  private static func byte(of token: [DecodedScalar]) -> UInt8? {
    guard token.count == 6, token[0].scalar == 0x3C, token.allSatisfy({ $0.scalar < 0x80 }) else {
      return nil
    }
    let text = token.string
    guard text.hasPrefix("<0x"), text.hasSuffix(">"), !text.contains("-") else { return nil }
    return UInt8(text.dropFirst(3).dropLast(), radix: 16)
  }
}
