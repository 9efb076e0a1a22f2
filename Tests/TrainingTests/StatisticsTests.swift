import Testing

@testable import Training

@Suite struct StatisticsTests {
  @Test func wilsonsIntervalAtHandValues() {
    // n = 10, p = 0.5, z = 1.96: centre 0.5, half width z sqrt(n p q + z^2 / 4) / (n + z^2).
    let half = Interval.share(5, of: 10)
    #expect(half.value == 0.5)
    #expect(abs(half.low - 0.236593) < 1e-6)
    #expect(abs(half.high - 0.763407) < 1e-6)
    // For no success the upper bound is z^2 / (n + z^2).
    let none = Interval.share(0, of: 10)
    #expect(none.value == 0)
    #expect(none.low == 0)
    #expect(abs(none.high - 3.841459 / 13.841459) < 1e-6)
    let all = Interval.share(10, of: 10)
    #expect(abs(all.low - 10 / 13.841459) < 1e-6)
    #expect(abs(all.high - 1) < 1e-12)
    #expect(Interval.share(0, of: 0) == Interval(value: 0, low: 0, high: 1))
  }

  @Test func meansHaveTheNormalInterval() {
    let interval = Interval.mean([1, 2, 3, 4])
    #expect(interval.value == 2.5)
    // The sample deviation is sqrt(5/3).
    let half = 1.959964 * (5.0 / 3).squareRoot() / 2
    #expect(abs(interval.low - (2.5 - half)) < 1e-6)
    #expect(abs(interval.high - (2.5 + half)) < 1e-6)
    #expect(Interval.mean([7]) == Interval(value: 7, low: 7, high: 7))
    #expect(Interval.mean([3, 3, 3]) == Interval(value: 3, low: 3, high: 3))
  }

  @Test(arguments: [
    (1, 12.706205), (2, 4.302653), (10, 2.228139), (11, 2.200985), (20, 2.085963), (100, 1.983972),
  ])
  func studentsQuantilesAreThePublishedOnes(degrees: Int, quantile: Double) {
    #expect(abs(Interval.studentQuantile(degrees: degrees) - quantile) < 2e-4)
  }

  @Test func fewSamplesHaveStudentsInterval() {
    // The sample deviation is 1; three samples have two degrees of freedom.
    let interval = Interval.studentMean([1, 2, 3])
    let half = 4.302653 / 3.0.squareRoot()
    #expect(abs(interval.low - (2 - half)) < 1e-4)
    #expect(abs(interval.high - (2 + half)) < 1e-4)
    #expect(Interval.studentMean([7]) == Interval(value: 7, low: 7, high: 7))
  }

  @Test(arguments: [
    (4, 0, 2, 0.0), (4, 4, 1, 1.0), (4, 3, 2, 1.0), (4, 1, 1, 0.25), (4, 1, 2, 0.5),
    (4, 2, 2, 5.0 / 6), (10, 3, 4, 1 - 35.0 / 210), (5, 5, 5, 1.0), (200, 100, 1, 0.5),
  ])
  func passAtKIsOneMinusTheShareOfWrongDraws(samples: Int, correct: Int, k: Int, chance: Double) {
    #expect(abs(passAtK(samples: samples, correct: correct, k: k) - chance) < 1e-12)
  }
}

@Suite struct ProblemOrderTests {
  @Test(arguments: [1, 2, 7, 100]) func everyPassTakesEveryProblemOnce(count: Int) {
    let order = ProblemOrder(count: count, seed: 3)
    let passes = (0..<4).map { order.indices(from: $0 * count, count: count) }
    for pass in passes { #expect(pass.sorted() == Array(0..<count)) }
    if count == 100 { #expect(Set(passes).count == 4) }
  }

  @Test func chunksAreCutsOfOneSequence() {
    let order = ProblemOrder(count: 7, seed: 3)
    let whole = order.indices(from: 0, count: 40)
    for size in [1, 3, 8, 20] {
      let parts = stride(from: 0, to: 40, by: size).flatMap {
        order.indices(from: $0, count: min(size, 40 - $0))
      }
      #expect(parts == whole)
    }
    #expect(ProblemOrder(count: 7, seed: 4).indices(from: 0, count: 40) != whole)
  }

  @Test func noPlaceIsFavoured() {
    var counts = [[Int]](repeating: [0, 0, 0], count: 3)
    let passes = 3000
    for (position, problem) in ProblemOrder(count: 3, seed: 8).indices(from: 0, count: 3 * passes)
      .enumerated()
    { counts[position % 3][problem] += 1 }
    // Five deviations of a binomial count with 3000 trials of 1/3.
    #expect(counts.joined().allSatisfy { abs($0 - passes / 3) < 130 })
  }
}
