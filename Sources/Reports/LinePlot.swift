/// A line plot as SVG.
struct LinePlot {
  struct Series {
    let name: String
    let style: LineStyle
    let points: [(x: Double, y: Double)]
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]
  var startsAtZero = false

  var svg: String {
    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return "<p>\(escaped(title)): no data</p>" }
    let frame = PlotFrame(
      title: title, xLabel: xLabel, yLabel: yLabel, x: Axis(points.map(\.x), includesZero: false),
      y: Axis(points.map(\.y), includesZero: startsAtZero), size: (560, 320))
    return frame.svg(
      series.map { line in
        // A line of one point is a dot.
        let points = line.points.count == 1 ? line.points + line.points : line.points
        let path = points.map {
          "\(PlotFrame.fixed(frame.px($0.x))),\(PlotFrame.fixed(frame.py($0.y)))"
        }
        return
          "<polyline fill=\"none\" stroke=\"\(line.style.color)\" stroke-width=\"2\" stroke-linecap=\"round\" "
          + (line.style.dashes.isEmpty ? "" : "stroke-dasharray=\"\(line.style.dashes)\" ")
          + "points=\"\(path.joined(separator: " "))\"><title>\(escaped(line.name))</title></polyline>"
      })
  }
}
