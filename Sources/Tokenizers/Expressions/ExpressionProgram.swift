/// A regular expression as instructions for `ExpressionMatcher`.
struct ExpressionProgram {
  enum Operation: UInt8 {
    /// One scalar of set `a`.
    case set
    /// From `b` to `c` scalars of set `a`; as many as there are, or as few as do, or all there are
    /// without giving one back.
    case greedyLoop, lazyLoop, possessiveLoop
    /// The first of the branches `a..<b` that lets the rest match.
    case choice
    /// Goes on at `a`.
    case jump
    /// What follows up to `accept`, matched once; then goes on at `a`.
    case atomic
    /// Whether what follows up to `accept` matches here (`b` is 0) or does not (1); then goes on
    /// at `a`.
    case look
    /// Whether the scalar before is in set `a` (`b` is 0) or is not (1).
    case lookBehind
    case accept
  }

  struct Instruction {
    var operation: Operation
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
  }

  struct Branch {
    var target: Int32
    var first: FirstBytes
    /// Whether the branch can match without text, so that nothing is known of the first byte.
    var isFree: Bool
  }

  /// More instructions than any tokenizer's expression needs.
  static let maximumLength = 4_096
  static let unbounded = Int32.max

  private(set) var instructions: [Instruction] = []
  private(set) var branches: [Branch] = []
  private(set) var sets: [ScalarSet] = []

  init(_ syntax: ExpressionSyntax) throws {
    try append(syntax)
    try emit(Instruction(operation: .accept))
  }

  private mutating func emit(_ instruction: Instruction) throws {
    guard instructions.count < Self.maximumLength else {
      throw ExpressionError(part: "{", problem: "makes it too long")
    }
    instructions.append(instruction)
  }

  private var here: Int32 { Int32(instructions.count) }

  private mutating func number(of set: ScalarSet) -> Int32 {
    if let index = sets.firstIndex(of: set) { return Int32(index) }
    sets.append(set)
    return Int32(sets.count - 1)
  }

  private mutating func append(_ syntax: ExpressionSyntax) throws {
    switch syntax {
    case .empty: break
    case .set(let set): try emit(Instruction(operation: .set, a: number(of: set)))
    case .sequence(let parts): for part in parts { try append(part) }
    case .alternatives(let parts): try appendChoice(of: parts)
    case .repetition(let body, let count): try append(body, count)
    case .atomic(let body): try appendEnclosed(Instruction(operation: .atomic), body)
    case .look(let look, let body):
      let flag: Int32 = look.isNegative ? 1 : 0
      if look.isBehind, case .set(let set) = body {
        try emit(Instruction(operation: .lookBehind, a: number(of: set), b: flag))
      } else {
        try appendEnclosed(Instruction(operation: .look, b: flag), body)
      }
    }
  }

  private mutating func appendEnclosed(
    _ instruction: Instruction, _ body: ExpressionSyntax
  ) throws {
    let place = instructions.count
    try emit(instruction)
    try append(body)
    try emit(Instruction(operation: .accept))
    instructions[place].a = here
  }

  private func branch(_ syntax: ExpressionSyntax, at target: Int32) -> Branch {
    let first = FirstBytes(syntax)
    return Branch(target: target, first: first ?? .all, isFree: first == nil)
  }

  private mutating func appendChoice(of parts: [ExpressionSyntax]) throws {
    let first = branches.count
    try emit(
      Instruction(operation: .choice, a: Int32(first), b: Int32(first + parts.count)))
    branches += parts.map { branch($0, at: 0) }
    var jumps: [Int] = []
    for (index, part) in parts.enumerated() {
      branches[first + index].target = here
      try append(part)
      guard index + 1 < parts.count else { break }
      jumps.append(instructions.count)
      try emit(Instruction(operation: .jump))
    }
    for jump in jumps { instructions[jump].a = here }
  }

  private mutating func append(_ body: ExpressionSyntax, _ count: ExpressionCount) throws {
    if case .set(let set) = body {
      let operation: Operation =
        switch count.mode {
        case .greedy: .greedyLoop
        case .lazy: .lazyLoop
        case .possessive: .possessiveLoop
        }
      return try emit(
        Instruction(
          operation: operation, a: number(of: set), b: Int32(count.minimum),
          c: count.maximum.map { Int32($0) } ?? Self.unbounded))
    }
    guard count.mode != .possessive else {
      let greedy = ExpressionCount(minimum: count.minimum, maximum: count.maximum)
      return try appendEnclosed(
        Instruction(operation: .atomic), .repetition(body, greedy))
    }
    for _ in 0..<count.minimum { try append(body) }
    guard let maximum = count.maximum else { return try appendLoop(body, count.mode) }
    // Each further one is optional inside the one before.
    var choices: [Int] = []
    for _ in count.minimum..<maximum { choices.append(try appendOptional(body, count.mode)) }
    for choice in choices { setExit(of: choice, count.mode) }
  }

  /// A choice between the body, which follows, and an exit that is set later.
  private mutating func appendOptional(
    _ body: ExpressionSyntax, _ mode: ExpressionCount.Mode
  ) throws -> Int {
    let place = instructions.count
    let first = Int32(branches.count)
    try emit(Instruction(operation: .choice, a: first, b: first + 2))
    let exit = Branch(target: 0, first: .all, isFree: true)
    let inside = branch(body, at: here)
    branches += mode == .lazy ? [exit, inside] : [inside, exit]
    try append(body)
    return place
  }

  private mutating func setExit(of choice: Int, _ mode: ExpressionCount.Mode) {
    branches[Int(instructions[choice].a) + (mode == .lazy ? 0 : 1)].target = here
  }

  private mutating func appendLoop(
    _ body: ExpressionSyntax, _ mode: ExpressionCount.Mode
  ) throws {
    let choice = try appendOptional(body, mode)
    try emit(Instruction(operation: .jump, a: Int32(choice)))
    setExit(of: choice, mode)
  }
}
