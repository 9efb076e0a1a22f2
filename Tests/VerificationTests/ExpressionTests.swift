import Testing

@testable import Verification

struct ExpressionTests {
  private func rational(_ top: Int, _ bottom: Int) throws -> Rational {
    try Rational(top, overWhole: bottom)
  }

  @Test func rationalsAreInLowestTerms() throws {
    #expect(try rational(6, -4) == rational(-3, 2))
    #expect(try Rational(decimal: "0.125") == rational(1, 8))
    #expect(try rational(1, 3).adding(rational(1, 6)) == rational(1, 2))
    #expect(try rational(2, 3).power(-2) == rational(9, 4))
    #expect(try Rational(-1).power(1_000_001) == Rational(-1))
    #expect(throws: VerificationFailure.limit) { try Rational(2).power(5000) }
    #expect(throws: VerificationFailure.malformed("division by zero")) { try rational(1, 0) }
  }

  @Test func roundingGoesToTheEvenNeighbour() throws {
    #expect(try rational(5, 10).rounded(places: 0) == 0)
    #expect(try rational(15, 10).rounded(places: 0) == 2)
    #expect(try rational(-25, 10).rounded(places: 0) == -2)
    #expect(try rational(1, 3).rounded(places: 6) == 333_333)
    #expect(try rational(-2, 3).rounded(places: 2) == -67)
  }

  @Test func largeRationalsHaveTheirNearestDouble() throws {
    #expect(try Rational(10).power(30).double == 1e30)
    #expect(abs(try Rational(10).power(-30).double / 1e-30 - 1) < 1e-15)
    #expect(abs(try Rational(7).power(300).divided(by: Rational(7).power(299)).double - 7) < 1e-12)
  }

  @Test func polynomialsMultiplyOut() throws {
    let work = Work()
    let atoms = AtomTable()
    let left = try Fraction(LaTeXParser.expression(of: "(x+y)^3"), atoms, work)
    let right = try Fraction(
      LaTeXParser.expression(of: "x^3 + 3x^2y + 3xy^2 + y^3"), atoms, work)
    #expect(left.top == right.top)
    #expect(left.top.terms.count == 4)
    let root = try Fraction(LaTeXParser.expression(of: "\\sqrt{72}"), atoms, work)
    let simple = try Fraction(LaTeXParser.expression(of: "6\\sqrt{2}"), atoms, work)
    #expect(root.top == simple.top)
    let imaginary = try Fraction(LaTeXParser.expression(of: "i^4 + \\sqrt{-9}/i"), atoms, work)
    #expect(
      try imaginary.top == Polynomial(Rational(4)).multiplied(by: imaginary.bottom, atoms, work)
        || imaginary.constant == Rational(4))
  }

  @Test func parsingKeepsStructure() throws {
    #expect(try LaTeXParser.expression(of: "\\frac12") == .quotient(.one, .number(Rational(2))))
    #expect(
      try LaTeXParser.expression(of: "[0, 1)")
        == .pair(.zero, .one, leftOpen: false, rightOpen: true))
    #expect(
      try LaTeXParser.expression(of: "1 < x \\le 2")
        == .relation([.one, .symbol("x"), .number(Rational(2))], [.less, .lessOrEqual]))
    #expect(try LaTeXParser.expression(of: "\\{1, 2\\}") == .set([.one, .number(Rational(2))]))
    #expect(
      try LaTeXParser.expression(of: "\\begin{bmatrix} 0 & 1 \\end{bmatrix}")
        == .matrix([[.zero, .one]]))
    #expect(try LaTeXParser.expression(of: "5 \\text{ cm}^2") == .number(Rational(5)))
    #expect(try LaTeXParser.expression(of: "12{,}345") == .number(Rational(12345)))
    #expect(try LaTeXParser.expression(of: "1A_{16}") == .based(digits: "1A", base: 16))
    #expect(try LaTeXParser.expression(of: "\\text{Tuesday}") == .text("Tuesday"))
    #expect(
      try LaTeXParser.expression(of: "\\textbf{(B)}\\ 5") == .labelled("B", .number(Rational(5))))
  }

  @Test func realSetsAreNormalised() {
    func interval(_ low: Double, _ high: Double) -> RealSet {
      RealSet([RealSet.Piece(low: low, lowClosed: true, high: high, highClosed: false)])
    }
    #expect(interval(0, 1).union(interval(1, 2)).pieces == interval(0, 2).pieces)
    #expect(interval(0, 2).intersection(interval(1, 3)).pieces == interval(1, 2).pieces)
    #expect(RealSet.point(1).complement.pieces.count == 2)
    #expect(RealSet.point(1).complement.complement.pieces == RealSet.point(1).pieces)
    #expect(RealSet.reals.complement.pieces.isEmpty)
    #expect(!interval(0, .infinity).isEqual(to: interval(0, 5)))
  }

  @Test(arguments: [
    ("x^2 < 4", "(-2, 2)"), ("|x - 1| \\ge 2", "(-\\infty, -1] \\cup [3, \\infty)"),
    ("\\frac{1}{x} > 0", "(0, \\infty)"), ("(x-1)^2 > 0", "(-\\infty,1) \\cup (1,\\infty)"),
    ("x^2 \\ge -1", "\\mathbb{R}"), ("\\frac{x-1}{x+2} \\le 0", "(-2, 1]"),
    ("x^2 + 1 < 0", "\\emptyset"), ("0 < f(x) < 1", "(0, 1)"),
  ])
  func inequalitiesAreSolved(inequality: String, solution: String) throws {
    var reader = RealSetReader(work: Work())
    let left = try #require(try reader.set(LaTeXParser.expression(of: inequality)))
    let right = try #require(try reader.set(LaTeXParser.expression(of: solution)))
    #expect(left.isEqual(to: right), "\(left)")
  }
}
