/// The model of a tokenizer: a word to ids.
enum TokenModel: Sendable {
  case bytePair(BytePairModel)
  case unigram(UnigramModel)
  case wordLevel(WordLevelModel)
  case wordPiece(WordPieceModel)

  var vocabulary: Vocabulary {
    switch self {
    case .bytePair(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    case .wordLevel(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    }
  }

  /// Appends the ids of the pieces.
  func encode(_ pieces: Pieces, _ workspace: Workspace, into ids: inout [Int]) {
    pieces.bytes.withUnsafeBytes { bytes in
      switch self {
      case .wordLevel(let model):
        for range in pieces.ranges {
          ids.append(model.id(of: UnsafeRawBufferPointer(rebasing: bytes[range])))
        }
      case .bytePair(let model):
        for range in pieces.ranges {
          let word = UnsafeRawBufferPointer(rebasing: bytes[range])
          Self.remembering(word, workspace.cache, &ids) { ids in
            model.encode(word, &workspace.merger, into: &ids)
          }
        }
      case .unigram(let model):
        for range in pieces.ranges {
          let word = UnsafeRawBufferPointer(rebasing: bytes[range])
          Self.remembering(word, workspace.cache, &ids) { ids in
            model.encode(word, &workspace.lattice, into: &ids)
          }
        }
      case .wordPiece(let model):
        for range in pieces.ranges {
          let word = UnsafeRawBufferPointer(rebasing: bytes[range])
          Self.remembering(word, workspace.cache, &ids) { ids in model.encode(word, into: &ids) }
        }
      }
    }
  }

  @inline(__always)
  private static func remembering(
    _ word: UnsafeRawBufferPointer, _ cache: WordCache, _ ids: inout [Int],
    _ encode: (inout [Int]) -> Void
  ) {
    guard word.count <= WordCache.maximumWordLength else { return encode(&ids) }
    let hash = ByteHash.hash(word)
    if cache.append(word, hash: hash, to: &ids) { return }
    let start = ids.count
    encode(&ids)
    cache.insert(word, hash: hash, ids: ids[start...])
  }
}

/// Words that are tokens as they stand.
struct WordLevelModel: Sendable {
  let vocabulary: Vocabulary
  let unknownID: Int

  func id(of word: UnsafeRawBufferPointer) -> Int {
    let id = vocabulary.id(of: word)
    return id < 0 ? unknownID : Int(id)
  }
}

/// BERT's WordPiece: the longest token first, from left to right (Wu et al. 2016; Devlin et al.
/// 2019).
struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  let unknownID: Int
  /// What the tokens of a word begin with, save its first.
  let continuingPrefix: [UInt8]
  /// Words of more scalars are unknown as a whole.
  let maximumWordLength: Int

  func encode(_ word: UnsafeRawBufferPointer, into ids: inout [Int]) {
    let scalarCount = word.count { $0 & 0xC0 != 0x80 }
    guard scalarCount <= maximumWordLength else { return ids.append(unknownID) }
    let firstID = ids.count
    var key: [UInt8] = []
    var start = 0
    while start < word.count {
      var end = word.count
      var found: Int32 = -1
      while start < end {
        key.removeAll(keepingCapacity: true)
        if start > 0 { key.append(contentsOf: continuingPrefix) }
        key.append(contentsOf: word[start..<end])
        found = vocabulary.id(of: key)
        if found >= 0 { break }
        end -= 1
        while end > start, word[end] & 0xC0 == 0x80 { end -= 1 }
      }
      guard found >= 0 else {
        ids.removeSubrange(firstID...)
        ids.append(unknownID)
        return
      }
      ids.append(Int(found))
      start = end
    }
  }
}
