/// How much a template may do. A template comes with a model from anywhere, so its work is bounded: what
/// goes beyond is a `TemplateError` of kind `limit`.
public struct TemplateLimits: Sendable, Hashable {
  /// Steps: expressions evaluated, items visited, and one per 16 bytes of text that are written,
  /// copied or searched. A conversation of a hundred messages takes some ten thousand.
  public var steps = 20_000_000
  /// Levels of expressions, statements and calls inside one another.
  public var depth = 160

  /// The default bounds.
  public init() {}

  /// Levels of brackets, operators' operands and blocks inside one another in a template's text.
  static let syntaxDepth = 60
  /// Levels of lists and dictionaries inside one another; JSON that is read has at most 64.
  static let valueDepth = 72
  /// The sandbox's bound on `range` (`jinja2.sandbox.MAX_RANGE`).
  static let range = 100_000
  /// Bytes of text that one step pays for.
  static let bytesPerStep = 16
  /// The longest text that one operation may make, in bytes.
  static let textBytes = 1 << 28
}

/// Counts the work of one rendering.
final class Meter {
  private var remaining: Int
  private let limits: TemplateLimits
  private var depth = 0

  init(_ limits: TemplateLimits) {
    self.limits = limits
    remaining = limits.steps
  }

  @inline(__always)
  func spend(_ steps: Int = 1) throws {
    remaining -= steps
    if remaining < 0 { throw exhausted() }
  }

  /// Pays for `bytes` of text.
  @inline(__always)
  func spend(bytes: Int) throws { try spend(1 + bytes / TemplateLimits.bytesPerStep) }

  /// Pays for `count` copies of a text before they are made.
  func spend(bytes: Int, times count: Int) throws {
    let (total, overflow) = bytes.multipliedReportingOverflow(by: max(count, 0))
    guard !overflow, total <= TemplateLimits.textBytes else { throw exhausted() }
    try spend(bytes: total)
  }

  @inline(__always)
  func enter() throws {
    depth += 1
    if depth > limits.depth {
      throw Fault(
        .limit,
        "expressions, blocks and calls are nested deeper than \(limits.depth) levels")
    }
  }

  @inline(__always)
  func leave() { depth -= 1 }

  private func exhausted() -> Fault {
    Fault(.limit, "the template did more than \(limits.steps) steps of work")
  }
}
