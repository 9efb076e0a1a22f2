/// How the lines of methods are told apart.
struct LineStyle {
  /// As SVG and CSS write it.
  let color: String
  /// SVG's `stroke-dasharray`; empty for a whole line.
  let dashes: String
  /// The same as CSS's `border-style`.
  let border: String

  // Distinguishable by most colour-blind readers (Okabe and Ito 2008).
  private static let colors = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]
  private static let patterns = [("", "solid"), ("7 3", "dashed"), ("2 3", "dotted")]

  /// The style of the method with this number, from 0; 21 differ.
  init(_ index: Int) {
    color = Self.colors[index % Self.colors.count]
    (dashes, border) = Self.patterns[index / Self.colors.count % Self.patterns.count]
  }
}
