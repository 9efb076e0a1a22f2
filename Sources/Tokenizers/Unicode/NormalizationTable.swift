/// Decompositions, compositions and combining classes (UAX #15), of the Unicode version that the
/// reference implementation has.
struct NormalizationTable: Sendable {
  static let shared = NormalizationTable()

  private var scalars: [UInt32] = []
  private var canonical: [UInt32: Range<Int>] = [:]
  private var compatible: [UInt32: Range<Int>] = [:]
  private var composites: [UInt64: UInt32] = [:]
  private var combiningClasses: [UInt32: UInt8] = [:]

  // Hangul syllables are arithmetic (The Unicode Standard, 3.12).
  private static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
  private static let leading: ClosedRange<UInt32> = 0x1100...0x1112
  private static let vowels: ClosedRange<UInt32> = 0x1161...0x1175
  private static let trailing: ClosedRange<UInt32> = 0x11A8...0x11C2
  private static let trailingBase: UInt32 = 0x11A7
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  private init() {
    var again: [UInt32] = []
    PackedNumbers.read(NormalizationData.canonical) { numbers in
      var scalar: UInt32 = 0
      while let distance = numbers.next(), let length = numbers.next() {
        scalar += distance
        if length & 1 == 1 { again.append(scalar) }
        canonical[scalar] = readScalars(Int(length / 2), &numbers)
      }
    }
    PackedNumbers.read(NormalizationData.compatible) { numbers in
      var scalar: UInt32 = 0
      while let distance = numbers.next(), let length = numbers.next() {
        scalar += distance
        compatible[scalar] = readScalars(Int(length), &numbers)
      }
    }
    PackedNumbers.read(NormalizationData.combiningClasses) { numbers in
      var scalar: UInt32 = 0
      while let distance = numbers.next(), let length = numbers.next(), let order = numbers.next() {
        scalar += distance
        for _ in 0..<length {
          combiningClasses[scalar] = UInt8(order)
          scalar += 1
        }
      }
    }
    addComposites(again)
  }

  private mutating func readScalars(_ count: Int, _ numbers: inout PackedNumbers) -> Range<Int> {
    let start = scalars.count
    for _ in 0..<count { scalars.append(numbers.next() ?? 0) }
    return start..<scalars.count
  }

  /// A composite is made of its last scalar and of what the others compose to, so short
  /// decompositions go first.
  private mutating func addComposites(_ composed: [UInt32]) {
    let decompositions = composed.compactMap { scalar in
      canonical[scalar].map { (scalar: scalar, parts: scalars[$0]) }
    }
    for (scalar, parts) in decompositions.sorted(by: { $0.parts.count < $1.parts.count }) {
      guard let last = parts.last, var first = parts.first else { continue }
      for part in parts.dropFirst().dropLast() { first = composite(first, part) ?? first }
      composites[UInt64(first) << 32 | UInt64(last)] = scalar
    }
  }

  /// 0 for a starter.
  func combiningClass(of scalar: UInt32) -> UInt8 { combiningClasses[scalar] ?? 0 }

  /// What two adjacent scalars compose to.
  func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if Self.leading.contains(first), Self.vowels.contains(second) {
      let lead = first - Self.leading.lowerBound
      let vowel = second - Self.vowels.lowerBound
      return Self.syllables.lowerBound + (lead * Self.vowelCount + vowel) * Self.trailingCount
    }
    if Self.syllables.contains(first), Self.trailing.contains(second),
      (first - Self.syllables.lowerBound) % Self.trailingCount == 0
    {
      return first + (second - Self.trailingBase)
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }

  /// Appends the full decomposition of a scalar.
  func appendDecomposition(of scalar: UInt32, compatibly: Bool, to result: inout [UInt32]) {
    if Self.syllables.contains(scalar) {
      let index = scalar - Self.syllables.lowerBound
      let perLead = Self.vowelCount * Self.trailingCount
      result.append(Self.leading.lowerBound + index / perLead)
      result.append(Self.vowels.lowerBound + index % perLead / Self.trailingCount)
      let trail = index % Self.trailingCount
      if trail > 0 { result.append(Self.trailingBase + trail) }
    } else if compatibly, let range = compatible[scalar] {
      result.append(contentsOf: scalars[range])
    } else if let range = canonical[scalar] {
      result.append(contentsOf: scalars[range])
    } else {
      result.append(scalar)
    }
  }
}
