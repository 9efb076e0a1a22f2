import Testing
import struct Tasks.SplitMix64

@testable import Tokenizers

@Suite struct PairMergerTests {
  /// Sennrich's algorithm as it is written: look for the best pair, join it, again.
  private func mergedByHand(_ symbols: [Int32], _ merges: [[Int32]: MergeTable.Merge]) -> [Int32] {
    var symbols = symbols
    while true {
      var best: (place: Int, merge: MergeTable.Merge)?
      for place in symbols.indices.dropLast() {
        guard let merge = merges[[symbols[place], symbols[place + 1]]] else { continue }
        if best.map({ merge.rank < $0.merge.rank }) ?? true { best = (place, merge) }
      }
      guard let best else { return symbols }
      symbols.replaceSubrange(best.place...best.place + 1, with: [best.merge.id])
    }
  }

  /// A table of random merges over a few letters whose joined tokens are told apart by their
  /// text, as in a vocabulary.
  private func randomMerges(
    _ generator: inout SplitMix64
  ) -> (table: MergeTable, merges: [[Int32]: MergeTable.Merge]) {
    var texts = ["a", "b", "c"]
    var merges: [[Int32]: MergeTable.Merge] = [:]
    var table = MergeTable(capacity: 40)
    for rank in 0..<Int32(30) {
      let left = Int.random(in: 0..<texts.count, using: &generator)
      let right = Int.random(in: 0..<texts.count, using: &generator)
      let joined = texts[left] + texts[right]
      guard joined.count < 12, merges[[Int32(left), Int32(right)]] == nil else { continue }
      let id = texts.firstIndex(of: joined) ?? texts.count
      if id == texts.count { texts.append(joined) }
      let merge = MergeTable.Merge(rank: rank, id: Int32(id))
      merges[[Int32(left), Int32(right)]] = merge
      table.insert(Int32(left), Int32(right), merge)
    }
    return (table, merges)
  }

  @Test(arguments: [0...12, 45...52, 100...400])
  func agreesWithTheAlgorithm(lengths: ClosedRange<Int>) {
    var generator = SplitMix64(seed: 7)
    var merger = PairMerger()
    for _ in 0..<60 {
      let (table, merges) = randomMerges(&generator)
      let count = Int.random(in: lengths, using: &generator)
      let symbols = (0..<count).map { _ in Int32.random(in: 0..<3, using: &generator) }
      merger.symbols = symbols
      merger.mergeAll(table)
      #expect(merger.symbols == mergedByHand(symbols, merges))
    }
  }

  @Test func laterOfEqualPairsCounts() {
    var table = MergeTable(capacity: 2)
    table.insert(1, 2, .init(rank: 0, id: 3))
    table.insert(1, 2, .init(rank: 5, id: 4))
    #expect(table.count == 1)
    #expect(table.merge(1, 2)?.rank == 5 && table.merge(1, 2)?.id == 4)
    #expect(table.merge(2, 1) == nil)
  }

  @Test func cacheForgetsWhenFull() {
    let cache = WordCache()
    func word(_ number: Int) -> [UInt8] { Array("word\(number)".utf8) }
    func recall(_ number: Int) -> [Int]? {
      var ids: [Int] = []
      let found = word(number).withUnsafeBytes {
        cache.append($0, hash: ByteHash.hash($0), to: &ids)
      }
      return found ? ids : nil
    }
    for number in 0...WordCache.maximumCount {
      word(number).withUnsafeBytes {
        cache.insert($0, hash: ByteHash.hash($0), ids: [number, number + 1][...])
      }
    }
    #expect(cache.count == 1)
    #expect(recall(WordCache.maximumCount) == [65_536, 65_537])
    #expect(recall(0) == nil)
  }
}
