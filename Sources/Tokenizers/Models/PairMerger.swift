/// Joins the symbols of a word, always the pair of the lowest rank and of these the leftmost
/// (byte-pair encoding, Sennrich et al. 2016, algorithm 1), until no pair has a merge.
struct PairMerger {
  /// Up to this many symbols looking through all pairs is faster than a heap.
  private static let scanLimit = 48

  /// The symbols, in place.
  var symbols: [Int32] = []
  /// Of the pair that begins at a symbol: its rank, or `noRank`, and what it becomes.
  private var ranks: [Int32] = []
  private var joined: [Int32] = []
  private var previous: [Int32] = []
  private var following: [Int32] = []
  /// A binary heap of rank << 32 | position, smallest first.
  private var heap: [UInt64] = []

  private static let noRank = Int32.max
  private static let removed: Int32 = -1

  /// Merges `symbols`.
  mutating func mergeAll(_ merges: MergeTable) {
    guard symbols.count > 1 else { return }
    ranks.removeAll(keepingCapacity: true)
    joined.removeAll(keepingCapacity: true)
    for index in symbols.indices {
      let merge =
        index + 1 < symbols.count ? merges.merge(symbols[index], symbols[index + 1]) : nil
      ranks.append(merge?.rank ?? Self.noRank)
      joined.append(merge?.id ?? Self.removed)
    }
    if symbols.count <= Self.scanLimit { scan(merges) } else { mergeByHeap(merges) }
  }

  private mutating func setPair(at index: Int, _ merge: MergeTable.Merge?) {
    ranks[index] = merge?.rank ?? Self.noRank
    joined[index] = merge?.id ?? Self.removed
  }

  private mutating func scan(_ merges: MergeTable) {
    while true {
      var best = Self.noRank
      var place = -1
      for index in ranks.indices where ranks[index] < best {
        best = ranks[index]
        place = index
      }
      guard place >= 0 else { return }
      symbols[place] = joined[place]
      symbols.remove(at: place + 1)
      ranks.remove(at: place + 1)
      joined.remove(at: place + 1)
      let hasRight = place + 1 < symbols.count
      setPair(at: place, hasRight ? merges.merge(symbols[place], symbols[place + 1]) : nil)
      if place > 0 { setPair(at: place - 1, merges.merge(symbols[place - 1], symbols[place])) }
    }
  }

  private mutating func mergeByHeap(_ merges: MergeTable) {
    let count = symbols.count
    previous.removeAll(keepingCapacity: true)
    following.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      previous.append(Int32(index - 1))
      following.append(index + 1 < count ? Int32(index + 1) : Self.removed)
      push(index)
    }
    while let top = popSmallest() {
      let place = Int(top & 0xFFFF_FFFF)
      // A pair that has changed since was pushed anew with its own rank.
      guard ranks[place] == Int32(truncatingIfNeeded: top >> 32) else { continue }
      let right = Int(following[place])
      symbols[place] = joined[place]
      symbols[right] = Self.removed
      ranks[right] = Self.noRank
      following[place] = following[right]
      let next = Int(following[place])
      if next >= 0 { previous[next] = Int32(place) }
      setPair(at: place, next >= 0 ? merges.merge(symbols[place], symbols[next]) : nil)
      push(place)
      let before = Int(previous[place])
      if before >= 0 {
        setPair(at: before, merges.merge(symbols[before], symbols[place]))
        push(before)
      }
    }
    symbols.removeAll { $0 == Self.removed }
  }

  private mutating func push(_ place: Int) {
    guard ranks[place] != Self.noRank else { return }
    heap.append(UInt64(UInt32(bitPattern: ranks[place])) << 32 | UInt64(place))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func popSmallest() -> UInt64? {
    guard let smallest = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return smallest
  }
}
