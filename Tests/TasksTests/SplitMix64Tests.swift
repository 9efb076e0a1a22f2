import Foundation
import Testing

@testable import Tasks

@Suite struct SplitMix64Tests {
  /// The first numbers for seed 1234567, as published with the reference code's ports (Rosetta Code,
  /// "Pseudo-random numbers/Splitmix64").
  @Test func givesTheReferenceNumbers() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func goesOnFromASavedState() throws {
    var generator = SplitMix64(seed: 7)
    _ = generator.next()
    var restored = try JSONDecoder().decode(
      SplitMix64.self, from: JSONEncoder().encode(generator))
    #expect(restored.next() == generator.next())
  }

  @Test func boundedIntegersAreUniform() {
    var generator = SplitMix64(seed: 3)
    var counts = [Int](repeating: 0, count: 6)
    let draws = 60_000
    for _ in 0..<draws { counts[generator.integer(below: 6)] += 1 }
    let expected = Double(draws) / 6
    let chiSquare = counts.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected }
    // 99.9 % point of chi-square with 5 degrees of freedom.
    #expect(chiSquare < 20.515)
    #expect((0..<100).allSatisfy { _ in generator.integer(below: 1) == 0 })
    #expect((0..<100).allSatisfy { _ in (0..<Int.max).contains(generator.integer(below: .max)) })
  }

  @Test func shufflesAreUniformPermutations() {
    var generator = SplitMix64(seed: 4)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 { counts[generator.shuffled([0, 1, 2, 3]), default: 0] += 1 }
    #expect(counts.count == 24)
    let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    // 99.9 % point of chi-square with 23 degrees of freedom.
    #expect(chiSquare < 49.728)
  }

  @Test func samplesAreSetsEquallyLikely() {
    var generator = SplitMix64(seed: 5)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<10_000 { counts[generator.sample(2, below: 5), default: 0] += 1 }
    #expect(counts.count == 10)
    #expect(counts.keys.allSatisfy { $0 == $0.sorted() && Set($0).count == 2 })
    let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    // 99.9 % point of chi-square with 9 degrees of freedom.
    #expect(chiSquare < 27.877)
    #expect(generator.sample(7, below: 3) == [0, 1, 2])
    #expect(generator.sample(0, below: 3).isEmpty)
    #expect(generator.sample(2, below: 0).isEmpty)
  }

  @Test func labelsGiveUnrelatedStreams() {
    var streams = ["a", "b", ""].flatMap { label in
      (0..<3).map { SplitMix64(seed: $0, label: label) }
    }
    let first = streams.indices.map { streams[$0].next() }
    #expect(Set(first).count == first.count)
  }

  @Test func unitNumbersLieInTheHalfOpenInterval() {
    var generator = SplitMix64(seed: 6)
    let numbers = (0..<10_000).map { _ in generator.unit() }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    let mean = numbers.reduce(0, +) / 10_000
    // Four standard errors of the mean of a uniform number.
    #expect(abs(mean - 0.5) < 4 * (1.0 / 12 / 10_000).squareRoot())
  }
}
