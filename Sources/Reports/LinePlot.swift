import Foundation

/// A line plot as SVG; a series of one point is a dot with its name.
struct LinePlot {
  struct Series {
    let name: String
    let color: String
    let points: [(x: Double, y: Double)]
    var isDashed = false
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]
  var startsAtZero = false

  private static let size = (width: 560.0, height: 320.0)
  private static let margin = (left: 56.0, right: 16.0, top: 34.0, bottom: 44.0)

  var svg: String {
    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return "<p>\(escaped(title)): no data</p>" }
    let x = Axis(points.map(\.x), includesZero: false)
    let y = Axis(points.map(\.y), includesZero: startsAtZero)
    let (width, height) = Self.size
    let m = Self.margin
    func px(_ value: Double) -> Double { m.left + x.share(value) * (width - m.left - m.right) }
    func py(_ value: Double) -> Double {
      height - m.bottom - y.share(value) * (height - m.top - m.bottom)
    }
    var out = [
      "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" aria-label=\"\(escaped(title))\">",
      text(width / 2, 18, title, "middle", "title"),
    ]
    for tick in y.ticks {
      out.append(
        "<line class=\"grid\" x1=\"\(m.left)\" x2=\"\(width - m.right)\" "
          + "y1=\"\(fixed(py(tick)))\" y2=\"\(fixed(py(tick)))\"/>")
      out.append(text(m.left - 6, py(tick) + 4, y.label(tick), "end", "tick"))
    }
    for tick in x.ticks {
      out.append(text(px(tick), height - m.bottom + 16, x.label(tick), "middle", "tick"))
    }
    out.append(text((width + m.left) / 2, height - 8, xLabel, "middle", "label"))
    out.append(
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 \(height / 2)) "
        + "rotate(-90)\">\(escaped(yLabel))</text>")
    for series in series where series.points.count == 1 {
      let (x, y) = (px(series.points[0].x), py(series.points[0].y))
      out.append(
        "<circle cx=\"\(fixed(x))\" cy=\"\(fixed(y))\" r=\"4\" fill=\"\(series.color)\">"
          + "<title>\(escaped(series.name))</title></circle>")
      let fits = x < width * 0.7
      out.append(text(x + (fits ? 7 : -7), y - 5, series.name, fits ? "start" : "end", "tick"))
    }
    for line in series where line.points.count > 1 {
      let path = line.points.map { "\(fixed(px($0.x))),\(fixed(py($0.y)))" }
        .joined(separator: " ")
      let dash = line.isDashed ? " stroke-dasharray=\"5 4\"" : ""
      out.append(
        "<polyline fill=\"none\" stroke=\"\(line.color)\" stroke-width=\"2\"\(dash) "
          + "points=\"\(path)\"><title>\(escaped(line.name))</title></polyline>")
    }
    out.append("</svg>")
    return out.joined(separator: "\n")
  }

  private func text(_ x: Double, _ y: Double, _ content: String, _ anchor: String, _ style: String)
    -> String
  {
    "<text class=\"\(style)\" x=\"\(fixed(x))\" y=\"\(fixed(y))\" text-anchor=\"\(anchor)\">"
      + "\(escaped(content))</text>"
  }

  private func fixed(_ value: Double) -> String { String(format: "%.1f", value) }
}

/// A range with round ticks.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  private let step: Double

  init(_ values: [Double], includesZero: Bool) {
    let least = min(values.min() ?? 0, includesZero ? 0 : .infinity)
    let greatest = values.max() ?? 1
    let span = greatest > least ? greatest - least : max(abs(greatest), 1) * 0.1
    // About five ticks at 1, 2 or 5 times a power of ten.
    let raw = span / 5
    let power = pow(10, floor(log10(raw)))
    step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? 10 * power
    low = floor(least / step) * step
    high = ceil((least + span) / step) * step
    ticks = Array(stride(from: low, through: high + step / 2, by: step))
  }

  func share(_ value: Double) -> Double { (value - low) / (high - low) }

  func label(_ value: Double) -> String {
    let digits = max(0, Int(-floor(log10(step) + 1e-9)))
    return String(format: "%.\(digits)f", value)
  }
}

/// Text for HTML and SVG.
func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
