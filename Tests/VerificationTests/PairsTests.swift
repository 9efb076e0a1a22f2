import Testing
import Verification

/// Pairs in much of the LaTeX that models write, judged by hand; where Math-Verify judges otherwise, the
/// file says why.
struct PairsTests {
  @Test func everyPairHasItsVerdict() throws {
    let pairs = try Cases.pairs()
    #expect(pairs.count > 500)
    let verifier = Verifier()
    for pair in pairs {
      let result = verifier.verify(gold: pair.gold, answer: pair.answer)
      #expect(result.correct == pair.correct, "\(pair.gold) | \(pair.answer): \(result.reason)")
    }
  }

  @Test func everyDifferenceFromMathVerifyHasItsReason() throws {
    for pair in try Cases.pairs() {
      #expect((pair.reason != nil) == (pair.correct != pair.mathVerify), "\(pair.gold)")
    }
  }
}
