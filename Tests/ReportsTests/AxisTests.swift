import Testing

@testable import Reports

@Suite struct AxisTests {
  @Test(arguments: [
    ([0.0, 100], [0.0, 20, 40, 60, 80, 100]), ([0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ([0.31, 0.58], [0.3, 0.4, 0.5, 0.6]), ([-3, 4], [-4, -2, 0, 2, 4]),
    ([17, 18_000], [0, 5000, 10000, 15000, 20000]),
  ])
  func ticksAreRoundAndSpanTheValues(values: [Double], ticks: [Double]) {
    let axis = Axis(values, includesZero: false)
    #expect(axis.ticks.count == ticks.count)
    #expect(zip(axis.ticks, ticks).allSatisfy { abs($0 - $1) < 1e-9 * max(1, abs($1)) })
  }

  @Test(arguments: [
    [0.0], [5], [-2, -2], [0.5, 0.5000001], [1e-9, 2e-9], [1e12, 3e12], [0.1, 0.35, 0.9],
  ])
  func everyValueLiesOnTheAxis(values: [Double]) {
    for includesZero in [false, true] {
      let axis = Axis(values, includesZero: includesZero)
      #expect(axis.low < axis.high)
      #expect((2...13).contains(axis.ticks.count), "\(axis.ticks)")
      #expect(values.allSatisfy { (-1e-9...1 + 1e-9).contains(axis.share($0)) })
      if includesZero { #expect(axis.low <= 0) }
    }
  }

  @Test func labelsHaveTheDigitsThatTicksDiffer() {
    #expect(Axis([0, 1], includesZero: false).label(0.4) == "0.4")
    #expect(Axis([0, 100], includesZero: false).label(40) == "40")
    #expect(Axis([0, 0.1], includesZero: false).label(0.02) == "0.02")
    let axis = Axis([0.501, 0.502], includesZero: false)
    #expect(Set(axis.ticks.map(axis.label)).count == axis.ticks.count)
  }

  @Test func onePointIsADot() {
    let plot = LinePlot(
      title: "", xLabel: "", yLabel: "",
      series: [.init(name: "one", style: LineStyle(0), points: [(1, 2)])])
    let points = plot.svg.firstMatch(of: /stroke-linecap="round" points="([^"]*)"/)?.output.1
    let ends = points?.split(separator: " ") ?? []
    #expect(ends.count == 2 && ends.first == ends.last)
  }

  @Test func noPointsAreSaidInWords() {
    let plot = LinePlot(title: "A <b>", xLabel: "x", yLabel: "y", series: [])
    #expect(plot.svg == "<p>A &lt;b&gt;: no data</p>")
  }
}
