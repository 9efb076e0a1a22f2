/// A solution as the corpus writes it, and what happened in it.
struct ArithmeticSolution: Hashable, Sendable {
  /// What a sentence does.
  enum Deed: Hashable, Sendable { case step, guess, check, recap, redo, answer }

  /// A sentence.
  struct Sentence: Hashable, Sendable {
    let deed: Deed
    let text: String
    /// Whether the result it states is that of its own operands.
    let isRight: Bool
  }

  private(set) var sentences: [Sentence] = []
  /// The number in the last sentence.
  private(set) var answer: Int

  /// The sentences, separated by spaces.
  var text: String { sentences.map(\.text).joined(separator: " ") }

  static let redo = "Let me redo it."

  /// The shortest right solution: every step once, then the answer.
  init(shortestOf chain: ArithmeticChain) {
    answer = chain.start
    for operation in chain.operations {
      append(.step, operation, on: answer, result: operation(answer))
    }
    appendAnswer()
  }

  /// A solution drawn with `habits`.
  init(of chain: ArithmeticChain, habits: SolutionHabits, using random: inout SplitMix64) {
    answer = chain.start
    let wordiness = random.element(of: habits.deliberation)
    var isInDoubt = false
    for (index, operation) in chain.operations.enumerated() {
      let rest = chain.operations[(index + 1)...]
      let isChecked = attempt(
        operation, before: rest, wordiness: wordiness, habits: habits, using: &random)
      isInDoubt = isInDoubt || !isChecked
    }
    appendAnswer()
    // Doubt shows in whether the solution ends here, which is what a model must know to stop well.
    if random.unit() < (isInDoubt ? habits.redoInDoubt : habits.redoOtherwise) {
      redo(chain, habits: habits, using: &random)
    }
  }

  /// Writes all steps anew, without guesses or deliberation, and the answer.
  private mutating func redo(
    _ chain: ArithmeticChain, habits: SolutionHabits, using random: inout SplitMix64
  ) {
    sentences.append(Sentence(deed: .redo, text: Self.redo, isRight: true))
    answer = chain.start
    for (index, operation) in chain.operations.enumerated() {
      let rest = chain.operations[(index + 1)...]
      let errs = random.unit() < rate(habits.slip, operation)
      let result = errs ? slip(operation, before: rest, using: &random) : operation(answer)
      append(.step, operation, on: answer, result: result)
    }
    appendAnswer()
  }

  /// Writes one step with its deliberation; false when it is a guess that no re-check followed.
  private mutating func attempt(
    _ operation: ArithmeticChain.Operation, before rest: ArraySlice<ArithmeticChain.Operation>,
    wordiness: Double, habits: SolutionHabits, using random: inout SplitMix64
  ) -> Bool {
    let value = answer
    let right = operation(value)
    let isGuess = random.unit() < rate(habits.guess, operation)
    let errs = random.unit() < (isGuess ? habits.guessSlip : rate(habits.slip, operation))
    append(
      isGuess ? .guess : .step, operation, on: value,
      result: errs ? slip(operation, before: rest, using: &random) : right)
    var isChecked = !isGuess
    var deliberations = 0
    var chance = wordiness
    while deliberations < habits.maximumDeliberations, random.unit() < chance {
      deliberations += 1
      chance *= habits.deliberationDecay
      if random.unit() < habits.checkShare {
        let finds = answer == right || random.unit() < habits.repair
        append(.check, operation, on: value, result: finds ? right : answer)
        isChecked = true
      } else {
        sentences.append(Sentence(deed: .recap, text: "So far \(answer).", isRight: true))
      }
    }
    return isChecked
  }

  private func rate(
    _ rates: SolutionHabits.Rates, _ operation: ArithmeticChain.Operation
  ) -> Double {
    operation.isHard(on: answer) ? rates.hard : rates.easy
  }

  /// The share of each slip: one too many, one too few, the opposite operation.
  private static let slipShares = [0.4, 0.4, 0.2]

  /// A wrong result from which the rest of the chain can still be computed; the right one if there
  /// is none.
  private func slip(
    _ operation: ArithmeticChain.Operation, before rest: ArraySlice<ArithmeticChain.Operation>,
    using random: inout SplitMix64
  ) -> Int {
    let right = operation(answer)
    let opposite =
      switch operation {
      case .plus(let operand): answer - operand
      case .minus, .double: answer + operation.operand
      }
    let candidates = zip([right + 1, right - 1, opposite], Self.slipShares)
      .filter { $0.0 != right && ArithmeticChain.isValid($0.0, rest) }
    var draw = random.unit() * candidates.reduce(0) { $0 + $1.1 }
    for (result, share) in candidates {
      draw -= share
      if draw < 0 { return result }
    }
    return candidates.last?.0 ?? right
  }

  private mutating func append(
    _ deed: Deed, _ operation: ArithmeticChain.Operation, on value: Int, result: Int
  ) {
    let opening =
      switch deed {
      case .guess: "Maybe "
      case .check: "Check: "
      default: ""
      }
    sentences.append(
      Sentence(
        deed: deed,
        text: "\(opening)\(value) \(operation.symbol) \(operation.operand) = \(result).",
        isRight: result == operation(value)))
    answer = result
  }

  private mutating func appendAnswer() {
    sentences.append(
      Sentence(deed: .answer, text: "\(AnswerSentence.opening) \(answer).", isRight: true))
  }
}
