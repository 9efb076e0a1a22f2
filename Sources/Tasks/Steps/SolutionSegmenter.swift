import Settings

/// How a solution is cut into steps.
public enum Segmentation: Sendable, Hashable {
  /// After sentences and lines; not inside mathematics, after abbreviations, or after enumerators.
  case sentence
  /// After line feeds.
  case newline
  /// After every so many tokens, at least 1.
  case tokenChunk(Int)

  /// What users write for the three ways.
  public static let names = ["sentence", "newline", "token-chunk"]

  /// The way called `name`.
  ///
  /// - Throws: `SegmentationError` for an unknown name or chunks of less than one token.
  public init(named name: String, chunkTokens: Int) throws(SegmentationError) {
    switch name {
    case "sentence": self = .sentence
    case "newline": self = .newline
    case "token-chunk":
      guard chunkTokens >= 1 else {
        throw SegmentationError("found chunk-tokens \(chunkTokens), expected at least 1")
      }
      self = .tokenChunk(chunkTokens)
    default:
      let hint = nearestName(to: name, in: Self.names).map { "; the nearest is \($0)" } ?? ""
      throw SegmentationError(
        "found segmentation \"\(name)\", expected one of \(Self.names.joined(separator: ", "))"
          + hint)
    }
  }
}

/// A segmentation that is not there.
public struct SegmentationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The whole message.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A solution cut into steps. Offsets count Unicode scalars.
public struct SegmentedSolution: Sendable, Hashable {
  /// One step.
  public struct Step: Sendable, Hashable {
    /// The step without white space at its ends, never empty.
    public let text: String
    /// The stretch between two cuts that the text was trimmed from.
    public let segment: Range<Int>
    /// All characters that belong to the step: the segment, the blank segments after it, and for the
    /// first step the blank segments before it. The steps' ranges partition the solution.
    public let range: Range<Int>
  }

  /// The steps in order; none for a solution of white space alone.
  public let steps: [Step]

  /// The number of steps, the `n` of WS-GRPO's reward.
  public var count: Int { steps.count }

  /// For every token the index of the step in whose range its first character lies, from 0.
  ///
  /// A token that begins at or after the end of the text, such as an end token, belongs to the last
  /// step. A solution without steps counts as one step, as in WS-GRPO's reward.
  ///
  /// - Parameter starts: Where each token's first character stands, in Unicode scalars. Fastest when
  ///   they do not decrease.
  public func stepIndices(ofTokenStarts starts: [Int]) -> [Int] {
    guard !steps.isEmpty else { return starts.map { _ in 0 } }
    var step = 0
    return starts.map { start in
      while step + 1 < steps.count, start >= steps[step].range.upperBound { step += 1 }
      while step > 0, start < steps[step].range.lowerBound { step -= 1 }
      return step
    }
  }
}

/// Cuts solutions into steps. WS-GRPO (arXiv 2602.17025) works on "sentence-level" steps and does not
/// say how they are found; these rules are Laconic's.
///
/// Sentences end
/// - at a line feed;
/// - at `。`, `！` or `？`;
/// - at a run of `.`, `!` and `?`, when white space or the end follows;
///
/// the latter two with the closing quotes and brackets after them. A single full stop ends nothing
/// after an abbreviation (`e.g.`, `Fig.`, ...), nor after a number of up to three digits or a letter
/// that begins a step, as in a list. Within `$$...$$`, `\[...\]`, `\(...\)` and `$...$` on one line
/// nothing ends but lines, and not even those in the first two; an opener without its closer begins
/// nothing, and `$5 and $6` is no formula. A step is what stands between two ends without the white
/// space around it; blank stretches are no steps.
///
/// Time and memory are linear in the text's length.
public struct SolutionSegmenter: Sendable, Hashable {
  /// Where the cuts are.
  public let segmentation: Segmentation

  /// A segmenter.
  ///
  /// - Precondition: Chunks have at least one token.
  public init(_ segmentation: Segmentation = .sentence) {
    if case .tokenChunk(let size) = segmentation {
      precondition(size >= 1, "chunks of \(size) tokens")
    }
    self.segmentation = segmentation
  }

  /// Cuts `text` into steps.
  ///
  /// - Parameters:
  ///   - text: The solution.
  ///   - tokenStarts: Where each token's first character stands, in Unicode scalars, not decreasing.
  ///     Only token chunks need it: without tokens there is one chunk.
  public func segment(_ text: String, tokenStarts: [Int] = []) -> SegmentedSolution {
    let scalars = Array(text.unicodeScalars)
    let cuts: [Int]
    switch segmentation {
    case .sentence:
      var scanner = SentenceScanner(scalars)
      cuts = scanner.cuts()
    case .newline:
      cuts = scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
    case .tokenChunk(let size):
      cuts = stride(from: size, to: tokenStarts.count, by: size).map { tokenStarts[$0] }
    }
    return Self.steps(of: scalars, cuts: cuts)
  }

  /// Whether a step may end in or right after a piece of a text; false says that none does.
  ///
  /// - Parameter piece: what a token decodes to by itself, with U+FFFD for parts of characters.
  public func canEnd(in piece: String) -> Bool {
    switch segmentation {
    case .sentence: piece.unicodeScalars.contains { "\n.!?。！？\u{FFFD}".unicodeScalars.contains($0) }
    case .newline: piece.unicodeScalars.contains { $0 == "\n" || $0 == "\u{FFFD}" }
    case .tokenChunk: true
    }
  }

  private static func steps(of scalars: [Unicode.Scalar], cuts: [Int]) -> SegmentedSolution {
    var segments: [(text: String, segment: Range<Int>)] = []
    var start = 0
    for cut in cuts + [scalars.count] where cut > start && cut <= scalars.count {
      let text = trimmed(scalars[start..<cut])
      if !text.isEmpty { segments.append((text, start..<cut)) }
      start = cut
    }
    let steps = segments.indices.map { index in
      let lower = index == 0 ? 0 : segments[index].segment.lowerBound
      let next = index + 1
      let upper = next < segments.count ? segments[next].segment.lowerBound : scalars.count
      return SegmentedSolution.Step(
        text: segments[index].text, segment: segments[index].segment, range: lower..<upper)
    }
    return SegmentedSolution(steps: steps)
  }

  private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var slice = scalars.drop(while: \.isSegmentationWhitespace)
    while slice.last?.isSegmentationWhitespace == true { slice.removeLast() }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: slice)
    return String(view)
  }
}

extension Unicode.Scalar {
  /// Space, tab, line feed, carriage return, vertical tab, form feed, no-break space.
  var isSegmentationWhitespace: Bool {
    switch self {
    case " ", "\t"..."\r", "\u{A0}": true
    default: false
    }
  }
}
