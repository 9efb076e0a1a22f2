/// A set of Unicode scalars as sorted ranges that neither overlap nor touch: what a regular
/// expression's classes are computed with before matching.
struct ScalarSet: Equatable, Sendable {
  /// One more than the highest code point.
  static let limit: UInt32 = 0x110000

  private(set) var ranges: [Range<UInt32>] = []

  init() {}

  init(_ scalar: UInt32) { ranges = [scalar..<scalar + 1] }

  init(_ range: ClosedRange<UInt32>) { ranges = [range.lowerBound..<range.upperBound + 1] }

  /// Any ranges, in any order.
  init(_ unordered: [Range<UInt32>]) {
    for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  var inverted: ScalarSet {
    var gaps: [Range<UInt32>] = []
    var end: UInt32 = 0
    for range in ranges {
      gaps.append(end..<range.lowerBound)
      end = range.upperBound
    }
    gaps.append(end..<Self.limit)
    return ScalarSet(gaps)
  }

  func intersection(_ other: ScalarSet) -> ScalarSet {
    inverted.union(other.inverted).inverted
  }

  func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }
}
