/// A chain put in words, and read back from them.
struct ArithmeticStory: Hashable, Sendable {
  let chain: ArithmeticChain
  /// `Ann has 7 apples. She buys 5. She loses 3. How many?`
  let text: String

  static let women = ["Ann", "Eve", "Fay", "Ida", "Kim", "Lea", "Mia", "Zoe"]
  static let men = ["Ben", "Cal", "Dan", "Gus", "Joe", "Leo", "Max", "Tom"]
  static let things = [
    "apples", "balls", "beads", "books", "cards", "coins", "cups", "eggs", "hats", "keys",
    "pens", "plums", "shells", "stamps", "stones", "toys",
  ]
  static let gains = ["buys", "finds", "gets", "wins"]
  static let losses = ["drops", "loses", "sells", "spends"]
  static let question = "How many?"
  private static let doubling = "doubles them."

  /// A telling of `chain`, drawn among all names, things and verbs.
  init(_ chain: ArithmeticChain, using random: inout SplitMix64) {
    let isWoman = random.integer(below: 2) == 0
    let name = random.element(of: isWoman ? Self.women : Self.men)
    var sentences = ["\(name) has \(chain.start) \(random.element(of: Self.things))."]
    for operation in chain.operations {
      let deed =
        switch operation {
        case .plus(let operand): "\(random.element(of: Self.gains)) \(operand)."
        case .minus(let operand): "\(random.element(of: Self.losses)) \(operand)."
        case .double: Self.doubling
        }
      sentences.append("\(isWoman ? "She" : "He") \(deed)")
    }
    self.chain = chain
    text = (sentences + [Self.question]).joined(separator: " ")
  }

  /// Reads a telling back.
  ///
  /// - Throws: `EmbeddedProblemError` naming the first sentence that no telling contains.
  init(parsing text: String) throws(EmbeddedProblemError) {
    func error(_ sentence: some StringProtocol, _ expected: String) -> EmbeddedProblemError {
      EmbeddedProblemError(text: text, sentence: String(sentence), expected: expected)
    }
    guard text.hasSuffix(Self.question) else { throw error(text.suffix(12), Self.question) }
    let sentences = text.dropLast(Self.question.count).split(separator: ".")
      .map { $0.split(separator: " ") }.filter { !$0.isEmpty }
    guard let opening = sentences.first, opening.count == 4, opening[1] == "has",
      let start = Int(opening[2]), ArithmeticChain.values.contains(start)
    else { throw error(sentences.first?.joined(separator: " ") ?? "", "\"Ann has 7 apples\"") }
    var operations: [ArithmeticChain.Operation] = []
    for sentence in sentences.dropFirst() {
      guard sentence.count == 3, let operation = Self.operation(sentence[1], sentence[2]) else {
        throw error(sentence.joined(separator: " "), "\"She buys 5\" or \"She doubles them\"")
      }
      operations.append(operation)
    }
    guard !operations.isEmpty, ArithmeticChain.isValid(start, operations) else {
      throw error(text, "operations whose results lie in \(ArithmeticChain.values)")
    }
    chain = ArithmeticChain(start: start, operations: operations)
    self.text = text
  }

  private static func operation(
    _ verb: Substring, _ object: Substring
  ) -> ArithmeticChain.Operation? {
    if "\(verb) \(object)." == doubling { return .double }
    guard let operand = Int(object), ArithmeticChain.operands.contains(operand) else { return nil }
    if gains.contains(String(verb)) { return .plus(operand) }
    return losses.contains(String(verb)) ? .minus(operand) : nil
  }
}

/// A text that is not a problem of the embedded task.
public struct EmbeddedProblemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text.
  public let text: String
  /// The sentence that cannot be read.
  public let sentence: String
  /// What was expected in its place.
  public let expected: String

  /// The whole message.
  public var description: String {
    "\"\(text)\" is no problem of \(EmbeddedTask.name): found \"\(sentence)\", expected \(expected)"
  }
}
