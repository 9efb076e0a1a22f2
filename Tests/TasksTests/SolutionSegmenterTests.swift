import JSON
import Testing

@testable import Tasks

@Suite struct SolutionSegmenterTests {
  /// What cannot end a step anywhere leaves the text before it and itself one step.
  @Test func stepsEndOnlyWherePiecesSaySo() {
    let pieces = ["a", " ", "7", "(", "\"", "$x$", ")", ".", "!", "\n", "？", "b", "..", "\r", "é"]
    var random = SplitMix64(seed: 4)
    var (one, several) = (0, 0)
    for segmentation in [Segmentation.sentence, .newline] {
      let segmenter = SolutionSegmenter(segmentation)
      for _ in 0..<2000 {
        let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in
          pieces.randomElement(using: &random) ?? ""
        }
        // The last piece is what comes after an end.
        if text.dropLast().contains(where: segmenter.canEnd) {
          several += 1
        } else {
          one += 1
          #expect(segmenter.segment(text.joined()).count <= 1, "\(text)")
        }
      }
    }
    #expect(one > 200 && several > 200)
  }

  @Test func agreesWithEveryGoldenCase() throws {
    let cases = try GoldenCases.named("segmentation")
    #expect(!cases.isEmpty)
    for golden in cases {
      let config = try #require(golden["config"])
      let chunk = config["chunk-tokens"]?.int ?? 32
      let segmentation = try Segmentation(
        named: try #require(config["segmentation"]?.string), chunkTokens: chunk)
      let texts = try #require(golden["inputs"]?["texts"]?.array).compactMap(\.string)
      let expected = try #require(golden["expected"]?.object?.dictionary)
      let solutions = texts.map { SolutionSegmenter(segmentation).segment($0) }
      let steps = solutions.map { JSONValue.array($0.steps.map { .string($0.text) }) }
      let starts = solutions.map { JSONValue.array($0.steps.map { .int($0.segment.lowerBound) }) }
      for (key, value) in expected {
        switch key {
        case "steps": #expect(value == .array(steps))
        case "starts": #expect(value == .array(starts))
        case "counts": #expect(value == .array(solutions.map { .int($0.count) }))
        default: Issue.record("unknown expectation \(key)")
        }
      }
    }
  }

  private func texts(_ text: String, _ segmentation: Segmentation = .sentence) -> [String] {
    SolutionSegmenter(segmentation).segment(text).steps.map(\.text)
  }

  @Test func abbreviationsAndEnumeratorsEndNothing() {
    #expect(texts("Mr. Lee (cf. Fig. 2) has 3. So 4.") == ["Mr. Lee (cf. Fig. 2) has 3.", "So 4."])
    #expect(texts("A. First. B. Next.") == ["A. First.", "B. Next."])
    #expect(texts("- **12. Add** them. So 12. No.") == ["- **12. Add** them.", "So 12.", "No."])
    #expect(texts("1234. Too long to number a step.").count == 2)
    #expect(texts("Is it (i.e.) so. Yes") == ["Is it (i.e.) so.", "Yes"])
  }

  @Test func runsAndClosersStayWithTheirSentence() {
    #expect(
      texts("He said \u{201C}no.\u{201D} Then (why?!) We go...") == [
        "He said \u{201C}no.\u{201D}", "Then (why?!)", "We go...",
      ])
    #expect(texts("Version 2.5.1 is out. v3.x") == ["Version 2.5.1 is out.", "v3.x"])
    #expect(texts("好\u{FF01}\u{201D}是\u{FF1F}不") == ["好\u{FF01}\u{201D}", "是\u{FF1F}", "不"])
    #expect(texts("End.\u{A0}Next.\tThen") == ["End.", "Next.", "Then"])
  }

  @Test func formulasAreWhole() {
    #expect(texts("So $a. b$ holds. Yes") == ["So $a. b$ holds.", "Yes"])
    #expect(texts("Costs $5. and $6. Done") == ["Costs $5.", "and $6.", "Done"])
    #expect(texts("Open $x. y\nz$ end") == ["Open $x.", "y", "z$ end"])
    #expect(texts("\\(a. b\nc. d\\) e") == ["\\(a. b", "c. d\\) e"])
    #expect(texts("$$a.\nb. c$$ d. e") == ["$$a.\nb. c$$ d.", "e"])
    #expect(texts("\\$5. x$ y. z$") == ["\\$5.", "x$ y.", "z$"])
    #expect(texts("\\[ a. b") == ["\\[ a.", "b"])
    #expect(texts("a\\. b\\\nc") == ["a\\.", "b\\", "c"])
  }

  @Test func blankSegmentsBelongToANeighbour() {
    let solution = SolutionSegmenter().segment("\n\n One. \n\nTwo.\n ")
    #expect(solution.steps.map(\.text) == ["One.", "Two."])
    #expect(solution.steps.map(\.segment) == [2..<7, 10..<14])
    #expect(solution.steps.map(\.range) == [0..<10, 10..<16])
  }

  @Test func tokensBelongToTheStepOfTheirFirstCharacter() {
    let solution = SolutionSegmenter().segment("One. Two.\n\nThree")
    // "One", ".", " Two", ".", "\n", "\n", "Th", "ree", end
    let starts = [0, 3, 4, 8, 9, 10, 11, 13, 16]
    #expect(solution.stepIndices(ofTokenStarts: starts) == [0, 0, 1, 1, 1, 1, 2, 2, 2])
    #expect(solution.stepIndices(ofTokenStarts: [13, 0, 9]) == [2, 0, 1])
    let blank = SolutionSegmenter().segment(" \n")
    #expect(blank.count == 0)
    #expect(blank.stepIndices(ofTokenStarts: [0, 1]) == [0, 0])
  }

  @Test func offsetsCountUnicodeScalars() {
    // A flag is one character of two scalars, e with a combining accent likewise.
    let solution = SolutionSegmenter().segment("\u{1F1E9}\u{1F1EA}. e\u{301}. z")
    #expect(solution.steps.map(\.segment) == [0..<3, 3..<7, 7..<9])
  }

  @Test func tokenChunksHoldAFixedNumberOfTokens() throws {
    let text = "aa bb cc dd e"
    let starts = [0, 2, 5, 8, 11]
    let solution = SolutionSegmenter(.tokenChunk(2)).segment(text, tokenStarts: starts)
    #expect(solution.steps.map(\.text) == ["aa bb", "cc dd", "e"])
    #expect(solution.stepIndices(ofTokenStarts: starts) == [0, 0, 1, 1, 2])
    #expect(SolutionSegmenter(.tokenChunk(9)).segment(text, tokenStarts: starts).count == 1)
  }

  @Test func namesAreChecked() {
    #expect(throws: SegmentationError.self) { try Segmentation(named: "sentense", chunkTokens: 1) }
    #expect(throws: SegmentationError.self) {
      try Segmentation(named: "token-chunk", chunkTokens: 0)
    }
    do {
      _ = try Segmentation(named: "sentense", chunkTokens: 1)
    } catch {
      #expect(error.description.contains("the nearest is sentence"))
    }
  }
}
