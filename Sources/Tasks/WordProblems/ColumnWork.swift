/// An operation worked out digit by digit from the units, as it is taught at school:
/// `7 + 8 = 15, 3 + 4 + 1 = 8, so 85`.
struct ColumnWork: Hashable, Sendable {
  /// The columns, units first.
  private(set) var columns: [String] = []
  /// Whether a column needed a carry or a borrow from its neighbour.
  private(set) var carries = false
  /// The result.
  let result: Int

  /// The columns and the result.
  var text: String { (columns + ["so \(result)"]).joined(separator: ", ") }

  private static let base = 10

  init(_ operation: QuantityChain.Operation, on value: Int) {
    result = operation(value)
    let operand = operation.operand
    let digits = Self.digits(value)
    let others = Self.digits(operand)
    switch operation {
    case .plus: add(digits, others)
    case .minus: subtract(digits, others)
    case .times: multiply(digits, by: operand)
    }
  }

  private mutating func add(_ digits: [Int], _ others: [Int]) {
    var carry = 0
    for place in 0..<max(digits.count, others.count) {
      let (digit, other) = (Self.digit(digits, place), Self.digit(others, place))
      let sum = digit + other + carry
      columns.append("\(digit) + \(other)\(carry > 0 ? " + \(carry)" : "") = \(sum)")
      carry = sum / Self.base
      carries = carries || carry > 0
    }
  }

  private mutating func subtract(_ digits: [Int], _ others: [Int]) {
    var borrow = 0
    for place in 0..<max(digits.count, others.count) {
      let (digit, other) = (Self.digit(digits, place), Self.digit(others, place))
      let borrows = digit < other + borrow
      let from = digit + (borrows ? Self.base : 0)
      columns.append(
        "\(from) - \(other)\(borrow > 0 ? " - \(borrow)" : "") = \(from - other - borrow)")
      borrow = borrows ? 1 : 0
      carries = carries || borrows
    }
  }

  private mutating func multiply(_ digits: [Int], by factor: Int) {
    var carry = 0
    for digit in digits {
      let product = digit * factor + carry
      columns.append("\(digit) * \(factor)\(carry > 0 ? " + \(carry)" : "") = \(product)")
      carry = product / Self.base
      carries = carries || carry > 0
    }
  }

  private static func digit(_ digits: [Int], _ place: Int) -> Int {
    place < digits.count ? digits[place] : 0
  }

  /// Decimal digits, units first.
  private static func digits(_ number: Int) -> [Int] {
    var rest = number
    var digits: [Int] = []
    repeat {
      digits.append(rest % base)
      rest /= base
    } while rest > 0
    return digits
  }
}
