/// Digit completion: `8,3:9,4` asks for the 4 numbers that continue 8, 3 with equal steps modulo 9.
///
/// The end-to-end training test of verl (Apache-2.0, `tests/e2e/envs/digit_completion`). Small enough
/// for a random network to learn from rewards alone, because a partly right answer is paid for.
public struct DigitsTask: ReasoningTask {
  /// `digits`.
  public let name = "digits"
  /// One line on what it is.
  public let summary = "continue a sequence modulo m: FIRST,SECOND:MODULUS,COUNT (verl's test task)"
  /// Where it comes from.
  public let citation =
    "G. Sheng et al., HybridFlow, arXiv 2409.19256; verl, tests/e2e/envs/digit_completion"
  /// The question alone: the task's own tokenizer has no letters.
  public var template = PromptTemplate.question

  /// The task.
  public init() {}

  /// Reads the column `prompt` (or `question`). An `answer` is checked where there is one: it follows
  /// from the prompt.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = try record.column(columns.question.map { [$0] } ?? ["prompt", "question"])
    let answer = columns.answer ?? "answer"
    let prompt = try record.string(question)
    guard let sequence = Sequence(prompt) else {
      throw DataError(
        .invalidValue, file: record.file, line: record.line,
        found: "\"\(prompt.prefix(40))\" in column \"\(question)\"", expected: Sequence.expected)
    }
    if record.columns[answer] != nil {
      let stated = try record.scalarText(answer)
      guard stated == sequence.continuation else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found: "\"\(stated.prefix(40))\" in column \"\(answer)\"",
          expected: "\"\(sequence.continuation)\", which follows from \"\(prompt)\"")
      }
    }
    return try record.problem(
      prompt: prompt, answer: sequence.continuation, columns: columns, used: [question, answer])
  }

  /// Whether the prompt has the task's form, from which the answer follows.
  public func goldIsParseable(_ problem: Problem) -> Bool {
    Sequence(problem.prompt)?.continuation == problem.answer
  }

  /// The whole completion: there is nothing but the answer in it.
  public func extractAnswer(_ completion: String) -> String? { completion }

  /// Right when the completion is the answer, character by character. The score is verl's reward: of
  /// the answer's characters and the end token, the share that is right before the first mistake. So a
  /// completion that goes on after the whole answer misses only the end token's share. Unlike verl, an
  /// end token before the answer is complete is not paid for.
  public func verify(completion: String, problem: Problem) -> Verdict {
    guard goldIsParseable(problem) else {
      return .unparseable(gold: problem.answer, expected: "the continuation of the prompt")
    }
    let gold = Array(problem.answer.utf8)
    let given = Array(completion.utf8)
    let matched = zip(gold, given).prefix { $0 == $1 }.count
    let correct = gold == given
    let paid = matched + (correct ? 1 : 0)
    return Verdict(
      correct: correct, extracted: completion, gold: problem.answer,
      reason: "\(matched) of \(gold.count) characters are right up to the first mistake",
      score: Double(paid) / Double(gold.count + 1))
  }
}

extension DigitsTask {
  /// A prompt of the form `FIRST,SECOND:MODULUS,COUNT`.
  struct Sequence {
    /// verl's own data asks for at most 9; the bound keeps the answer short.
    private static let largestCount = 1000
    static let expected =
      "FIRST,SECOND:MODULUS,COUNT in digits, as in \"8,3:9,4\", with a modulus of at least 1 "
      + "and a count of at most \(largestCount)"

    /// The numbers that follow, separated by commas.
    let continuation: String

    init?(_ prompt: String) {
      let halves = prompt.split(separator: ":", omittingEmptySubsequences: false)
      guard halves.count == 2, let start = Self.pair(halves[0]), let rule = Self.pair(halves[1]),
        rule.0 >= 1, rule.1 <= Self.largestCount
      else { return nil }
      let (modulus, count) = rule
      let step = start.1 % modulus - start.0 % modulus + modulus
      var last = start.1 % modulus
      var numbers: [String] = []
      for _ in 0..<count {
        last = (last + step) % modulus
        numbers.append(String(last))
      }
      continuation = numbers.joined(separator: ",")
    }

    /// Two numbers of at most nine digits, so that no sum overflows.
    private static func pair(_ text: Substring) -> (Int, Int)? {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let isDigits = parts.allSatisfy { part in
        (1...9).contains(part.utf8.count)
          && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
      guard parts.count == 2, isDigits, let first = Int(parts[0]), let second = Int(parts[1])
      else { return nil }
      return (first, second)
    }
  }
}
