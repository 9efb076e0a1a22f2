import Settings

/// The tasks that ship with Laconic, by name.
public enum TaskRegistry {
  /// Every task, in the order in which they are listed.
  public static var all: [any ReasoningTask] {
    [
      EmbeddedTask(), EmbeddedModeTask(), WordProblemTask(), GSM8KTask(), MathTask(),
      DeepMathTask(), AIMETask(), ARCTask(), CommonsenseQATask(), DigitsTask(), JSONLinesTask(),
    ]
  }

  /// The task called `name`, with its own prompt or another.
  ///
  /// - Parameters:
  ///   - name: As in `gsm8k`.
  ///   - template: A prompt with `{question}`; nil for the task's own.
  /// - Throws: `UnknownTaskError` that names the nearest task, or `PromptTemplateError`.
  public static func task(named name: String, template: String? = nil) throws -> any ReasoningTask {
    guard var task = all.first(where: { $0.name == name }) else {
      throw UnknownTaskError(name: name, known: all.map(\.name))
    }
    if let template { task.template = try PromptTemplate(parsing: template) }
    return task
  }
}

/// A task that is not there.
public struct UnknownTaskError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name that was asked for.
  public let name: String
  /// The names that are there.
  public let known: [String]

  /// The whole message, with the nearest task.
  public var description: String {
    let hint = nearestName(to: name, in: known).map { "; the nearest is \($0)" } ?? ""
    return "found the unknown task \"\(name)\", expected one of \(known.joined(separator: ", "))"
      + hint
  }
}
