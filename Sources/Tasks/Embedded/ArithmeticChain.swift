/// A start and the operations applied to it one after the other: what a problem of the embedded
/// task asks, without its words.
struct ArithmeticChain: OperationChain {
  /// One operation on the running number.
  enum Operation: ChainOperation {
    case plus(Int)
    case minus(Int)
    case double

    /// The symbol in solutions.
    var symbol: String {
      switch self {
      case .plus: "+"
      case .minus: "-"
      case .double: "*"
      }
    }

    /// The number on the right of the symbol.
    var operand: Int {
      switch self {
      case .plus(let operand), .minus(let operand): operand
      case .double: 2
      }
    }

    /// The result on `value`.
    func callAsFunction(_ value: Int) -> Int {
      switch self {
      case .plus(let operand): value + operand
      case .minus(let operand): value - operand
      case .double: value * 2
      }
    }

    /// Whether the result is reached across a ten: a carry, a borrow, or the double of 5 or more.
    /// These are the steps on which the corpus errs most.
    func isHard(on value: Int) -> Bool {
      switch self {
      case .plus(let operand): value % 10 + operand >= 10
      case .minus(let operand): value % 10 < operand
      case .double: value >= 5
      }
    }
  }

  /// Every number of a chain lies here: some 300 different sums, few enough that a small model sees
  /// each of them thousands of times.
  static let values = 0...20
  /// Operands of `plus` and `minus`.
  static let operands = 1...9
  /// Starts: not at the ends of `values`, where only one kind of operation is possible.
  static let starts = 2...18

  let start: Int
  let operations: [Operation]

  /// The result after every operation.
  var results: [Int] {
    var value = start
    return operations.map { operation in
      value = operation(value)
      return value
    }
  }
}

extension ArithmeticChain {
  /// The share of doublings; plus and minus share the rest alike.
  private static let doubleShare = 0.1

  static func randomOperation(on value: Int, using random: inout SplitMix64) -> Operation {
    while true {
      let kind = random.unit()
      let operand = random.integer(in: operands)
      let operation: Operation =
        kind < doubleShare ? .double : random.unit() < 0.5 ? .plus(operand) : .minus(operand)
      // The double of 0 changes nothing and reads oddly.
      if operation == .double && value == 0 { continue }
      if values.contains(operation(value)) { return operation }
    }
  }
}
