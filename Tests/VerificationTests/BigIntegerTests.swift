import Testing
import struct Tasks.SplitMix64

@testable import Verification

struct BigIntegerTests {
  private func number(_ digits: String) throws -> BigInteger {
    let isNegative = digits.hasPrefix("-")
    let value = try #require(BigInteger(isNegative ? String(digits.dropFirst()) : digits))
    return isNegative ? -value : value
  }

  /// Worked out with Python's integers.
  @Test func largeNumbersAreThoseOfPython() throws {
    let a = try number("123456789012345678901234567890123456789")
    let b = try number("-987654321098765432109876543210")
    #expect("\(a + b)" == "123456788024691357802469135780246913579")
    #expect("\(b - a)" == "-123456789999999999999999999999999999999")
    #expect(
      "\(a * b)" == "-121932631137021795226185032733744855963362292333223746380111126352690")
    #expect("\(a / b)" == "-124999998")
    #expect("\(a % b)" == "850308642085030864208626543209")
    #expect("\(BigInteger(7).power(50))" == "1798465042647412146620280340569649349251249")
    #expect("\(BigInteger(10).power(40).squareRoot())" == "100000000000000000000")
    #expect(BigInteger("zz", radix: 36) == BigInteger(1295))
    #expect(BigInteger("19", radix: 8) == nil)
    #expect(BigInteger("") == nil)
  }

  @Test func theBordersOfAWordAreNoBorders() throws {
    let least = BigInteger(Int.min)
    #expect("\(-least)" == "9223372036854775808")
    #expect(-(-least) == least)
    #expect((-least).int == nil)
    #expect((least - 1).int == nil)
    #expect((least - 1) + 1 == least)
    #expect(least / -1 == -least)
    #expect(least % -1 == 0)
    #expect(least.greatestCommonDivisor(with: least) == -least)
    #expect("\(least * least)" == "85070591730234615865843651857942052864")
    #expect(BigInteger(Int.max) + 1 == -least)
    #expect(-least > BigInteger(Int.max))
    #expect(least - 1 < least)
  }

  /// What holds of any numbers: the parts of a division make the whole, products and sums are taken apart
  /// again, and digits are read as they are written.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func operationsFitTogether(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    func any(_ words: Int) -> BigInteger {
      var value: BigInteger = 0
      for _ in 0..<Int.random(in: 0...words, using: &random) {
        // Limbs of ones and zeros are where carries go wrong.
        let word = [
          0, 1, 0xFFFF_FFFF, 0x8000_0000, Int.random(in: 0...0xFFFF_FFFF, using: &random),
        ]
        value = value * 0x1_0000_0000 + BigInteger(word.randomElement(using: &random) ?? 0)
      }
      return Bool.random(using: &random) ? -value : value
    }
    for _ in 0..<300 {
      let (a, b, c) = (any(12), any(6), any(6))
      #expect(a + b - b == a)
      #expect(a * (b + c) == a * b + a * c)
      #expect(try number("\(a)") == a)
      #expect((a < b) == ((a - b).isNegative))
      guard !b.isZero else { continue }
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      #expect(quotient * b + remainder == a)
      #expect(remainder.absolute < b.absolute)
      #expect(remainder.isZero || remainder.isNegative == a.isNegative)
      let divisor = a.greatestCommonDivisor(with: b)
      #expect(a % divisor == 0 && b % divisor == 0)
      #expect((a * c).greatestCommonDivisor(with: b * c) == divisor * c.absolute)
      let root = a.absolute.squareRoot()
      #expect(root * root <= a.absolute && a.absolute < (root + 1) * (root + 1))
    }
  }
}
