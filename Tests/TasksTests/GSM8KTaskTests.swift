import Foundation
import Testing

@testable import Tasks

@Suite struct GSM8KTaskTests {
  private let task = GSM8KTask()

  private func isRight(_ completion: String, _ gold: String) -> Bool {
    task.verify(completion: completion, problem: Problem(id: "p", prompt: "q", answer: gold))
      .correct
  }

  @Test(arguments: [
    // the data set's mark, with what models put around it
    ("So 9 * 2 = 18.\n#### 18", "18"), ("####18", "18"), ("#### $1,234.50", "1234.50"),
    ("#### -5", "-5"), ("#### −5", "-5"), ("#### **18** dollars", "18"), ("#### 75%", "75"),
    ("#### 18.", "18"), ("#### \\boxed{18}", "18"), ("#### $18$ apples", "18"),
    ("#### 7\nWait, no.\n#### 8", "8"), ("#### 7\n#### unknown", "7"), ("#### .5", "0.5"),
    ("#### 1e3", "1e3"), ("##### 4", "4"), ("#### 3/4", "3/4"), ("#### £12", "12"),
    // Markdown headings are no answers
    ("#### 2. Add the costs\nThe sum is 31", "31"), ("#### Step 2\nSo the answer is 9.", "9"),
    // boxes
    ("Thus \\boxed{42} and 7", "42"), ("\\boxed{1} then \\boxed{2}. 5", "2"),
    ("\\boxed{\\text{costs } \\$1{,}000}", "1000"), ("\\boxed{x = 12}", "12"),
    ("\\boxed{3 + 4 = 7}", "7"), ("\\boxed{\\frac{3}{4}}", "3/4"), ("\\boxed{9} \\boxed{10", "9"),
    ("\\boxed{25\\text{ cm}^2}", "25"), ("\\boxed{-\\dfrac{1}{2}}", "-1/2"),
    // words
    ("The answer is 18. She has 3 left", "18"), ("Answer: 18\nChecked 2 ways", "18"),
    ("**Final Answer:** $18 per day (2 eggs)", "18"), ("The answer is:\n\n$$18$$\n\nbye 4", "18"),
    ("answer is 5 + 3 = 8 of 9", "8"), ("The answer equals 1,000,000 in 3 years", "1000000"),
    ("the answer as a percentage: 2 / 8 wearers\nA: 25", "25"), ("the answers are 4 and 5", "4"),
    ("the answer is not known. 12", "12"),
    // the last number
    ("16 - 3 = <<16-3=13>>13 eggs", "13"), ("she has 10-5", "5"), ("x2 is 6 cm^2", "6"),
    ("A: 18", "18"), ("it is -3", "-3"), ("$-3", "-3"), ("-$3", "-3"), ("(-3)", "-3"),
    ("on 5/6/2020", "2020"), ("1,2,3", "3"), ("12,34", "34"), ("3.14.15", "15"), ("0.50", "0.50"),
  ])
  func findsTheStatedAnswer(completion: String, answer: String) {
    #expect(task.extractAnswer(completion) == answer)
  }

  @Test(arguments: ["", "no number", "####", "\\boxed{", "the answer is", "x2 y^3", "½", "..,,$%"])
  func findsNoAnswerWhereThereIsNone(completion: String) {
    #expect(task.extractAnswer(completion) == nil)
    let verdict = task.verify(
      completion: completion, problem: Problem(id: "p", prompt: "q", answer: "0"))
    #expect(!verdict.correct)
    #expect(verdict.reason == "the completion states no number")
  }

  @Test func comparesDecimalsExactly() {
    for (completion, gold) in [
      ("18.0", "18"), ("18.00", "18.0"), ("1,000", "1000"), ("$1000.", "1,000"), ("007", "7"),
      ("-0", "0"), ("0.50", ".5"), ("1/2", "0.5"), ("2/4", "1/2"), ("1e2", "100"), ("50%", "50"),
      ("100000000000000000000000000000000001", "100000000000000000000000000000000001.0"),
    ] {
      #expect(isRight(completion, gold), "\(completion) and \(gold)")
    }
    for (completion, gold) in [
      ("18.01", "18"), ("-18", "18"), ("1.000", "1000"), ("1/3", "0.3333"), ("3/4", "4"),
      ("100000000000000000000000000000000001", "100000000000000000000000000000000002"),
      ("0.1", "0.10000000000000000000001"), ("180", "18"),
    ] {
      #expect(!isRight(completion, gold), "\(completion) and \(gold)")
    }
  }

  @Test(arguments: ["", "five", "3 or 4", "none 5", "####", "$", "1/0 or so"])
  func anUnparseableGoldIsNeverRight(gold: String) {
    let problem = Problem(id: "p", prompt: "q", answer: gold)
    #expect(!task.goldIsParseable(problem))
    for completion in ["", gold, "#### \(gold)", "5", "3", "0"] {
      let verdict = task.verify(completion: completion, problem: problem)
      #expect(!verdict.correct && verdict.score == 0)
      #expect(verdict.reason.contains("is not a number"))
    }
  }

  @Test func readsTheDataSetsRows() throws {
    let row =
      #"{"question":"How much?","answer":"2*600 = <<2*600=1200>>1200.\n#### 1,200","source":"x"}"#
    let problem = try withFile(row) { try task.problems(from: $0) }[0]
    #expect(problem.prompt == "How much?")
    #expect(problem.answer == "1200")
    #expect(problem.solution?.hasSuffix("#### 1,200") == true)
    #expect(problem.metadata == ["source": "x"])
    #expect(task.prompt(for: problem).hasPrefix("How much?\n"))
    #expect(task.verify(completion: problem.solution ?? "", problem: problem).correct)

    let bare = try withFile("{\"question\":\"q\",\"answer\":12}") { try task.problems(from: $0) }[0]
    #expect(bare.answer == "12" && bare.solution == nil)
    let unit = try withFile("{\"question\":\"q\",\"answer\":\"#### 12 dollars\"}") {
      try task.problems(from: $0)
    }[0]
    #expect(unit.answer == "12")
  }

  @Test func verdictsSayWhy() {
    let problem = Problem(id: "p", prompt: "q", answer: "1000")
    let right = task.verify(completion: "#### 1,000", problem: problem)
    #expect(
      right
        == Verdict(
          correct: true, extracted: "1000", gold: "1000", reason: "1000 equals 1000", score: 1))
    let wrong = task.verify(completion: "#### 999", problem: problem)
    #expect(
      wrong
        == Verdict(
          correct: false, extracted: "999", gold: "1000", reason: "999 is not 1000", score: 0))
  }
}
