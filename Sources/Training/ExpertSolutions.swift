import Foundation
import Settings
import Tasks

/// Solutions that others wrote, by problem.
struct ExpertSolutions {
  private let own: [String: String]?
  private let task: any ReasoningTask

  /// Solutions from a data file (`DataFile`) with the columns `id` (the problem's) and `solution`, or where no
  /// file is named from the problems themselves: their column `solution`, or the task's own making.
  ///
  /// - Throws: `DataError` for a row that cannot be used, `SettingError` when no problem has a solution.
  init(of problems: [Problem], task: any ReasoningTask, file: String?) throws {
    self.task = task
    own = try file.map { try Self.read(URL(filePath: $0)) }
    guard !problems.contains(where: { text(for: $0) != nil }) else { return }
    throw SettingError(
      file.map {
        "task.expert-solutions is \($0), whose ids are those of no problem to train on, as "
          + "\"\(problems.first?.id ?? "")\""
      }
        ?? "no problem has an expert's solution, which method.anchor-mode needs: name a file "
        + "with the columns id and solution in task.expert-solutions, or give the data a column "
        + "solution")
  }

  /// The solution of a problem; nil where there is none.
  func text(for problem: Problem) -> String? {
    if let own { return own[problem.id] }
    if let solution = problem.solution { return solution }
    // A problem from a file need not be one that the task can solve: then there is none.
    return try? (task as? EmbeddedTask)?.shortestSolution(for: problem)
  }

  private static func read(_ file: URL) throws -> [String: String] {
    var solutions: [String: String] = [:]
    var lines: [String: Int] = [:]
    for record in try DataFile.records(of: file) {
      let id = try record.scalarText("id")
      if let earlier = lines.updateValue(record.line, forKey: id) {
        throw DataError(
          .duplicateID, file: record.file, line: record.line,
          found: "the id \"\(id)\" of line \(earlier)", expected: "an id of its own")
      }
      solutions[id] = try record.string("solution")
    }
    return solutions
  }
}
