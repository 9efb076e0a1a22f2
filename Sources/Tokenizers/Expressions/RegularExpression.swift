/// A regular expression over UTF-8 that backtracks as Oniguruma does: the first way to match
/// counts, not the longest.
final class RegularExpression: @unchecked Sendable {
  // Made once and never changed; freed with the object.
  fileprivate let instructions: UnsafeMutablePointer<ExpressionProgram.Instruction>
  fileprivate let branches: UnsafeMutablePointer<ExpressionProgram.Branch>
  fileprivate let sets: ScalarBitmaps
  fileprivate let first: FirstBytes

  /// The most steps of a search, with more for every byte.
  fileprivate let steps: Int

  /// Oniguruma gives a match up after as many ways gone back to (DEFAULT_RETRY_LIMIT_IN_MATCH).
  private static let standardSteps = 10_000_000

  /// - Throws: `ExpressionError` for a part that is not implemented or not well-formed.
  init(_ expression: String, steps: Int = standardSteps) throws {
    self.steps = steps
    let syntax = try ExpressionParser.parse(expression)
    guard !syntax.isNullable else {
      throw ExpressionError(part: expression, problem: "matches empty text")
    }
    let program = try ExpressionProgram(syntax)
    instructions = .allocate(capacity: program.instructions.count)
    instructions.initialize(from: program.instructions, count: program.instructions.count)
    branches = .allocate(capacity: program.branches.count)
    branches.initialize(from: program.branches, count: program.branches.count)
    sets = ScalarBitmaps(program.sets)
    first = FirstBytes(syntax) ?? .all
  }

  deinit {
    instructions.deallocate()
    branches.deallocate()
  }

  /// Calls `found` for every match in `bytes[range]`, well-formed UTF-8, from left to right; the
  /// expression does not see what lies outside. A search that takes too many steps ends: nothing further
  /// is found.
  func forEachMatch(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ found: (Range<Int>) -> Void
  ) {
    var matcher = ExpressionMatcher(self, bytes, range)
    var position = range.lowerBound
    while position < range.upperBound {
      if first.contains(bytes[position]) {
        let end = matcher.match(at: position)
        if matcher.isExhausted { return }
        if end > position {
          found(position..<end)
          position = end
          continue
        }
      }
      position += UTF8Scalars.length(first: bytes[position])
    }
  }
}

/// One search of an expression. Ways not yet taken lie on a stack, so that no text, however long,
/// takes more of the thread's stack.
private struct ExpressionMatcher {
  /// A way not yet taken.
  private struct Way {
    var instruction: Int32
    /// The branch to try, or how many scalars a lazy loop has taken.
    var detail: Int32
    var position: Int
    /// How far a greedy loop can go back.
    var lowest: Int
  }

  private let expression: RegularExpression
  private let bytes: UnsafeBufferPointer<UInt8>
  private let start: Int
  private let end: Int
  private var ways: [Way] = []
  /// Steps that may still be taken: scalars in loops, and ways gone back to.
  private var budget: Int

  static let failure = -1

  // Expressions of tokenizers take a few steps for a byte.
  private static let stepsForByte = 1_000

  init(
    _ expression: RegularExpression, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) {
    self.expression = expression
    self.bytes = bytes
    start = range.lowerBound
    end = range.upperBound
    budget = expression.steps + Self.stepsForByte * range.count
  }

  /// Whether the search took more steps than it may.
  var isExhausted: Bool { budget < 0 }

  /// The end of the match at a position, `failure` where there is none.
  mutating func match(at position: Int) -> Int { run(0, position) }

  /// Runs from an instruction to the `accept` of its level. The recursion is as deep as looks and
  /// atomic groups are nested in the expression.
  private mutating func run(_ instruction: Int, _ place: Int) -> Int {
    let base = ways.count
    defer { ways.removeLast(ways.count - base) }
    var counter = instruction
    var position = place
    while true {
      let current = expression.instructions[counter]
      let next: (counter: Int, position: Int)?
      switch current.operation {
      case .accept: return position
      case .set:
        next = expression.sets.match(bytes, position, end: end, Int(current.a))
          .map { (counter + 1, $0) }
      case .greedyLoop, .possessiveLoop: next = loop(current, counter, position)
      case .lazyLoop: next = lazyLoop(current, counter, position)
      case .choice:
        next = choice(counter, branch: Int(current.a), end: Int(current.b), position)
      case .jump: next = (Int(current.a), position)
      case .atomic:
        let end = run(counter + 1, position)
        next = end == Self.failure ? nil : (Int(current.a), end)
      case .look:
        let matches = run(counter + 1, position) != Self.failure
        next = matches == (current.b == 0) ? (Int(current.a), position) : nil
      case .lookBehind:
        let isInSet = scalarBefore(position).map {
          expression.sets.contains($0, Int(current.a))
        }
        next = (isInSet ?? false) == (current.b == 0) ? (counter + 1, position) : nil
      }
      if let next {
        (counter, position) = next
      } else if let way = takeWay(above: base) {
        (counter, position) = way
      } else {
        return Self.failure
      }
    }
  }

  private func scalarBefore(_ position: Int) -> UInt32? {
    guard position > start else { return nil }
    return UTF8Scalars.decode(bytes, at: UTF8Scalars.start(before: position, in: bytes)).scalar
  }

  @inline(__always)
  private mutating func loop(
    _ current: ExpressionProgram.Instruction, _ counter: Int, _ start: Int
  ) -> (Int, Int)? {
    let set = Int(current.a)
    var position = start
    var lowest = start
    var count: Int32 = 0
    while count < current.c,
      let next = expression.sets.match(bytes, position, end: end, set)
    {
      position = next
      count += 1
      if count == current.b { lowest = position }
    }
    budget -= Int(count)
    guard count >= current.b else { return nil }
    if position > lowest, current.operation == .greedyLoop {
      ways.append(
        Way(instruction: Int32(counter), detail: 0, position: position, lowest: lowest))
    }
    return (counter + 1, position)
  }

  private mutating func lazyLoop(
    _ current: ExpressionProgram.Instruction, _ counter: Int, _ start: Int
  ) -> (Int, Int)? {
    var position = start
    for _ in 0..<current.b {
      guard let next = expression.sets.match(bytes, position, end: end, Int(current.a)) else {
        return nil
      }
      position = next
    }
    ways.append(
      Way(instruction: Int32(counter), detail: current.b, position: position, lowest: position))
    return (counter + 1, position)
  }

  @inline(__always)
  private mutating func choice(
    _ counter: Int, branch: Int, end branchEnd: Int, _ position: Int
  ) -> (Int, Int)? {
    var index = branch
    while index < branchEnd {
      let branch = expression.branches[index]
      index += 1
      guard branch.isFree || position < end && branch.first.contains(bytes[position]) else {
        continue
      }
      if index < branchEnd {
        ways.append(
          Way(instruction: Int32(counter), detail: Int32(index), position: position, lowest: 0))
      }
      return (Int(branch.target), position)
    }
    return nil
  }

  private mutating func takeWay(above base: Int) -> (Int, Int)? {
    while ways.count > base, var way = ways.popLast() {
      budget -= 1
      guard budget >= 0 else { return nil }
      let counter = Int(way.instruction)
      let current = expression.instructions[counter]
      switch current.operation {
      case .choice:
        let next = choice(
          counter, branch: Int(way.detail), end: Int(current.b), way.position)
        if let next { return next }
      case .lazyLoop:
        guard way.detail < current.c,
          let next = expression.sets.match(bytes, way.position, end: end, Int(current.a))
        else { continue }
        way.position = next
        way.detail += 1
        ways.append(way)
        return (counter + 1, next)
      default:
        way.position = UTF8Scalars.start(before: way.position, in: bytes)
        if way.position > way.lowest { ways.append(way) }
        return (counter + 1, way.position)
      }
    }
    return nil
  }
}
