/// Byte-pair encoding over bytes (GPT-2 and after) or over characters with bytes as the last resort
/// (Llama 2).
struct BytePairModel: Sendable {
  let vocabulary: Vocabulary
  let merges: MergeTable
  /// Per byte the id of its character in the byte alphabet, where words come as plain bytes; empty
  /// where they come as text.
  var byteIDs: [Int32] = []
  /// Per byte the id of `<0x00>` to `<0xFF>`, -1 where there is none; empty without byte fallback.
  var fallbackIDs: [Int32] = []
  /// -1 without unknown token: characters outside the vocabulary are then left out, as in the
  /// reference implementation.
  var unknownID: Int32 = -1
  /// Whether adjacent unknown characters become one token.
  var fusesUnknown = false
  /// Whether a word that is a token stays whole, whatever the merges would make of it.
  var ignoresMerges = false
  /// What every character but a word's first is looked up with.
  var continuingPrefix: [UInt8] = []
  /// What a word's last character is looked up with.
  var endOfWordSuffix: [UInt8] = []

  /// Appends the ids of a word that is not empty.
  func encode(_ word: UnsafeRawBufferPointer, _ merger: inout PairMerger, into ids: inout [Int]) {
    if ignoresMerges, let id = wholeWord(word) { return ids.append(id) }
    merger.symbols.removeAll(keepingCapacity: true)
    if byteIDs.isEmpty {
      appendCharacters(of: word, to: &merger.symbols)
    } else {
      for byte in word { merger.symbols.append(byteIDs[Int(byte)]) }
    }
    merger.mergeAll(merges)
    for id in merger.symbols { ids.append(Int(id)) }
  }

  private func wholeWord(_ word: UnsafeRawBufferPointer) -> Int? {
    let id: Int32
    if byteIDs.isEmpty {
      id = vocabulary.id(of: word)
    } else {
      var text: [UInt8] = []
      ByteAlphabet.append(word, to: &text)
      id = vocabulary.id(of: text)
    }
    return id < 0 ? nil : Int(id)
  }

  private func appendCharacters(of word: UnsafeRawBufferPointer, to symbols: inout [Int32]) {
    let isPlain = continuingPrefix.isEmpty && endOfWordSuffix.isEmpty
    var key: [UInt8] = []
    var hasPendingUnknown = false
    var position = 0
    while position < word.count {
      let end = min(position + UTF8Scalars.length(first: word[position]), word.count)
      let character = UnsafeRawBufferPointer(rebasing: word[position..<end])
      var id: Int32
      if isPlain {
        id = vocabulary.id(of: character)
      } else {
        key.removeAll(keepingCapacity: true)
        if position > 0 { key.append(contentsOf: continuingPrefix) }
        key.append(contentsOf: character)
        if end == word.count { key.append(contentsOf: endOfWordSuffix) }
        id = vocabulary.id(of: key)
      }
      position = end
      if id >= 0 {
        if hasPendingUnknown { symbols.append(unknownID) }
        hasPendingUnknown = false
        symbols.append(id)
      } else if isPlain
        ? appendBytes(character, to: &symbols)
        : key.withUnsafeBytes({ appendBytes($0, to: &symbols) })
      {
        // An unknown before these bytes is written after them, as in the reference implementation.
        continue
      } else if unknownID >= 0 {
        if hasPendingUnknown, !fusesUnknown { symbols.append(unknownID) }
        hasPendingUnknown = true
      }
    }
    if hasPendingUnknown { symbols.append(unknownID) }
  }

  /// Appends the tokens of a character's bytes if every one of them has a token.
  private func appendBytes(_ bytes: UnsafeRawBufferPointer, to symbols: inout [Int32]) -> Bool {
    guard !fallbackIDs.isEmpty, bytes.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) else {
      return false
    }
    for byte in bytes { symbols.append(fallbackIDs[Int(byte)]) }
    return true
  }
}
