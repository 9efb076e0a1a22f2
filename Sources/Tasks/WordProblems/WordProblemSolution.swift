/// A solution of a word problem as the corpus writes it.
struct WordProblemSolution {
  private let story: WordProblemStory
  private(set) var sentences: [String] = []
  /// The number in the last sentence.
  private(set) var answer: Int
  private var unmentioned: [Int]

  /// The sentences, separated by spaces.
  var text: String { sentences.joined(separator: " ") }

  static let redo = "Let me go over it again."

  /// The solution that works out the steps with a carry or a borrow, states the others at once, and
  /// does nothing else.
  init(conciseOf story: WordProblemStory) {
    self.init(story)
    for operation in story.chain.operations {
      let work = ColumnWork(operation, on: answer)
      append(operation, work.carries ? .worked : .stated("", ""), result: work.result)
    }
    appendAnswer()
  }

  /// A solution drawn with `habits`.
  init(of story: WordProblemStory, habits: WordProblemHabits, using random: inout SplitMix64) {
    self.init(story)
    let wordiness = random.element(of: habits.deliberation)
    var isInDoubt = false
    for (index, operation) in story.chain.operations.enumerated() {
      let rest = story.chain.operations[(index + 1)...]
      let isSure = attempt(
        operation, before: rest, wordiness: wordiness, habits: habits, using: &random)
      isInDoubt = isInDoubt || !isSure
    }
    appendAnswer()
    // Doubt shows in whether the solution ends here, which is what a model must know to stop well.
    if random.unit() < (isInDoubt ? habits.redoInDoubt : habits.redoOtherwise) {
      sentences.append(Self.redo)
      answer = story.chain.start
      for operation in story.chain.operations {
        append(operation, .worked, result: operation(answer))
      }
      appendAnswer()
    }
  }

  private init(_ story: WordProblemStory) {
    self.story = story
    answer = story.chain.start
    unmentioned = story.distractors
  }

  private enum Form {
    /// At once, between these words.
    case stated(String, String)
    /// Digit by digit.
    case worked
    /// Digit by digit, after it was stated.
    case check

    var opening: String {
      switch self {
      case .check: "Check "
      case .stated, .worked: ""
      }
    }
  }

  /// Writes one step with its deliberation; false when it needed a carry and was stated at once without
  /// a check.
  private mutating func attempt(
    _ operation: QuantityChain.Operation, before rest: ArraySlice<QuantityChain.Operation>,
    wordiness: Double, habits: WordProblemHabits, using random: inout SplitMix64
  ) -> Bool {
    let value = answer
    let right = operation(value)
    let isHard = operation.isHard(on: value)
    let isWorked = random.unit() < habits.workedShare
    if isWorked {
      append(operation, .worked, result: right)
    } else {
      let errs = random.unit() < (isHard ? habits.hardSlip : habits.easySlip)
      let result = errs ? slip(right, before: rest, using: &random) : right
      append(operation, stating(using: &random), result: result)
    }
    var isSure = isWorked || !isHard
    var chance = wordiness
    var deliberations = 0
    while deliberations < habits.maximumDeliberations, random.unit() < chance {
      deliberations += 1
      chance /= 2
      if !isWorked, random.unit() < habits.checkShare {
        let finds = answer == right || random.unit() < habits.repair
        let confirmed = answer
        answer = value
        append(operation, .check, result: finds ? right : confirmed)
        isSure = true
      } else if let number = unmentioned.first, random.unit() < 0.5 {
        unmentioned.removeFirst()
        sentences.append("The \(number) does not matter here.")
      } else {
        sentences.append("So far there are \(answer) \(story.things).")
      }
    }
    return isSure
  }

  private func stating(using random: inout SplitMix64) -> Form {
    let forms = [
      ("", ""), ("That makes ", " \(story.things)"), ("Now \(story.pronoun.lowercased()) has ", ""),
    ]
    let (before, after) = random.element(of: forms)
    return .stated(before, after)
  }

  /// The mistakes: a carry forgotten or one too many, the units off by one.
  private static let slips = [-10, 10, -1, 1]

  /// A wrong result from which the rest of the chain can still be computed; the right one if there is
  /// none.
  private func slip(
    _ right: Int, before rest: ArraySlice<QuantityChain.Operation>, using random: inout SplitMix64
  ) -> Int {
    let candidates = Self.slips.map { right + $0 }.filter { QuantityChain.isValid($0, rest) }
    return candidates.isEmpty ? right : random.element(of: candidates)
  }

  private mutating func append(_ operation: QuantityChain.Operation, _ form: Form, result: Int) {
    let term = "\(answer) \(operation.symbol) \(operation.operand)"
    switch form {
    case .stated(let before, let after):
      sentences.append("\(before)\(term) = \(result)\(after).")
    case .worked, .check:
      // A confirmed mistake ends the right columns with the wrong number: that is how one overlooks it.
      let work = ColumnWork(operation, on: answer).columns.joined(separator: ", ")
      sentences.append("\(form.opening)\(term): \(work), so \(result).")
    }
    answer = result
  }

  private mutating func appendAnswer() {
    sentences.append("\(AnswerSentence.opening) \(answer).")
  }
}
