/// A unigram language model over pieces (Kudo 2018, "Subword Regularization"): of all ways to cut a
/// word into pieces, the one with the highest sum of log-probabilities (Viterbi).
struct UnigramModel: Sendable {
  /// How much less likely than the least likely piece an unknown character is, in natural
  /// logarithms (`kUnkPenalty` of SentencePiece).
  private static let unknownPenalty = 10.0

  let vocabulary: Vocabulary
  private let trie: PieceTrie
  /// The log-probability of each id.
  private let scores: [Double]
  private let unknownID: Int32
  private let unknownScore: Double
  /// Per byte the id of `<0x00>` to `<0xFF>`, -1 where there is none; empty without byte fallback.
  private let fallbackIDs: [Int32]

  init(vocabulary: Vocabulary, scores: [Double], unknownID: Int, fallbackIDs: [Int32]) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknownID = Int32(unknownID)
    self.fallbackIDs = fallbackIDs
    trie = PieceTrie(vocabulary)
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
  }

  /// Appends the ids of a word that is not empty.
  func encode(
    _ word: UnsafeRawBufferPointer, _ lattice: inout UnigramLattice, into ids: inout [Int]
  ) {
    lattice.reset(length: word.count)
    var start = 0
    while start < word.count {
      let length = UTF8Scalars.length(first: word[start])
      let score = lattice.score(at: start)
      var isSingleKnown = false
      trie.forEachPrefix(of: word, from: start) { end, id in
        lattice.offer(score + scores[Int(id)], id, from: start, to: end)
        if end - start == length { isSingleKnown = true }
      }
      if !isSingleKnown {
        lattice.offer(score + unknownScore, unknownID, from: start, to: start + length)
      }
      start += length
    }
    appendPath(through: lattice, of: word, into: &ids)
  }

  /// Appends the best path's ids, runs of unknown pieces as one.
  private func appendPath(
    through lattice: UnigramLattice, of word: UnsafeRawBufferPointer, into ids: inout [Int]
  ) {
    let firstID = ids.count
    var end = word.count
    while end > 0 {
      let step = lattice.step(to: end)
      var start = Int(step.start)
      if step.id == unknownID {
        while start > 0, lattice.step(to: start).id == unknownID {
          start = Int(lattice.step(to: start).start)
        }
        appendReversedUnknown(UnsafeRawBufferPointer(rebasing: word[start..<end]), into: &ids)
      } else {
        ids.append(Int(step.id))
      }
      end = start
    }
    ids[firstID...].reverse()
  }

  /// A run of unknown pieces may be a token as a whole; its bytes may be tokens.
  private func appendReversedUnknown(_ run: UnsafeRawBufferPointer, into ids: inout [Int]) {
    let whole = vocabulary.id(of: run)
    if whole >= 0 {
      ids.append(Int(whole))
    } else if !fallbackIDs.isEmpty, run.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) {
      for byte in run.reversed() { ids.append(Int(fallbackIDs[Int(byte)])) }
    } else {
      ids.append(Int(unknownID))
    }
  }
}

/// The best way to each place of a word.
struct UnigramLattice {
  struct Step {
    var score: Double
    /// Where the last piece begins; -1 where no piece ends.
    var start: Int32
    var id: Int32
  }

  private static let unreached = Step(score: 0, start: -1, id: 0)
  private var steps: [Step] = []

  mutating func reset(length: Int) {
    steps.removeAll(keepingCapacity: true)
    steps.append(contentsOf: repeatElement(Self.unreached, count: length + 1))
  }

  @inline(__always)
  func score(at place: Int) -> Double { steps[place].score }

  @inline(__always)
  func step(to place: Int) -> Step { steps[place] }

  /// Takes a way if it is the first to its end, or likelier than the one there.
  @inline(__always)
  mutating func offer(_ score: Double, _ id: Int32, from start: Int, to end: Int) {
    guard steps[end].start < 0 || score > steps[end].score else { return }
    steps[end] = Step(score: score, start: Int32(truncatingIfNeeded: start), id: id)
  }
}
