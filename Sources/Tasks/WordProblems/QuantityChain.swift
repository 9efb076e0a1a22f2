/// A quantity and what happens to it: what a word problem asks, without its words.
struct QuantityChain: Hashable, Sendable {
  /// One operation on the running quantity.
  enum Operation: Hashable, Sendable {
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

  /// The last result.
  var answer: Int { operations.reduce(start) { $1($0) } }

  /// Whether applying `operations` to `value` stays within `values`, `value` included.
  static func isValid(_ value: Int, _ operations: some Sequence<Operation>) -> Bool {
    var value = value
    guard values.contains(value) else { return false }
    for operation in operations {
      value = operation(value)
      guard values.contains(value) else { return false }
    }
    return true
  }

  /// One chain in this many is held out.
  private static let heldOutInterval: UInt64 = 5

  /// Whether the chain belongs to the held-out split, whatever words it is put in. A property of the
  /// chain alone, so no chain can be on both sides.
  var isHeldOut: Bool {
    let key = operations.reduce(into: "\(start)") { $0 += "\($1.symbol)\($1.operand)" }
    return SplitMix64(seed: 0, label: key).state % Self.heldOutInterval == 0
  }
}

extension QuantityChain {
  /// The share of multiplications; plus and minus share the rest alike.
  private static let timesShare = 0.2

  /// A chain of `length` operations, drawn step by step among those that stay within `values`.
  static func random(length: Int, using random: inout SplitMix64) -> QuantityChain {
    let start = random.integer(in: starts)
    var value = start
    let operations = (0..<length).map { _ in
      let operation = randomOperation(on: value, using: &random)
      value = operation(value)
      return operation
    }
    return QuantityChain(start: start, operations: operations)
  }

  private static func randomOperation(on value: Int, using random: inout SplitMix64) -> Operation {
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
