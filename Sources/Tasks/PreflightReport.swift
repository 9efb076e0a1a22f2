/// What a look at a data set before training shows.
public struct PreflightReport: Sendable, Equatable {
  /// How lengths are spread.
  public struct Lengths: Sendable, Equatable {
    /// One bar of the histogram.
    public struct Bar: Sendable, Equatable {
      /// The lengths it counts.
      public let range: Range<Int>
      /// How many prompts have one of them.
      public let count: Int
    }

    /// The number of bars, at most.
    static let bars = 8

    /// The shortest.
    public let minimum: Int
    /// Half are no longer.
    public let median: Int
    /// 95 of 100 are no longer.
    public let percentile95: Int
    /// The longest.
    public let maximum: Int
    /// Bars of equal width from the shortest to the longest.
    public let histogram: [Bar]

    /// The spread of `lengths`, of which there is at least one.
    init(_ lengths: [Int]) {
      let sorted = lengths.sorted()
      minimum = sorted[0]
      maximum = sorted[sorted.count - 1]
      median = sorted[(sorted.count - 1) / 2]
      percentile95 = sorted[(sorted.count * 95 + 99) / 100 - 1]
      let width = (maximum - minimum) / Self.bars + 1
      var counts = [Int](repeating: 0, count: (maximum - minimum) / width + 1)
      for length in lengths { counts[(length - minimum) / width] += 1 }
      let start = minimum
      histogram = counts.enumerated().map { index, count in
        Bar(range: (start + index * width)..<(start + (index + 1) * width), count: count)
      }
    }
  }

  /// No more unparseable gold answers than this are listed.
  static let listed = 10

  /// The number of problems.
  public let rows: Int
  /// How many gold answers cannot be parsed: no completion of theirs is ever right.
  public let unparseableGolds: Int
  /// The first ten problems with such an answer, by line, or by id where they have no line.
  public let unparseableExamples: [String]
  /// The prompts' lengths in characters.
  public let promptCharacters: Lengths
  /// The prompts' lengths in tokens, where a tokenizer was given.
  public let promptTokens: Lengths?
  /// The first prompt as the model sees it.
  public let firstPrompt: String

  /// Looks at `problems`; nil when there is none.
  ///
  /// - Parameters:
  ///   - render: The prompt as the model sees it; nil for the task's prompt without a chat template.
  ///   - tokenCount: The number of tokens of a rendered prompt.
  public init?(
    problems: [Problem], task: any ReasoningTask, render: ((Problem) throws -> String)? = nil,
    tokenCount: ((String) throws -> Int)? = nil
  ) rethrows {
    guard !problems.isEmpty else { return nil }
    let prompts = try problems.map { try render?($0) ?? task.prompt(for: $0) }
    let unparseable = problems.filter { !task.goldIsParseable($0) }
    rows = problems.count
    unparseableGolds = unparseable.count
    unparseableExamples = unparseable.prefix(Self.listed).map { problem in
      let place = problem.line.map { "line \($0)" } ?? problem.id
      return "\(place): \"\(problem.answer.prefix(40))\""
    }
    promptCharacters = Lengths(prompts.map(\.count))
    promptTokens = try tokenCount.map { count in Lengths(try prompts.map(count)) }
    firstPrompt = prompts[0]
  }
}

extension PreflightReport: CustomStringConvertible {
  /// The report for people.
  public var description: String {
    var lines = ["\(rows) problems", "prompt characters: \(promptCharacters)"]
    if let promptTokens { lines.append("prompt tokens: \(promptTokens)") }
    if unparseableGolds > 0 {
      let more = unparseableGolds > Self.listed ? ", ..." : ""
      lines.append(
        "\(unparseableGolds) gold answers cannot be parsed and are never scored right: "
          + unparseableExamples.joined(separator: ", ") + more)
    }
    lines.append("first prompt:\n" + firstPrompt)
    return lines.joined(separator: "\n")
  }
}

extension PreflightReport.Lengths: CustomStringConvertible {
  /// The spread on one line and a bar on each further line.
  public var description: String {
    let width = 30
    let most = histogram.map(\.count).max() ?? 1
    let head = "\(minimum) to \(maximum), median \(median), 95 % up to \(percentile95)"
    let bars = histogram.map { bar in
      let marks = String(repeating: "#", count: (bar.count * width + most - 1) / most)
      return "  \(bar.range.lowerBound)-\(bar.range.upperBound - 1): \(bar.count) \(marks)"
    }
    return ([head] + bars).joined(separator: "\n")
  }
}
