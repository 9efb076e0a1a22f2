import Settings

/// A regular expression over completions, matched in bounded work.
///
/// The syntax is ICU's, which is close to Python's: `(?s)` lets a dot match line feeds, `^` and `$` stand
/// for the ends of the whole text unless `(?m)` is there. It is searched anywhere in the text, as
/// Python's `re.search` does.
public struct CompletionPattern: Sendable {
  private let pattern: BoundedPattern

  /// The pattern as it was written.
  public var text: String { pattern.text }

  /// - Throws: `CompletionPatternError` for what is no regular expression.
  public init(_ text: String) throws(CompletionPatternError) {
    guard let pattern = BoundedPattern(text) else {
      throw CompletionPatternError(
        "the pattern \"\(text)\" is no regular expression, expected one such as "
          + "(?s)^<think>.*</think>\\s*<answer>.*</answer>$")
    }
    self.pattern = pattern
  }

  /// Whether the pattern occurs in `completion`.
  ///
  /// - Throws: `CompletionPatternError` when the search takes more steps or memory than are allowed, as
  ///   nested repetitions such as `(a+)+` do.
  public func occurs(in completion: String) throws(CompletionPatternError) -> Bool {
    do throws(BoundedPattern.Abandoned) {
      return try pattern.occurs(in: completion)
    } catch {
      throw CompletionPatternError(
        "the pattern \"\(text)\" takes too many steps on a completion of \(completion.count) "
          + "characters, expected one without repetitions in repetitions such as (a+)+")
    }
  }
}

/// A pattern that cannot be used.
public struct CompletionPatternError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was found and what was expected.
  public let description: String

  init(_ description: String) { self.description = description }
}
