/// Whether a solution is thought out before it is given.
public enum ThinkingMode: String, Sendable, Hashable, CaseIterable {
  /// It is.
  case on
  /// It is given at once.
  case off
}

/// Reads the decision about the mode at the head of a completion (HiPO, arXiv 2509.23967): a
/// justification, then a tag; all that follows is the answer, thinking included.
public struct ModeReader: Sendable, Hashable {
  /// What ends the decision to think.
  public let onTag: String
  /// What ends the decision not to.
  public let offTag: String

  /// A reader of two tags, neither empty.
  public init(onTag: String, offTag: String) {
    precondition(!onTag.isEmpty && !offTag.isEmpty, "a mode needs a tag")
    self.onTag = onTag
    self.offTag = offTag
  }

  /// What a completion decided.
  public struct Decision: Sendable, Hashable {
    /// The mode of the first tag.
    public let mode: ThinkingMode
    /// Where the first tag ends, in Unicode scalars.
    public let end: Int
    /// Whether no tag follows the first.
    public let isOnly: Bool
  }

  /// The decision of a completion; nil when it has no tag.
  public func decision(_ completion: String) -> Decision? {
    let found = ThinkingMode.allCases.compactMap { mode in
      completion.firstRange(of: tag(mode)).map { (mode, $0) }
    }
    guard let (mode, range) = found.min(by: { $0.1.lowerBound < $1.1.lowerBound }) else {
      return nil
    }
    let rest = completion[range.upperBound...]
    return Decision(
      mode: mode,
      end: completion.unicodeScalars.distance(
        from: completion.startIndex, to: range.upperBound),
      isOnly: !ThinkingMode.allCases.contains { rest.contains(tag($0)) })
  }

  /// The text that ends a decision for `mode`.
  public func tag(_ mode: ThinkingMode) -> String { mode == .on ? onTag : offTag }
}
