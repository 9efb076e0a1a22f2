import Foundation
import Testing
import Verification

/// The published test cases of Math-Verify and of hendrycks/math.
@Suite(.enabled(if: Cases.data != nil, Comment(rawValue: Cases.missing)))
struct OracleTests {
  private struct MathVerifyCase: Decodable {
    let call: String?
    let gold: String
    let pred: String
    let expected: Int?
    let result: Int?
    let precision: Int?
    let allowSetRelation: Bool?

    enum CodingKeys: String, CodingKey {
      case call, gold, pred, expected, result, precision
      case allowSetRelation = "allow_set_relation_comp"
    }

    var isCorrect: Bool { (expected ?? result) == 1 }

    /// The settings with which the case runs there.
    var options: VerifierOptions {
      var options = VerifierOptions()
      if call?.contains("['latex']") == true { options.notation = .latex }
      if call?.contains("['expr']") == true { options.notation = .plain }
      options.decimalPlaces = precision ?? options.decimalPlaces
      options.acceptsRelationsForSets = allowSetRelation ?? false
      return options
    }
  }

  private struct HendrycksCase: Decodable {
    let a: String
    let b: String
    let equal: Bool
  }

  @Test func mathVerifysCasesWithTheirOwnSettings() throws {
    let cases = try Cases.oracle("math_verify_cases.json", of: MathVerifyCase.self)
    #expect(cases.count == 132)
    for one in cases {
      let result = Verifier(options: one.options).verify(gold: one.gold, answer: one.pred)
      #expect(
        result.correct == one.isCorrect, "\(one.gold.suffix(100)) | \(one.pred.suffix(100))")
    }
  }

  /// One case differs: there an inequality is no answer where the gold answer is a set, and its twin with
  /// another setting says the opposite.
  @Test func mathVerifysCasesWithStandardSettings() throws {
    let cases = try Cases.oracle("math_verify_cases.json", of: MathVerifyCase.self)
    let differing = cases.filter {
      Verifier().verify(gold: $0.gold, answer: $0.pred).correct != $0.isCorrect
    }
    #expect(differing.count == 1)
    #expect(differing.first?.allowSetRelation == false)
  }

  @Test func hendrycksCases() throws {
    for one in try Cases.oracle("hendrycks_is_equiv_cases.json", of: HendrycksCase.self) {
      let result = Verifier().verify(gold: one.a, answer: one.b)
      #expect(result.correct == one.equal, "\(one.a) | \(one.b): \(result.reason)")
    }
  }
}
