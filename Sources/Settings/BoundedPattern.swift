import Foundation

/// A regular expression that somebody else wrote, matched in bounded work.
///
/// The syntax is ICU's, which is close to Python's.
public struct BoundedPattern: @unchecked Sendable {
  // Unchecked: a compiled expression is immutable, and ICU documents it as safe to share.
  private let expression: NSRegularExpression

  /// The pattern as it was written.
  public let text: String

  /// The matcher took more steps or memory than are allowed, as nested repetitions such as `(a+)+` do.
  public struct Abandoned: Error, Equatable, Sendable {}

  /// ICU reports every 10,000 steps of its matcher, so this allows ten million: a matched text of four
  /// million characters takes eight million, and a second is not reached.
  private static let maximumReports = 1_000

  /// Nil for what is no regular expression.
  ///
  /// - Parameter matchingWhole: whether a text matches as a whole or not at all, as with Python's
  ///   `re.fullmatch`.
  public init?(_ text: String, matchingWhole: Bool = false) {
    // By itself first: `a)|(?:b` would be well-formed between brackets.
    guard let alone = try? NSRegularExpression(pattern: text) else { return nil }
    self.text = text
    guard matchingWhole else {
      expression = alone
      return
    }
    guard let whole = try? NSRegularExpression(pattern: "\\A(?:\(text))\\z") else { return nil }
    expression = whole
  }

  /// Whether the pattern occurs in `subject`.
  ///
  /// - Throws: `Abandoned` when the search takes more steps or memory than are allowed.
  public func occurs(in subject: String) throws(Abandoned) -> Bool {
    var isFound = false
    var isAbandoned = false
    var reports = 0
    expression.enumerateMatches(
      in: subject, options: [.reportProgress, .reportCompletion],
      range: NSRange(location: 0, length: subject.utf16.count)
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
    if isAbandoned && !isFound { throw Abandoned() }
    return isFound
  }
}
