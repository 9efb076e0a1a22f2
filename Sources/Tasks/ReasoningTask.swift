import Foundation

/// A kind of problem with answers that can be verified: how its data is read, what the model is asked,
/// and when a completion is right.
public protocol ReasoningTask: Sendable {
  /// What users call the task.
  var name: String { get }
  /// One line on what it is.
  var summary: String { get }
  /// Where it comes from.
  var citation: String { get }
  /// What stands around the question in a prompt.
  var template: PromptTemplate { get set }
  /// The words before the answer in a solution's last sentence: what a solution is ended with from
  /// outside. Nil for a task whose solutions have no such sentence.
  var answerLeadIn: String? { get }

  /// The problem of one row of a data file.
  ///
  /// - Throws: `DataError` naming the line for a column that is missing or of another type. A gold
  ///   answer that cannot be parsed is no error here; `goldIsParseable` tells.
  func problem(from record: JSONRecord, columns: DataColumns) throws(DataError) -> Problem

  /// Whether the gold answer has the form in which answers are compared.
  func goldIsParseable(_ problem: Problem) -> Bool

  /// The answer that a completion states, or nil. Takes time linear in the completion's length.
  func extractAnswer(_ completion: String) -> String?

  /// Whether a completion is right. Total: any text has a verdict, in time linear in its length. A gold
  /// answer that cannot be parsed makes no completion right.
  func verify(completion: String, problem: Problem) -> Verdict
}

extension ReasoningTask {
  /// None.
  public var answerLeadIn: String? { nil }

  /// The prompt as plain text, before a chat template.
  /// Messages before the question stand above it, and the beginning of the answer below; a chat template
  /// may set them apart instead.
  public func prompt(for problem: Problem) -> String {
    let question = template.filled(with: problem.prompt)
    let begun = problem.begunAnswer.map { [$0] } ?? []
    return (problem.earlierMessages.map(\.content) + [question] + begun)
      .joined(separator: "\n\n")
  }

  /// The problems of a data file, in its order.
  ///
  /// - Parameters:
  ///   - file: JSON lines, a JSON array, CSV or TSV, perhaps compressed with gzip (`DataFile`).
  ///   - columns: Names of columns, where they differ from the task's own.
  ///   - limit: Reads no more than this many rows.
  /// - Throws: `DataError` for the first row that cannot be used, two rows with one `id`, or no row.
  public func problems(
    from file: URL, columns: DataColumns = DataColumns(), limit: Int? = nil
  ) throws(DataError) -> [Problem] {
    var reader = try DataFile.reader(of: file)
    var problems: [Problem] = []
    var lines: [String: Int] = [:]
    while problems.count < limit ?? .max, let record = try reader.next() {
      let problem = try problem(from: record, columns: columns)
      if let earlier = lines.updateValue(record.line, forKey: problem.id) {
        throw DataError(
          .duplicateID, file: record.file, line: record.line,
          found: "the id \"\(problem.id)\" of line \(earlier)", expected: "an id of its own")
      }
      problems.append(problem)
    }
    guard !problems.isEmpty else { throw DataError.noRows(in: file.relativePath) }
    return problems
  }
}

/// What a task says about a completion.
public struct Verdict: Sendable, Hashable {
  /// Whether the answer is right.
  public let correct: Bool
  /// The outcome reward, in [0, 1]: 1 for a right answer, and 0 for a wrong one except in tasks that
  /// give partial credit.
  public let score: Double
  /// The answer that was found in the completion.
  public let extracted: String?
  /// The answer that was wanted.
  public let gold: String
  /// Why, for people.
  public let reason: String

  /// A verdict; `score` is that of `correct` unless the task gives partial credit.
  public init(
    correct: Bool, extracted: String?, gold: String, reason: String, score: Double? = nil
  ) {
    self.correct = correct
    self.score = score ?? (correct ? 1 : 0)
    self.extracted = extracted
    self.gold = gold
    self.reason = reason
  }
}
