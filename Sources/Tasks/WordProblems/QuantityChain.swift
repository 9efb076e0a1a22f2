/// A quantity and what happens to it: what a word problem asks, without its words.
struct QuantityChain: OperationChain {
  /// One operation on the running quantity.
  enum Operation: ChainOperation {
    case plus(Int)
    case minus(Int)
    case times(Int)

    /// The symbol in solutions.
    var symbol: String {
      switch self {
      case .plus: "+"
      case .minus: "-"
      case .times: "*"
      }
    }

    /// The number on the right of the symbol.
    var operand: Int {
      switch self {
      case .plus(let operand), .minus(let operand), .times(let operand): operand
      }
    }

    /// The result on `value`.
    func callAsFunction(_ value: Int) -> Int {
      switch self {
      case .plus(let operand): value + operand
      case .minus(let operand): value - operand
      case .times(let operand): value * operand
      }
    }

    /// Whether a digit of the result depends on a carry or a borrow.
    func isHard(on value: Int) -> Bool { ColumnWork(self, on: value).carries }
  }

  /// Every quantity of a chain lies here. With operands of two digits that is tens of thousands of
  /// sums: too many to know by heart for a model of the recipe's size.
  static let values = 0...499
  /// Starts.
  static let starts = 12...98
  /// Operands of `plus` and `minus`.
  static let operands = 3...98
  /// Operands of `times`.
  static let factors = 2...5

  let start: Int
  let operations: [Operation]
}

extension QuantityChain {
  /// The share of multiplications; plus and minus share the rest alike.
  private static let timesShare = 0.2

  static func randomOperation(on value: Int, using random: inout SplitMix64) -> Operation {
    while true {
      let operation: Operation =
        random.unit() < timesShare
        ? .times(random.integer(in: factors))
        : random.unit() < 0.5
          ? .plus(random.integer(in: operands)) : .minus(random.integer(in: operands))
      // A multiple of nothing is nothing, which reads oddly.
      if case .times = operation, value == 0 { continue }
      if values.contains(operation(value)) { return operation }
    }
  }
}
