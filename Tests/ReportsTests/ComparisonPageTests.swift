import Foundation
import Testing
import Training

#if canImport(FoundationXML)
  import FoundationXML
#endif

@testable import Reports

@Suite struct ComparisonPageTests {
  private func report(_ result: MethodComparison) -> ComparisonReport {
    ComparisonReport(result, title: "A <title> & more", command: "laconic demo --output \"x\"")
  }

  private func page(_ result: MethodComparison) -> String {
    report(result).html
  }

  @Test func textIsEscaped() {
    let html = page(comparison())
    #expect(html.contains("<h1>A &lt;title&gt; &amp; more</h1>"))
    #expect(html.contains("laconic demo --output &quot;x&quot;"))
    #expect(html.contains("ws&lt;&amp;&quot;grpo&quot;&gt;"))
    #expect(!html.contains("ws<&"))
    #expect(!html.contains("<title> &"))
  }

  @Test func itStandsAlone() {
    // The namespace of a drawing is a name; nothing is fetched from there.
    let html = page(comparison()).replacing("xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for reference in ["<script", "<link", "http:", "https:", "@import", "url(", " src="] {
      #expect(!html.contains(reference), "\(reference)")
    }
  }

  @Test func everyPlotIsOneWellFormedDrawing() throws {
    let parts = try drawings(page(comparison(seeds: [0, 1])))
    #expect(parts.count == 5)
    for part in parts.dropFirst() {
      let reader = DrawingReader()
      let parser = XMLParser(data: Data(part.utf8))
      parser.delegate = reader
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      // Two methods at two seeds, each a line that says whose it is.
      #expect(reader.counts["polyline"] == 4)
      #expect(reader.lineNames == ["grpo", "ws<&\"grpo\">", "grpo", "ws<&\"grpo\">"])
      #expect(reader.points.allSatisfy { (0...560).contains($0.x) && (0...320).contains($0.y) })
      #expect(reader.points.count >= 8)
    }
  }

  @Test func everyMethodIsAPointOfAccuracyAndLength() throws {
    let plot = report(comparison(seeds: [0, 1])).plot
    let reader = DrawingReader()
    let parser = XMLParser(data: Data(plot.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    // The base model, two methods, and two seeds of each.
    #expect(reader.counts["circle"] == 7)
    #expect(reader.counts["polyline"] == nil)
    #expect(page(comparison(seeds: [0, 1])).contains(plot))
  }

  @Test func twentyOneLinesCanBeToldApart() {
    let styles = (0..<21).map { LineStyle($0) }
    #expect(Set(styles.map { "\($0.color) \($0.dashes)" }).count == 21)
    #expect(Set(styles.map { "\($0.color) \($0.border)" }).count == 21)
  }

  @Test func labelsOfCloseMethodsDoNotOverlap() throws {
    // Twelve methods at one place.
    let item = { (name: String) in
      ScatterPlot.Item(
        name: name, color: "#000000", center: (40, 0.5), interval: (0.4, 0.6), points: [])
    }
    let plot = ScatterPlot(
      title: "", xLabel: "", yLabel: "", items: (0..<12).map { item("method-\($0)") })
    let pattern = /<text x="([0-9.]+)" y="([0-9.]+)" text-anchor="(?:start|end)">method-/
    let heights = plot.svg.matches(of: pattern).compactMap { Double($0.output.2) }.sorted()
    #expect(heights.count == 12)
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 12 - 0.1 })
  }

  @Test func linesFollowTheFigures() throws {
    let parts = try drawings(page(comparison()))
    let reader = DrawingReader()
    let parser = XMLParser(data: Data(parts[1].utf8))
    parser.delegate = reader
    #expect(parser.parse())
    // grpo's held-out accuracy: 0.25 before training, then 0.4 and 0.5; up is a smaller y.
    let heights = reader.points.prefix(3).map(\.y)
    #expect(heights == heights.sorted(by: >))
    let ratio = (heights[0] - heights[1]) / (heights[0] - heights[2])
    #expect(abs(ratio - 0.6) < 0.01)
  }

  @Test func levelsHaveATableWhereThereAreSeveral() {
    #expect(!page(comparison(levels: [2])).contains("By difficulty"))
    let html = page(comparison(levels: [2, 4]))
    #expect(html.contains("<th>level 2</th><th>level 4</th>"))
    #expect(html.contains("<tr><td>grpo</td><td>0.250 / 40.0</td><td>0.125 / 40.0</td></tr>"))
    #expect(
      report(comparison(levels: [2, 4])).markdown.contains("| grpo | 0.250 / 40.0 | 0.125 / 40.0 |")
    )
  }

  private func drawings(_ html: String) throws -> [String] {
    html.split(separator: "<svg").dropFirst().compactMap { rest in
      rest.range(of: "</svg>").map { "<svg" + rest[..<$0.upperBound] }
    }
  }
}

/// What is drawn in an SVG.
private final class DrawingReader: NSObject, XMLParserDelegate {
  var counts: [String: Int] = [:]
  var points: [(x: Double, y: Double)] = []
  var lineNames: [String] = []
  private var isInLine = false
  private var isInTitle = false

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    counts[element, default: 0] += 1
    if element == "polyline" {
      isInLine = true
      for point in (attributes["points"] ?? "").split(separator: " ") {
        let numbers = point.split(separator: ",").compactMap { Double($0) }
        if numbers.count == 2 { points.append((numbers[0], numbers[1])) }
      }
    }
    if element == "title", isInLine {
      isInTitle = true
      lineNames.append("")
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if isInTitle { lineNames[lineNames.count - 1] += text }
  }

  func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    if element == "title" { isInTitle = false }
    if element == "polyline" { isInLine = false }
  }
}
