/// Bytes on their way to text, each with the token that it came from.
struct PendingBytes: Sendable {
  static let replacement: UInt32 = 0xFFFD

  private var bytes: [UInt8] = []
  private var sources: [Int32] = []

  mutating func append(_ byte: UInt8, source: Int32) {
    bytes.append(byte)
    sources.append(source)
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
  }

  /// Takes out the scalars that are complete; U+FFFD stands for every ill-formed sequence. Bytes
  /// that may still become a scalar stay, unless `isEnd`.
  mutating func takeScalars(isEnd: Bool) -> [DecodedScalar] {
    var scalars: [DecodedScalar] = []
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
    return scalars
  }

  /// Takes all bytes out: as text if they are well-formed as a whole, otherwise U+FFFD for each.
  mutating func takeAllOrNothing() -> [DecodedScalar] {
    defer { removeAll() }
    var wellFormed = true
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while wellFormed, position < bytes.count {
        if case .scalar(_, let length) = UTF8Scalars.check(bytes, at: position) {
          position += length
        } else {
          wellFormed = false
        }
      }
    }
    if !wellFormed {
      return sources.map { DecodedScalar(scalar: Self.replacement, source: $0) }
    }
    return takeScalars(isEnd: true)
  }
}

struct ByteLevelState: DecoderState {
  private var token: [DecodedScalar] = []
  private var pending = PendingBytes()

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    token.append(contentsOf: chunk.scalars)
    guard chunk.endsToken else { return [] }
    takeToken()
    return [
      DecodedChunk(
        scalars: pending.takeScalars(isEnd: false), endsToken: false, source: chunk.source)
    ]
  }

  mutating func finish() -> [DecodedChunk] {
    takeToken()
    return [DecodedChunk(scalars: pending.takeScalars(isEnd: true), endsToken: true, source: 0)]
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
  private var hasPending = false

  mutating func push(_ chunk: DecodedChunk) -> [DecodedChunk] {
    token.append(contentsOf: chunk.scalars)
    guard chunk.endsToken else { return [] }
    defer { token.removeAll(keepingCapacity: true) }
    if let byte = Self.byte(of: token), let last = token.last {
      pending.append(byte, source: last.source)
      hasPending = true
      return []
    }
    return takePending() + [DecodedChunk(scalars: token, endsToken: true, source: chunk.source)]
  }

  mutating func finish() -> [DecodedChunk] { takePending() }

  private mutating func takePending() -> [DecodedChunk] {
    guard hasPending else { return [] }
    hasPending = false
    return [DecodedChunk(scalars: pending.takeAllOrNothing(), endsToken: true, source: 0)]
  }

  /// The byte of a token `<0x0A>`.
  private static func byte(of token: [DecodedScalar]) -> UInt8? {
    guard token.count == 6, token.allSatisfy({ $0.scalar < 0x80 }) else { return nil }
    let text = token.string
    guard text.hasPrefix("<0x"), text.hasSuffix(">"), !text.contains("-") else { return nil }
    return UInt8(text.dropFirst(3).dropLast(), radix: 16)
  }
}
