/// Named dots with vertical intervals as SVG, each with its label beside it where there is room.
struct ScatterPlot {
  struct Item {
    let name: String
    let color: String
    /// Where the dot and its label stand.
    let center: (x: Double, y: Double)
    /// The ends of the vertical line through the dot.
    let interval: (low: Double, high: Double)
    /// What the dot is the mean of; drawn faintly where there are several.
    let points: [(x: Double, y: Double)]
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let items: [Item]

  var svg: String {
    guard !items.isEmpty else { return "<p>\(escaped(title)): no data</p>" }
    let points = items.flatMap { [$0.center] + $0.points }
    let frame = PlotFrame(
      title: title, xLabel: xLabel, yLabel: yLabel, x: Axis(points.map(\.x), includesZero: false),
      y: Axis(
        points.map(\.y) + items.flatMap { [$0.interval.low, $0.interval.high] }, includesZero: false
      ),
      size: (760, 440))
    let dots = items.flatMap { item in mark(item, frame) }
    return frame.svg(dots + labels(frame))
  }

  private func mark(_ item: Item, _ frame: PlotFrame) -> [String] {
    let x = PlotFrame.fixed(frame.px(item.center.x))
    let interval =
      "<line stroke=\"\(item.color)\" stroke-opacity=\"0.5\" x1=\"\(x)\" x2=\"\(x)\" "
      + "y1=\"\(PlotFrame.fixed(frame.py(item.interval.low)))\" "
      + "y2=\"\(PlotFrame.fixed(frame.py(item.interval.high)))\"/>"
    let faint =
      item.points.count > 1 ? item.points.map { circle($0, 2, item, opacity: 0.5, frame) } : []
    return [interval] + faint + [circle(item.center, 4.5, item, opacity: 1, frame)]
  }

  private func circle(
    _ point: (x: Double, y: Double), _ radius: Double, _ item: Item, opacity: Double,
    _ frame: PlotFrame
  ) -> String {
    "<circle cx=\"\(PlotFrame.fixed(frame.px(point.x)))\" cy=\"\(PlotFrame.fixed(frame.py(point.y)))\" "
      + "r=\"\(radius)\" fill=\"\(item.color)\" fill-opacity=\"\(opacity)\">"
      + "<title>\(escaped(item.name))</title></circle>"
  }

  /// Labels right of their dots, or left where the frame ends; from the top, each is moved down until it
  /// is free of dots and of those before it, and a thin line leads back to its dot.
  private func labels(_ frame: PlotFrame) -> [String] {
    let lineHeight = 12.0
    var taken: [(left: Double, right: Double, y: Double)] = items.map {
      let x = frame.px($0.center.x)
      return (x - 5, x + 5, frame.py($0.center.y) + 4)
    }
    return items.sorted { $0.center.y > $1.center.y }.flatMap { item in
      let (x, y) = (frame.px(item.center.x), frame.py(item.center.y))
      let width = Double(item.name.count) * 6
      let isRight = x + 24 + width < frame.size.width
      let left = isRight ? x + 12 : x - 12 - width
      var place = y + 4
      while taken.contains(where: {
        $0.left < left + width && left < $0.right && abs($0.y - place) < lineHeight
      }) {
        place += 2
      }
      taken.append((left, left + width, place))
      let anchor = isRight ? left - 2 : left + width + 2
      let leader =
        "<line stroke=\"\(item.color)\" stroke-width=\"0.6\" x1=\"\(PlotFrame.fixed(x))\" "
        + "y1=\"\(PlotFrame.fixed(y))\" x2=\"\(PlotFrame.fixed(anchor))\" "
        + "y2=\"\(PlotFrame.fixed(place - 4))\"/>"
      return [
        leader,
        PlotFrame.text(isRight ? left : left + width, place, item.name, isRight ? "start" : "end"),
      ]
    }
  }
}
