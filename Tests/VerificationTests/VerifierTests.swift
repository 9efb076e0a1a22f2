import Testing
import Verification

struct VerifierTests {
  private func isCorrect(_ gold: String, _ answer: String) -> Bool {
    Verifier().verify(gold: gold, answer: answer).correct
  }

  @Test(arguments: [
    "", "   ", "\\frac{1}{", "$\\frac{1}{$", "\\boxed{}", "$$", "2+", "(1, 2", "\\sqrt", "{", "\\{",
    "\\begin{pmatrix} 1", "\\begin{pmatrix} 1 & 2 \\\\ 3 \\end{pmatrix}", "1 + * 2", "\\left(",
    "[5)",
    "\\frac", "^2", "\\boxed{\\frac{1}}",
  ])
  func whatCannotBeReadIsNeverRight(gold: String) {
    let result = Verifier().verify(gold: gold, answer: gold)
    #expect(!result.correct, "\(result)")
    #expect(!GoldAnswer(gold).isReadable)
    #expect(result.reason.contains("gold answer"))
    #expect(!isCorrect(gold, "0"))
    #expect(!isCorrect(gold, ""))
  }

  @Test func anEmptyAnswerIsWrong() {
    for answer in ["", " ", "\n", "\\boxed{}", "$$", "I do not know"] {
      #expect(!isCorrect("5", answer))
    }
    #expect(Verifier().verify(gold: "5", answer: "").extracted == nil)
  }

  @Test func theResultSaysWhatWasFound() {
    let result = Verifier().verify(gold: "$\\frac{1}{2}$", answer: "So it is $\\boxed{0.5}$.")
    #expect(result.correct)
    #expect(result.extracted == "0.5")
    #expect(result.gold == "\\frac{1}{2}")
    #expect(result.reason == "\"0.5\" equals \"\\frac{1}{2}\"")
    let wrong = Verifier().verify(gold: "7", answer: "It is 8.")
    #expect(!wrong.correct)
    #expect(wrong.extracted == "8")
    #expect(wrong.reason == "\"8\" is not \"7\"")
  }

  @Test func theLastOfSeveralStatementsCounts() {
    #expect(
      isCorrect("7", "\\boxed{5} ... no wait, much later after a good deal of text \\boxed{7}"))
    #expect(isCorrect("7", "First the answer is 5. But then the answer is 7."))
    #expect(isCorrect("7", "5 + 2 is #### 7"))
    #expect(isCorrect("7", "The final answer is $\\boxed{7}$. I checked it 3 times."))
    #expect(!isCorrect("3", "The final answer is $\\boxed{7}$. I checked it 3 times."))
  }

  @Test func thoughtsCountOnlyWhereNothingFollows() {
    let thought = "<think>Maybe the answer is 5, so \\boxed{5}.</think>\n"
    #expect(isCorrect("7", thought + "We get 7."))
    #expect(!isCorrect("5", thought + "We get 7."))
    #expect(isCorrect("5", thought))
    #expect(isCorrect("5", thought + "That is it."))
    let choice = ChoiceVerifier(gold: "B")
    #expect(choice.verify(gold: "B", answer: "<think>It is (A).</think>\n\nB").correct)
  }

  @Test func boxesThatBelongTogetherAreAList() {
    #expect(isCorrect("1, 2", "\\boxed{1} and \\boxed{2}"))
    #expect(isCorrect("2", "\\boxed{1}, which is not it. After more thought we get \\boxed{2}"))
    #expect(isCorrect("5", "\\boxed{5"))
    #expect(isCorrect("5", "\\boxed{\\boxed{5}}"))
    #expect(isCorrect("x^{2}", "\\boxed{x^{2}}"))
  }

  @Test func bareListsKeepTheirOrder() {
    #expect(!isCorrect("10, 4, -2", "4, 10, -2"))
    #expect(isCorrect("10, 4, -2", "$4, 10, -2$"))
    #expect(isCorrect("10, 4, -2", "\\boxed{4, 10, -2}"))
  }

  @Test func namesCountInStatements() {
    #expect(!isCorrect("$1 \\le x \\le 5$", "$z \\in [1, 5]$"))
    #expect(!isCorrect("$x = 2 \\text{ or } x = 3$", "$z \\in \\{2, 3\\}$"))
    #expect(!isCorrect("$x \\in (-\\infty, 0) \\cup (0, \\infty)$", "$z \\ne 0$"))
    #expect(isCorrect("$x \\in (-\\infty, 0) \\cup (0, \\infty)$", "$x \\ne 0$"))
    #expect(isCorrect("$y = 2x + 3$", "$x = \\frac{y - 3}{2}$"))
  }

  @Test func sumsAreAddedUp() {
    #expect(isCorrect("$\\sum_{k=1}^{n} k$", "$\\frac{n(n+1)}{2}$"))
    #expect(isCorrect("$2^n$", "$\\sum_{k=0}^{n} \\binom{n}{k}$"))
    #expect(isCorrect("$n!$", "$\\prod_{i=1}^{n} i$"))
    #expect(!isCorrect("$\\sum_{k=1}^{n} k$", "$\\frac{n(n-1)}{2}$"))
    #expect(!isCorrect("$\\sum_{k=1}^{n} k$", "$\\sum_{k=1}^{n-1} k$"))
    #expect(!isCorrect("$\\sum_{k=1}^{\\infty} 2^{-k}$", "$2$"))
  }

  @Test func optionsDecide() {
    var options = VerifierOptions()
    options.notation = .latex
    #expect(!Verifier(options: options).verify(gold: "$5$", answer: "It is 5.").correct)
    options.notation = .plain
    #expect(Verifier(options: options).verify(gold: "5", answer: "It is 5.").correct)
    #expect(Verifier(options: options).verify(gold: "1,22", answer: "1.22").correct)
    options = VerifierOptions()
    #expect(isCorrect("[0, 1]", "$0 \\le x \\le 1$"))
    options.acceptsRelationsForSets = false
    #expect(!Verifier(options: options).verify(gold: "[0, 1]", answer: "$0 \\le x \\le 1$").correct)
    options.decimalPlaces = 2
    #expect(Verifier(options: options).verify(gold: "$\\pi$", answer: "3.14").correct)
    options.decimalPlaces = -7
    #expect(!Verifier(options: options).verify(gold: "3.1", answer: "8.2").correct)
  }

  @Test func workIsBounded() {
    let deep = String(repeating: "(", count: 3000) + "1" + String(repeating: ")", count: 3000)
    let tower = "$2" + String(repeating: "^{9", count: 30) + String(repeating: "}", count: 30) + "$"
    let wide = "$(a+b+c+d+e)^{60}(f+g+h+j)^{60}$"
    let long = "$" + (0..<100).map { "x_{\($0)}" }.joined(separator: "+") + "$"
    let set = "\\[\\{" + (0..<300).map { "\\sqrt{\($0)}" }.joined(separator: ",") + "\\}\\]"
    let factorial = "$499!^{499!}$"
    let digits = String(repeating: "7", count: 100_000)
    let texts = [deep, tower, wide, long, set, factorial, digits]
    for (gold, other) in zip(texts, texts.dropFirst() + texts.prefix(1)) {
      // What matters is that a verdict comes.
      #expect(!isCorrect(gold, other))
      #expect(isCorrect(gold, gold) == GoldAnswer(gold).isReadable)
    }
    #expect(isCorrect(long, long))
    #expect(GoldAnswer(set).isReadable)
    #expect(!GoldAnswer(deep).isReadable)
    #expect(isCorrect("$(a+b)^{50}$", "$(b+a)^{50}$"))
    #expect(isCorrect("$500!$", "$500 \\cdot 499!$"))
  }

  @Test func longTextsTakeLinearTime() {
    for unit in [
      "$", "\\(", "\\[", "[", "\\boxed{", "answer is ", "1 ", "-(", "\\frac{1}{2}", "final answer ",
    ] {
      let text = String(repeating: unit, count: 20_000)
      #expect(!isCorrect("123456", text))
    }
  }
}
