/// A seeded random generator whose numbers are the same on every machine and Swift version, and
/// whose state can be saved.
///
/// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number Generators",
/// OOPSLA 2014. The functions below do not use the standard library's `shuffled(using:)` or
/// `random(in:using:)`: what those draw may change from one version to the next.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// The whole state; equal states give equal numbers from there on.
  public private(set) var state: UInt64

  /// Odd, and close to 2^64 divided by the golden ratio (Steele et al., section 3).
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The generator of `seed`.
  public init(seed: UInt64) { state = seed }

  /// The generator of `seed` for one named purpose, so that what one purpose draws does not move
  /// what another draws.
  ///
  /// The label enters by its 64-bit FNV-1a hash, mixed once so that near seeds give unrelated states.
  public init(seed: UInt64, label: String) {
    var mixer = SplitMix64(seed: seed)
    state = mixer.next() ^ Self.fnv1a(label)
    state = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= Self.increment
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A whole number in `0..<bound`, each equally likely.
  ///
  /// D. Lemire, "Fast Random Integer Generation in an Interval", 2019.
  ///
  /// - Precondition: `bound` is positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "the bound \(bound) is not positive")
    let width = UInt64(bound)
    var product = next().multipliedFullWidth(by: width)
    if product.low < width {
      let rejected = (0 &- width) % width
      while product.low < rejected { product = next().multipliedFullWidth(by: width) }
    }
    return Int(product.high)
  }

  /// A whole number of `range`, each equally likely.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.count)
  }

  /// One of `elements`, each equally likely.
  ///
  /// - Precondition: there is one.
  public mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }

  /// A number in [0, 1) with 53 random bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Puts `elements` in random order (Fisher-Yates, from the end).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }

  /// `elements` in random order.
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    shuffle(&result)
    return result
  }

  /// `count` different numbers of `0..<bound` in increasing order, every set equally likely; all of them
  /// when there are no more. Takes time by `count`, not by `bound`.
  ///
  /// R. W. Floyd, in J. Bentley, "Programming Pearls: A Sample of Brilliance", 1987.
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    guard count < bound else { return Array(0..<max(bound, 0)) }
    var chosen: Set<Int> = []
    for last in (bound - max(count, 0))..<bound {
      let candidate = integer(below: last + 1)
      chosen.insert(chosen.contains(candidate) ? last : candidate)
    }
    return chosen.sorted()
  }

  /// FNV-1a, 64 bits, of the UTF-8 bytes (G. Fowler, L. C. Noll, K.-P. Vo).
  private static func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}
