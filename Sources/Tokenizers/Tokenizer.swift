import Foundation

/// A Hugging Face tokenizer (`tokenizer.json`): text to ids and back.
///
/// The ids are those of the reference implementation (the library `tokenizers`, version 0.23); a
/// file that asks for a part that is not implemented is refused when it is loaded. Truncation and
/// padding that a file may ask for are not applied. One tokenizer may be used by many threads.
///
/// One departure: an added token that is looked for in normalized text is decoded as the file
/// writes it, and left out if it is special. Version 0.23 decodes it as normalized, and then no
/// longer knows it as special.
///
/// ```swift
/// let tokenizer = try Tokenizer(folder: URL(filePath: "Qwen2.5-0.5B"))
/// let ids = tokenizer.encode("2 + 2 = ")
/// let text = tokenizer.decode(ids)
/// ```
public final class Tokenizer: Sendable {
  /// The highest id + 1, added tokens included: the least number of rows an embedding needs.
  public let vocabularySize: Int
  /// The id of `bos_token` of `tokenizer_config.json` or `special_tokens_map.json`.
  public let bosTokenID: Int?
  /// The id of `eos_token` of `tokenizer_config.json` or `special_tokens_map.json`.
  public let eosTokenID: Int?
  /// The id of `pad_token` of `tokenizer_config.json` or `special_tokens_map.json`.
  public let padTokenID: Int?

  let model: TokenModel
  let normalizers: [Normalizer]
  let preTokenizers: [PreTokenizer]
  let postProcessor: PostProcessor
  let decoderSteps: [DecoderStep]
  let addedTokens: AddedTokens
  /// Of added tokens in the text as given.
  private let givenMatcher: AddedTokenMatcher
  /// Of added tokens in the normalized text.
  private let normalizedMatcher: AddedTokenMatcher
  private let workspaces = WorkspacePool()

  init(_ parts: TokenizerParts) {
    model = parts.model
    normalizers = parts.normalizers
    preTokenizers = parts.preTokenizers
    postProcessor = parts.postProcessor
    decoderSteps = parts.decoderSteps
    addedTokens = parts.addedTokens
    bosTokenID = parts.bosTokenID
    eosTokenID = parts.eosTokenID
    padTokenID = parts.padTokenID
    vocabularySize = max(parts.model.vocabulary.idLimit, parts.addedTokens.idLimit)
    // Special tokens go first: of equal texts the first counts.
    let tokens =
      parts.addedTokens.all.filter(\.special) + parts.addedTokens.all.filter { !$0.special }
    givenMatcher = AddedTokenMatcher(
      tokens.filter { !$0.normalized }.map { ($0, Array($0.content.utf8)) })
    normalizedMatcher = AddedTokenMatcher(
      tokens.filter(\.normalized).map { token in
        var text = Array(token.content.utf8)
        for normalizer in parts.normalizers { normalizer.apply(to: &text) }
        return (token, text)
      })
  }

  /// The ids of a text.
  ///
  /// - Parameter addSpecialTokens: whether the tokenizer's post-processor adds its tokens (a
  ///   beginning of text, say). Special tokens that stand in the text are found either way.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> [Int] {
    var text = text
    let ids = text.withUTF8 { bytes in
      workspaces.withWorkspace { workspace in
        var ids: [Int] = []
        // English text has some four bytes a token.
        ids.reserveCapacity(bytes.count / 3 + 8)
        encode(bytes, workspace, into: &ids)
        return ids
      }
    }
    return addSpecialTokens ? postProcessor.apply(to: ids) : ids
  }

  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ workspace: Workspace, into ids: inout [Int]
  ) {
    guard !givenMatcher.isEmpty else {
      return encodeText(Array(bytes), startsText: true, workspace, into: &ids)
    }
    for segment in givenMatcher.segments(of: bytes) {
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let range):
        encodeText(
          Array(bytes[range]), startsText: range.lowerBound == 0, workspace, into: &ids)
      }
    }
  }

  /// Encodes text between added tokens that are found before normalization.
  private func encodeText(
    _ text: [UInt8], startsText: Bool, _ workspace: Workspace, into ids: inout [Int]
  ) {
    guard !text.isEmpty else { return }
    var text = text
    for normalizer in normalizers { normalizer.apply(to: &text) }
    guard !normalizedMatcher.isEmpty else {
      return encodePieces(Pieces(bytes: text, startsText: startsText), workspace, into: &ids)
    }
    text.withUnsafeBufferPointer { bytes in
      for segment in normalizedMatcher.segments(of: bytes) {
        switch segment {
        case .token(let id): ids.append(id)
        case .text(let range):
          let starts = startsText && range.lowerBound == 0
          let pieces = Pieces(bytes: Array(bytes[range]), startsText: starts)
          encodePieces(pieces, workspace, into: &ids)
        }
      }
    }
  }

  private func encodePieces(_ pieces: Pieces, _ workspace: Workspace, into ids: inout [Int]) {
    var pieces = pieces
    for preTokenizer in preTokenizers { preTokenizer.apply(to: &pieces) }
    model.encode(pieces, workspace, into: &ids)
  }

  /// The id of a token as it stands in the vocabulary (`"Ġthe"` in a byte-level one).
  public func id(of token: String) -> Int? {
    addedTokens.token(content: Array(token.utf8))?.id ?? model.vocabulary.id(of: token)
  }

  /// The token of an id as it stands in the vocabulary.
  public func token(of id: Int) -> String? {
    addedTokens.token(id: id)?.content ?? model.vocabulary.token(of: id)
  }

  /// Whether the id is that of a special token, which decoding leaves out on demand.
  public func isSpecial(_ id: Int) -> Bool { addedTokens.token(id: id)?.special ?? false }
}
