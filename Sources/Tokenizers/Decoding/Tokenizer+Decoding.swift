extension Tokenizer {
  /// The text of ids. Ids that are no token's are left out; bytes that are not UTF-8 become U+FFFD.
  ///
  /// - Parameter skipSpecialTokens: whether special tokens are left out of the text.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    if case .byteLevel? = decoderSteps.first, decoderSteps.count == 1 {
      return decodeBytes(ids, skipSpecialTokens: skipSpecialTokens)
    }
    return decodedScalars(ids, skipSpecialTokens: skipSpecialTokens).string
  }

  /// Decodes token by token while ids are being made.
  public func streamDecoder(skipSpecialTokens: Bool = true) -> StreamDecoder {
    StreamDecoder(self, skipSpecialTokens: skipSpecialTokens)
  }

  /// The text of ids and where in it each token begins.
  ///
  /// - Returns: the text, as `decode` gives it, and for every id the offset in Unicode scalars of
  ///   the token's first character: of the character that its first byte belongs to, if a
  ///   character's bytes lie in several tokens; and the place reached so far for a token that
  ///   gives no text. Offsets never decrease; they lie in `0...text.unicodeScalars.count`.
  public func tokenStarts(
    of ids: [Int], skipSpecialTokens: Bool
  ) -> (text: String, starts: [Int]) {
    let text = decodedScalars(ids, skipSpecialTokens: skipSpecialTokens)
    var starts: [Int] = []
    starts.reserveCapacity(ids.count)
    var offset = 0
    for index in ids.indices {
      while offset < text.count, Int(text[offset].source) < index { offset += 1 }
      starts.append(offset)
    }
    return (text.string, starts)
  }

  private func decodedScalars(_ ids: [Int], skipSpecialTokens: Bool) -> [DecodedScalar] {
    var decoder = streamDecoder(skipSpecialTokens: skipSpecialTokens)
    return decoder.scalars(appending: ids) + decoder.finishingScalars()
  }

  /// The UTF-8 of the token that decoding sees, `nil` for what it leaves out.
  func decodedUTF8(of id: Int, skipSpecialTokens: Bool) -> ArraySlice<UInt8>? {
    if let added = addedTokens.token(id: id) {
      return added.special && skipSpecialTokens ? nil : Array(added.content.utf8)[...]
    }
    return model.vocabulary.utf8(of: id)
  }

  private func decodeBytes(_ ids: [Int], skipSpecialTokens: Bool) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count * 5)
    for id in ids {
      guard let token = decodedUTF8(of: id, skipSpecialTokens: skipSpecialTokens) else { continue }
      token.withUnsafeBufferPointer { ByteAlphabet.appendBytes(ofToken: $0, to: &bytes) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Decodes ids one by one. What `append` and `finish` give, joined, is what `Tokenizer.decode`
/// gives for all ids; no piece ends inside a Unicode scalar.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipSpecialTokens: Bool
  private var pipeline: DecoderPipeline
  private var count = 0

  init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
    pipeline = DecoderPipeline(tokenizer.decoderSteps)
  }

  /// The text that is certain with this id; empty while it ends inside a character.
  public mutating func append(_ id: Int) -> String { scalars(appending: [id]).string }

  /// The text that was held back, at the end of the ids.
  public mutating func finish() -> String { finishingScalars().string }

  mutating func scalars(appending ids: [Int]) -> [DecodedScalar] {
    var tokens: [DecodedScalar] = []
    // Tokens have some five characters and an end.
    tokens.reserveCapacity(ids.count * 6)
    for id in ids {
      if let token = tokenizer.decodedUTF8(of: id, skipSpecialTokens: skipSpecialTokens) {
        tokens.append(utf8: token, source: Int32(count))
        tokens.append(.end(of: Int32(count)))
      }
      count += 1
    }
    return pipeline.push(tokens)
  }

  mutating func finishingScalars() -> [DecodedScalar] { pipeline.finish() }
}
