import Foundation
import Testing

@testable import Tasks

/// How many times over random input is made; `make fuzz` sets more.
let fuzzRounds =
  ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1

/// Random input, bounded and the same in every run.
@Suite struct TasksFuzzTests {
  private static let fragments = [
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\", "\n", ".", "!", "?", " ", "\t", "\u{A0}", "e.g.",
    "Fig.", "1.", "a.", "#", "####", "\\boxed{", "}", "{", "\\frac{1}{", "2", "3,000", "-", "/",
    "answer is", "Answer:", "=", "\u{3002}", "\u{FF01}", "\"", ")", "é", "e\u{301}", "\r\n", "€",
    "9e9", "−", "%", "{,}", "*", "😀",
  ]

  private func randomText(_ generator: inout SplitMix64, pieces: Int) -> String {
    (0..<generator.integer(below: pieces)).map { _ in
      Self.fragments[generator.integer(below: Self.fragments.count)]
    }.joined()
  }

  @Test func segmentsPartitionAnyText() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<3000 * fuzzRounds {
      let text = randomText(&generator, pieces: 40)
      let scalars = Array(text.unicodeScalars)
      let starts = scalars.indices.filter { _ in generator.integer(below: 3) == 0 }
      for segmentation in [Segmentation.sentence, .newline, .tokenChunk(3)] {
        let solution = SolutionSegmenter(segmentation).segment(text, tokenStarts: starts)
        let isBlank = scalars.allSatisfy(\.isSegmentationWhitespace)
        #expect(solution.steps.isEmpty == isBlank)
        guard !isBlank else { continue }
        var position = 0
        for step in solution.steps {
          #expect(step.range.lowerBound == position)
          #expect(step.range.lowerBound <= step.segment.lowerBound)
          #expect(step.segment.upperBound <= step.range.upperBound)
          let outside =
            scalars[step.range.lowerBound..<step.segment.lowerBound]
            + scalars[step.segment.upperBound..<step.range.upperBound]
          #expect(outside.allSatisfy { $0.isSegmentationWhitespace })
          #expect(string(scalars[step.segment]).contains(step.text))
          #expect(!step.text.isEmpty)
          position = step.range.upperBound
        }
        #expect(position == scalars.count)
        #expect(solution.steps.map { string(scalars[$0.range]) }.joined() == text)
        let indices = solution.stepIndices(ofTokenStarts: starts)
        for (start, index) in zip(starts, indices) {
          #expect(solution.steps[index].range.contains(start))
        }
      }
    }
  }

  private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  @Test func anyCompletionHasAVerdict() throws {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<3000 * fuzzRounds {
      let completion = randomText(&generator, pieces: 40)
      let gold = randomText(&generator, pieces: 4)
      for task in TaskRegistry.all {
        let problem = Problem(id: "p", prompt: "1,2:3,4", answer: gold)
        let verdict = task.verify(completion: completion, problem: problem)
        #expect((0...1).contains(verdict.score))
        #expect(verdict.correct == (verdict.score == 1))
        #expect(!verdict.correct || task.goldIsParseable(problem))
        _ = task.extractAnswer(completion)
      }
    }
  }

  /// Texts on which a scanner that starts over at every opener takes quadratic time: fifty thousand
  /// characters would then keep it busy for minutes.
  @Test(
    arguments: [
      "$a ", "$$ ", "\\( ", "\\[ ", "\\boxed{", "answer is ", "#### ", "1,", "1/", "e.g. ", "a.",
      "...", "( ", "{", "\\frac{1}{", "\"", "1. ", "x1", "-", "\u{3002}\"",
    ])
  func adversarialTextsTakeLinearTime(piece: String) {
    let text = String(repeating: piece, count: 50_000 / piece.utf8.count)
    _ = SolutionSegmenter().segment(text)
    let problem = Problem(id: "p", prompt: "q", answer: "7")
    _ = GSM8KTask().verify(completion: text, problem: problem)
    #expect(JSONLinesTask().extractAnswer(text) != "7")
  }
}
