/// Remembers the ids of words, so that the merges of a word are found once and not at every
/// occurrence. Not safe to share between threads; see `WorkspacePool`.
final class WordCache {
  /// Longer words rarely come twice.
  static let maximumWordLength = 128
  /// A full cache is emptied. A large corpus has some 60,000 distinct frequent words.
  static let maximumCount = 1 << 16

  private struct Slot {
    var hash: UInt64
    var wordStart: Int32
    var idsStart: Int32
    var wordLength: Int16
    /// -1 in a free slot.
    var idsCount: Int16
  }

  private static let free = Slot(hash: 0, wordStart: 0, idsStart: 0, wordLength: 0, idsCount: -1)
  private static let slotCount = maximumCount * 2
  private let slots: UnsafeMutablePointer<Slot>
  private var words: [UInt8] = []
  private var ids: [Int32] = []
  private(set) var count = 0

  init() {
    slots = .allocate(capacity: Self.slotCount)
    slots.initialize(repeating: Self.free, count: Self.slotCount)
  }

  deinit {
    slots.deallocate()
  }

  /// Appends the ids of a word that is remembered.
  @inline(__always)
  func append(
    _ word: UnsafeRawBufferPointer, hash: UInt64, to result: inout [Int]
  ) -> Bool {
    var place = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
    while true {
      let slot = slots[place]
      if slot.idsCount < 0 { return false }
      if slot.hash == hash, Int(slot.wordLength) == word.count,
        words.withUnsafeBytes({ ByteHash.equal($0.baseAddress, Int(slot.wordStart), word) })
      {
        let start = Int(slot.idsStart)
        for index in start..<start + Int(slot.idsCount) { result.append(Int(ids[index])) }
        return true
      }
      place = (place + 1) & (Self.slotCount - 1)
    }
  }

  /// Remembers a word of at most `maximumWordLength` bytes that is not there yet.
  func insert(_ word: UnsafeRawBufferPointer, hash: UInt64, ids wordIDs: ArraySlice<Int>) {
    guard wordIDs.count < Int(Int16.max) else { return }
    if count == Self.maximumCount { removeAll() }
    var place = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
    while slots[place].idsCount >= 0 { place = (place + 1) & (Self.slotCount - 1) }
    slots[place] = Slot(
      hash: hash, wordStart: Int32(words.count), idsStart: Int32(ids.count),
      wordLength: Int16(word.count), idsCount: Int16(wordIDs.count))
    words.append(contentsOf: word)
    ids.append(contentsOf: wordIDs.lazy.map { Int32($0) })
    count += 1
  }

  private func removeAll() {
    slots.update(repeating: Self.free, count: Self.slotCount)
    words.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    count = 0
  }
}
