/// The merges of a byte-pair encoding: pairs of ids to their rank and the id they become.
struct MergeTable: Sendable {
  struct Merge {
    /// Place in the list of merges; lower goes first.
    var rank: Int32
    /// The id of the joined token.
    var id: Int32
  }

  private struct Slot {
    var pair: UInt64
    var merge: Merge
  }

  private static let free = Merge(rank: -1, id: -1)
  private var slots: [Slot]
  private(set) var count = 0

  init(capacity: Int) {
    var slotCount = 16
    while slotCount < capacity * 2 { slotCount *= 2 }
    slots = [Slot](repeating: Slot(pair: 0, merge: Self.free), count: slotCount)
  }

  @inline(__always)
  private func slot(_ pair: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: ByteHash.hash(pair)) & mask
    while slots[slot].merge.rank >= 0, slots[slot].pair != pair { slot = (slot + 1) & mask }
    return slot
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Sets a pair's merge; of a pair that stands twice the later one counts, as in the reference
  /// implementation. At most `capacity` pairs fit.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    let place = slot(pair)
    if slots[place].merge.rank < 0 { count += 1 }
    slots[place] = Slot(pair: pair, merge: merge)
  }

  /// The merge of a pair, `nil` where there is none.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge? {
    let merge = slots[slot(Self.pair(left, right))].merge
    return merge.rank < 0 ? nil : merge
  }
}
