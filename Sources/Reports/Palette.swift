/// Colours of methods, distinguishable by most colour-blind readers (Okabe and Ito 2008).
enum Palette {
  private static let colors = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]

  static func color(_ index: Int) -> String { colors[index % colors.count] }
}
