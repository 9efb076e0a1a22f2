import Foundation

/// A regular expression over completions, matched in bounded work.
///
/// The syntax is ICU's, which is close to Python's: `(?s)` lets a dot match line feeds, `^` and `$` stand
/// for the ends of the whole text unless `(?m)` is there. It is searched anywhere in the text, as
/// Python's `re.search` does.
public struct CompletionPattern: @unchecked Sendable {
  // Unchecked: a compiled expression is immutable, and ICU documents it as safe to share.
  private let expression: NSRegularExpression

  /// The pattern as it was written.
  public let text: String

  /// ICU reports every 10,000 steps of its matcher, so this allows ten million: a matched text of four
  /// million characters takes eight million, and a second is not reached.
  static let maximumReports = 1_000

  /// - Throws: `CompletionPatternError` for what is no regular expression.
  public init(_ text: String) throws(CompletionPatternError) {
    self.text = text
    do {
      expression = try NSRegularExpression(pattern: text)
    } catch {
      throw CompletionPatternError(
        "the pattern \"\(text)\" is no regular expression, expected one such as "
          + "(?s)^<think>.*</think>\\s*<answer>.*</answer>$")
    }
  }

  /// Whether the pattern occurs in `completion`.
  ///
  /// - Throws: `CompletionPatternError` when the search takes more steps or memory than are allowed, as
  ///   nested repetitions such as `(a+)+` do.
  public func occurs(in completion: String) throws(CompletionPatternError) -> Bool {
    var isFound = false
    var isAbandoned = false
    var reports = 0
    expression.enumerateMatches(
      in: completion, options: [.reportProgress, .reportCompletion],
      range: NSRange(location: 0, length: completion.utf16.count)
    ) { match, flags, stop in
      if match != nil {
        isFound = true
        stop.pointee = true
        return
      }
      reports += 1
      isAbandoned = isAbandoned || flags.contains(.internalError) || reports > Self.maximumReports
      if isAbandoned { stop.pointee = true }
    }
    if isAbandoned && !isFound {
      throw CompletionPatternError(
        "the pattern \"\(text)\" takes too many steps on a completion of \(completion.count) "
          + "characters, expected one without repetitions in repetitions such as (a+)+")
    }
    return isFound
  }
}

/// A pattern that cannot be used.
public struct CompletionPatternError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was found and what was expected.
  public let description: String

  init(_ description: String) { self.description = description }
}
