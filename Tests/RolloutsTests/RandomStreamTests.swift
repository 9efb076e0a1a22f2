import Testing

@testable import Rollouts

@Suite struct RandomStreamTests {
  @Test func uniformsFillTheHalfOpenUnitInterval() {
    let stream = RandomStream(seed: 5)
    let values = (0..<20_000).map { stream.uniform($0) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.map(Double.init).reduce(0, +) / Double(values.count)
    // The mean of n uniforms deviates by more than 5 / sqrt(12 n) once in two million seeds.
    #expect(abs(mean - 0.5) < 5 / (12 * Double(values.count)).squareRoot())
    var bins = [Int](repeating: 0, count: 10)
    for value in values { bins[Int(value * 10)] += 1 }
    #expect(bins.allSatisfy { abs($0 - 2000) < 5 * 43 })
  }

  @Test func aNumberDependsOnItsPositionAlone() {
    let stream = RandomStream(seed: 5)
    let forwards = (0..<50).map { stream.bits($0) }
    let backwards = (0..<50).reversed().map { RandomStream(seed: 5).bits($0) }
    #expect(forwards == backwards.reversed())
    #expect(Set(forwards).count == 50)
  }

  @Test func seedsAndSubstreamsDiffer() {
    let root = RandomStream(seed: 5)
    let streams =
      [root, RandomStream(seed: 6), root.substream(0).substream(0)]
      + (0..<20).map { root.substream($0) } + (0..<20).map { root.substream(7).substream($0) }
    let starts = streams.map { stream in (0..<4).map { stream.bits($0) } }
    #expect(Set(starts).count == streams.count)
    // A substream is no shifted copy of its parent.
    #expect(Set((0..<100).map { root.bits($0) }).isDisjoint(with: starts[2...].joined()))
  }

  @Test func substreamsOfOneStreamAreUncorrelated() {
    let root = RandomStream(seed: 9)
    let count = 10_000
    let products = (0..<count).map { index in
      let stream = root.substream(UInt64(index))
      return Double(stream.uniform(0) - 0.5) * Double(stream.uniform(1) - 0.5)
    }
    // The product of two independent uniforms around 0 has the deviation 1/12.
    let mean = products.reduce(0, +) / Double(count)
    #expect(abs(mean) < 5 / 12 / Double(count).squareRoot())
  }
}
