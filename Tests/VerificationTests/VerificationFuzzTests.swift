import Foundation
import Testing
import Verification
import struct Tasks.SplitMix64

/// Random LaTeX: whatever it is, there is a verdict. `LACONIC_FUZZ_ROUNDS` multiplies the rounds.
struct VerificationFuzzTests {
  private static let factor =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1

  private static let pieces = [
    "\\frac", "{", "}", "1", "2", "x", "(", ")", "[", "]", "\\{", "\\}", "^", "_", "+", "-", "\\pm",
    ",", "\\sqrt", "\\boxed{", "$", "$$", "\\(", "\\)", "\\[", "\\]", "=", "<", "\\le", "\\in",
    "\\cup", "\\infty", "\\text{ and }", "\\text{cm}", "%", "\\%", "!", "|", "&", "\\\\",
    "\\begin{pmatrix}", "\\end{pmatrix}", "\\begin{cases}", "\\end{cases}", "\\sin", "\\log_2", "e",
    "i", "\\pi", ".", "0.", "1,000", "answer is", "final answer is ", "\n", " ", "\\overline{3}",
    "'",
    "\\sum_{k=1}^{3}", "\\circ", "10^{99}", "99!", "\\left", "\\right.", "\\binom", "é", "½", "²",
    "∞",
    ":", ";", "#### ", "\\mod", "\\pmod{7}", "\\mathbb{R}", "\\mid", "\u{0}", "\\",
  ]

  @Test(arguments: 0..<8 as Range<UInt64>)
  func anyTextHasAVerdict(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let verifier = Verifier()
    var correct = 0
    for _ in 0..<400 * Self.factor {
      func text() -> String {
        (0..<Int.random(in: 1...24, using: &random)).map { _ in
          Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
        }.joined()
      }
      let (gold, answer) = (text(), text())
      if verifier.verify(gold: gold, answer: answer).correct { correct += 1 }
      let itself = verifier.verify(gold: gold, answer: gold)
      // A verdict is the same every time, and never right for what cannot be read.
      #expect(itself == verifier.verify(gold: gold, answer: gold))
      if !GoldAnswer(gold).isReadable { #expect(!itself.correct, "\(gold.debugDescription)") }
    }
    #expect(correct < 100 * Self.factor)
  }

  @Test(arguments: 100..<104 as Range<UInt64>)
  func anyBytesHaveAVerdict(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 * Self.factor {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let result = Verifier().verify(gold: "$x^2$", answer: text)
      #expect(result.gold == "x^2")
    }
  }
}
