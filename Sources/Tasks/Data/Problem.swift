import JSON

/// One message of a conversation.
public struct Message: Sendable, Hashable {
  /// Who says it: `system`, `user` or `assistant`.
  public let role: String
  /// What is said.
  public let content: String

  /// A message.
  public init(role: String, content: String) {
    self.role = role
    self.content = content
  }
}

/// A question with its verified answer.
public struct Problem: Sendable, Hashable {
  /// Unique in its data set; the rollouts' random streams and the split by question go by it.
  public let id: String
  /// The question as the data set gives it, without a prompt around it.
  public let prompt: String
  /// What was said before the question, where the data set has conversations: a system message, earlier
  /// turns.
  public let earlierMessages: [Message]
  /// How the answer begins, where the data set's conversation ends in a message of the assistant: the
  /// model goes on from there.
  public let begunAnswer: String?
  /// The gold answer. What form it has is the task's affair (GSM8K: a number).
  public let answer: String
  /// A worked solution that ends in the answer, where the data set has one.
  public let solution: String?
  /// The difficulty, where the data set states one; larger is harder.
  public let level: Int?
  /// The row's other columns.
  public let metadata: [String: JSONValue]
  /// The line of the data file, from 1; nil for generated problems.
  public let line: Int?

  /// A problem.
  public init(
    id: String, prompt: String, answer: String, solution: String? = nil, level: Int? = nil,
    metadata: [String: JSONValue] = [:], line: Int? = nil, earlierMessages: [Message] = [],
    begunAnswer: String? = nil
  ) {
    self.id = id
    self.prompt = prompt
    self.earlierMessages = earlierMessages
    self.begunAnswer = begunAnswer
    self.answer = answer
    self.solution = solution
    self.level = level
    self.metadata = metadata
    self.line = line
  }
}

/// Which columns of a data file hold what, where they are not called as the task expects.
public struct DataColumns: Sendable, Hashable {
  /// The column of the question; nil for the task's own.
  public var question: String?
  /// The column of the answer; nil for the task's own.
  public var answer: String?
  /// The column of the identity. Without such a column rows are called `FILE-LINE`.
  public var id: String
  /// The column of the difficulty, a whole number.
  public var level: String

  /// The task's own columns, except those named.
  public init(
    question: String? = nil, answer: String? = nil, id: String = "id", level: String = "level"
  ) {
    self.question = question
    self.answer = answer
    self.id = id
    self.level = level
  }
}

extension Problem {
  /// The same problem with another question.
  public func asking(_ question: String) -> Problem {
    Problem(
      id: id, prompt: question, answer: answer, solution: solution, level: level,
      metadata: metadata, line: line, earlierMessages: earlierMessages, begunAnswer: begunAnswer)
  }
}

extension JSONRecord {
  /// The row as a problem.
  ///
  /// - Parameters:
  ///   - question: The column of the question.
  ///   - answer: The gold answer, and a worked solution where there is one.
  ///   - used: The columns that are not to appear in the metadata.
  func problem(
    prompt: String, answer: String, solution: String? = nil, columns names: DataColumns,
    used: Set<String>, earlierMessages: [Message] = [], begunAnswer: String? = nil,
    level given: Int? = nil,
    metadata: [String: JSONValue] = [:]
  ) throws(DataError) -> Problem {
    let stem = file.split(separator: "/").last?.split(separator: ".").first.map(String.init)
    let hasID = columns[names.id] != nil
    let id = hasID ? try scalarText(names.id) : "\(stem ?? file)-\(line)"
    let level = given ?? columns[names.level]?.statedLevel
    var rest = columns
    for name in used { rest[name] = nil }
    if hasID { rest[names.id] = nil }
    if level != nil, given == nil { rest[names.level] = nil }
    rest.merge(metadata) { $1 }
    return Problem(
      id: id, prompt: prompt, answer: answer, solution: solution, level: level, metadata: rest,
      line: line, earlierMessages: earlierMessages, begunAnswer: begunAnswer)
  }
}

extension JSONValue {
  /// A difficulty: a whole number, also as text and after "Level", as in MATH.
  var statedLevel: Int? {
    if let int { return int }
    guard var text = string?.trimmingWhitespace().lowercased() else { return nil }
    if text.hasPrefix("level ") { text.removeFirst("level ".count) }
    return Int(text)
  }
}
