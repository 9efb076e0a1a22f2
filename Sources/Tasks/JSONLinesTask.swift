import JSON
import Verification

/// Any data set of questions with short answers.
public struct JSONLinesTask: ReasoningTask {
  /// `jsonl`.
  public let name = "jsonl"
  /// One line on what it is.
  public let summary = "any questions with short answers, compared as numbers, mathematics or text"
  /// None: the data is the user's.
  public let citation = "your own data"
  /// The question alone.
  public var template = PromptTemplate.question
  /// `The answer is`.
  public var answerLeadIn: String? { AnswerSentence.opening }

  private static let questions = ["prompt", "question", "problem", "messages"]
  private static let answers = ["answer", "ground_truth", "final_answer", "solution"]

  /// The task with its own prompt.
  public init() {}

  /// Reads the columns `prompt`, `question`, `problem` or `messages`, the first of them that is there, and
  /// `answer`, `ground_truth`, `final_answer` or `solution`. The prompt is a text, or messages
  /// `[{"role": ..., "content": ...}]` of which the last is the user's: those before it are the problem's
  /// earlier messages. A message of the assistant may follow, which the model is to go on with. The answer may also stand in a column `reward_model` with a `ground_truth`.
  public func problem(
    from record: JSONRecord, columns: DataColumns
  ) throws(DataError) -> Problem {
    let question = try record.column(columns.question.map { [$0] } ?? Self.questions)
    let (gold, answer) = try gold(record, columns)
    var messages: [Message] = []
    var begun: String?
    let prompt: String
    if case .array(let elements)? = record.columns[question] {
      messages = try Self.messages(elements, record, question)
      if messages.last?.role == "assistant" { begun = messages.popLast()?.content }
      guard let last = messages.popLast(), last.role == "user" else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found: "no message of the user at the end of column \"\(question)\"",
          expected:
            "[..., {\"role\": \"user\", \"content\": \"...\"}], perhaps with the assistant's begun "
            + "answer behind")
      }
      prompt = last.content
    } else {
      prompt = try record.string(question)
    }
    return try record.problem(
      prompt: prompt, answer: gold.trimmingWhitespace(), columns: columns,
      used: [question, answer],
      earlierMessages: messages, begunAnswer: begun)
  }

  private func gold(
    _ record: JSONRecord, _ columns: DataColumns
  ) throws(DataError) -> (text: String, column: String) {
    if columns.answer == nil, !Self.answers.contains(where: { record.columns[$0] != nil }),
      let nested = record.columns["reward_model"]?["ground_truth"]
    {
      let inner = JSONRecord(
        file: record.file, line: record.line, columns: ["reward_model.ground_truth": nested])
      return (try inner.scalarText("reward_model.ground_truth"), "reward_model")
    }
    let answer = try record.column(columns.answer.map { [$0] } ?? Self.answers)
    return (try record.scalarText(answer), answer)
  }

  private static func messages(
    _ elements: [JSONValue], _ record: JSONRecord, _ column: String
  ) throws(DataError) -> [Message] {
    var messages: [Message] = []
    for element in elements {
      guard let role = element["role"]?.string, let content = element["content"]?.string else {
        throw DataError(
          .invalidValue, file: record.file, line: record.line,
          found: "\(element.kind) without a text \"role\" and \"content\" in column \"\(column)\"",
          expected: "messages {\"role\": \"user\", \"content\": \"...\"}")
      }
      messages.append(Message(role: role, content: content))
    }
    return messages
  }

  /// Whether there is a gold answer that can be read.
  public func goldIsParseable(_ problem: Problem) -> Bool { !problem.answer.isEmpty }

  /// What follows the last `####`, otherwise the content of the last `\boxed{}`, otherwise what follows
  /// the last "answer is" or "answer:", otherwise the last line.
  public func extractAnswer(_ completion: String) -> String? { StatedAnswer(completion).text() }

  /// Compares as numbers when the gold answer is nothing but a number (then the completion's is found
  /// as in GSM8K), otherwise as exact text, letter case included; only white space, emphasis and a final
  /// full stop around it do not count. Where the texts differ and the gold answer is mathematics other
  /// than words, `Verifier` decides.
  public func verify(completion: String, problem: Problem) -> Verdict {
    let gold = problem.answer
    guard !gold.isEmpty else { return .unparseable(gold: gold, expected: "there") }
    let stated = StatedAnswer(completion)
    if let number = NumericGold.strict(gold) { return .comparing(stated.number(), with: number) }
    let text = stated.text()
    if text == StatedAnswer.trimmed(gold) {
      return Verdict(
        correct: true, extracted: text, gold: gold, reason: "the texts are the same")
    }
    let read = GoldAnswer(gold)
    if read.isMathematics {
      return Verdict(Verifier().verify(gold: read, answer: completion), gold: gold)
    }
    let shown = text.map { "\"\($0.prefix(60))\"" } ?? "no answer"
    return Verdict(
      correct: false, extracted: text, gold: gold, reason: "\(shown) is not \"\(gold.prefix(60))\"")
  }
}
