/// A number as it is written in decimal digits, perhaps over another such number, compared exactly:
/// 18 equals 18.00, .1 + .2 is of no concern, and no digit is lost to rounding.
struct ExactNumber: Sendable {
  /// A decimal: digits times ten to a power, without zeros at either end, so that equal values are
  /// equal structures.
  struct Decimal: Sendable, Hashable {
    /// Below zero; zero itself is not.
    var isNegative: Bool
    /// Most significant first, none for zero.
    var digits: [UInt8]
    /// The power of ten of the last digit.
    var exponent: Int

    static let one = Decimal(isNegative: false, digits: [1], exponent: 0)

    init(isNegative: Bool, digits: [UInt8], exponent: Int) {
      var kept = digits.drop { $0 == 0 }
      var power = exponent
      while kept.last == 0 {
        kept.removeLast()
        power += 1
      }
      self.digits = Array(kept)
      self.isNegative = isNegative && !kept.isEmpty
      self.exponent = kept.isEmpty ? 0 : power
    }

    /// The product, in time proportional to the product of the lengths.
    static func * (left: Decimal, right: Decimal) -> Decimal {
      var product = [Int](repeating: 0, count: left.digits.count + right.digits.count)
      for (i, a) in left.digits.enumerated() {
        for (j, b) in right.digits.enumerated() { product[i + j + 1] += Int(a) * Int(b) }
      }
      for i in stride(from: product.count - 1, to: 0, by: -1) {
        product[i - 1] += product[i] / 10
        product[i] %= 10
      }
      return Decimal(
        isNegative: left.isNegative != right.isNegative, digits: product.map { UInt8($0) },
        exponent: left.exponent + right.exponent)
    }
  }

  /// The value, or what stands above the bar of a fraction.
  var numerator: Decimal
  /// What stands below the bar, positive.
  var denominator: Decimal = .one
}

extension ExactNumber: Equatable {
  /// A fraction with a longer part is compared digit by digit, not by value, which keeps the comparison
  /// bounded. No stated answer comes near this.
  private static let longestFraction = 100

  static func == (left: ExactNumber, right: ExactNumber) -> Bool {
    if left.denominator == right.denominator { return left.numerator == right.numerator }
    let parts = [left.numerator, left.denominator, right.numerator, right.denominator]
    guard parts.allSatisfy({ $0.digits.count <= longestFraction }) else { return false }
    return left.numerator * right.denominator == right.numerator * left.denominator
  }
}
