/// One operation on the running number of a chain.
protocol ChainOperation: Hashable, Sendable {
  /// The symbol in solutions.
  var symbol: String { get }
  /// The number on the right of the symbol.
  var operand: Int { get }

  /// The result on `value`.
  func callAsFunction(_ value: Int) -> Int
}

/// A start and the operations applied to it one after the other: what a problem that is made here asks,
/// without its words.
protocol OperationChain: Hashable, Sendable {
  associatedtype Operation: ChainOperation

  /// Every number of a chain lies here.
  static var values: ClosedRange<Int> { get }
  /// Where chains start.
  static var starts: ClosedRange<Int> { get }

  var start: Int { get }
  var operations: [Operation] { get }

  init(start: Int, operations: [Operation])

  /// An operation whose result on `value` stays within `values`.
  static func randomOperation(on value: Int, using random: inout SplitMix64) -> Operation
}

/// One chain in this many is held out.
private let heldOutInterval: UInt64 = 5

extension OperationChain {
  /// The last result.
  var answer: Int { operations.reduce(start) { $1($0) } }

  /// The canonical form: start, symbols and operands, as in `7+5-3*2`.
  var key: String {
    operations.reduce(into: "\(start)") { $0 += "\($1.symbol)\($1.operand)" }
  }

  /// Whether the chain belongs to the held-out split, whatever words it is put in. A property of the
  /// chain alone, so no chain can be on both sides.
  var isHeldOut: Bool { SplitMix64(seed: 0, label: key).state % heldOutInterval == 0 }

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

  /// A chain of `length` operations, drawn step by step among those that stay within `values`.
  static func random(length: Int, using random: inout SplitMix64) -> Self {
    let start = random.integer(in: starts)
    var value = start
    let operations = (0..<length).map { _ in
      let operation = randomOperation(on: value, using: &random)
      value = operation(value)
      return operation
    }
    return Self(start: start, operations: operations)
  }

  /// A chain of `length` operations that belongs to `split`.
  static func random(
    length: Int, split: ProblemSplit, using random: inout SplitMix64
  ) -> Self {
    while true {
      let chain = Self.random(length: length, using: &random)
      if chain.isHeldOut == (split == .heldOut) { return chain }
    }
  }
}
