import Foundation

/// The frame of a plot as SVG: title, grid, ticks, labels, and where values lie in it.
struct PlotFrame {
  let title: String
  let xLabel: String
  let yLabel: String
  let x: Axis
  let y: Axis
  let size: (width: Double, height: Double)

  private static let margin = (left: 56.0, right: 16.0, top: 34.0, bottom: 44.0)

  func px(_ value: Double) -> Double {
    Self.margin.left + x.share(value) * (size.width - Self.margin.left - Self.margin.right)
  }

  func py(_ value: Double) -> Double {
    size.height - Self.margin.bottom
      - y.share(value) * (size.height - Self.margin.top - Self.margin.bottom)
  }

  /// The drawing with `content` inside.
  func svg(_ content: [String]) -> String {
    let (width, height) = size
    let m = Self.margin
    var out = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
      aria-label="\(escaped(title))" font-family="system-ui, sans-serif" font-size="11" fill="#444">
      <rect width="\(Int(width))" height="\(Int(height))" fill="#fafafa"/>
      <text x="\(Int(width / 2))" y="18" text-anchor="middle" font-size="13" font-weight="600">\
      \(escaped(title))</text>
      """
    ]
    for tick in y.ticks {
      out.append(
        "<line stroke=\"#e4e4e4\" x1=\"\(m.left)\" x2=\"\(width - m.right)\" "
          + "y1=\"\(Self.fixed(py(tick)))\" y2=\"\(Self.fixed(py(tick)))\"/>")
      out.append(Self.text(m.left - 6, py(tick) + 4, y.label(tick), "end"))
    }
    for tick in x.ticks {
      out.append(Self.text(px(tick), height - m.bottom + 16, x.label(tick), "middle"))
    }
    out.append(Self.text((width + m.left) / 2, height - 8, xLabel, "middle"))
    out.append(
      "<text text-anchor=\"middle\" transform=\"translate(14 \(height / 2)) rotate(-90)\">"
        + "\(escaped(yLabel))</text>")
    return (out + content + ["</svg>"]).joined(separator: "\n")
  }

  static func text(_ x: Double, _ y: Double, _ content: String, _ anchor: String) -> String {
    "<text x=\"\(fixed(x))\" y=\"\(fixed(y))\" text-anchor=\"\(anchor)\">\(escaped(content))</text>"
  }

  static func fixed(_ value: Double) -> String { String(format: "%.1f", value) }
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
