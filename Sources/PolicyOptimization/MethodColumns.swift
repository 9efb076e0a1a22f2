/// How many of its problem's entities a completion names.
public struct EntityMatch: Sendable, Equatable {
  /// Entities found.
  public let matched: Int
  /// Entities of the problem.
  public let total: Int

  /// `matched` of `total`.
  public init(matched: Int, total: Int) {
    precondition(0...total ~= matched, "\(matched) of \(total) entities")
    self.matched = matched
    self.total = total
  }

  /// The share found; 0 where the problem has no entities.
  public var rate: Double { total == 0 ? 0 : Double(matched) / Double(total) }
}

/// What is wrong with a completion apart from its answer.
public enum CompletionFault: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// It states no answer where one is looked for.
  case format
  /// It was cut off at the length limit.
  case overlong
}

/// Whether a completion thinks before it answers.
public enum CompletionMode: String, Sendable, CaseIterable {
  /// It does.
  case on
  /// It answers at once.
  case off
  /// It does not begin with a decision that can be read.
  case invalid
}

extension GroupBatch {
  /// A column that a method's `columns` name. It is the caller's error when the batch has none.
  func required<Column>(
    _ column: Column?, _ name: BatchColumn, by method: MethodPublication
  ) -> Column {
    guard let column else {
      preconditionFailure("\(method.name) needs the batch's column \(name.rawValue)")
    }
    return column
  }
}
