/// Why an expression could not be read or decided. Never leaves the module: the verifier turns it into
/// a verdict.
enum VerificationFailure: Error, Equatable {
  /// The text is not mathematics as this module reads it.
  case malformed(String)
  /// Reading or deciding would take more than the work allowed.
  case limit
}

/// The bound on the work of one verification: not a timer, so the same pair always has the same verdict.
final class Work {
  /// Steps of one verification: an expression node evaluated, a product of two terms, and the like. The
  /// largest takes well under a second in a release build.
  static let standard = 200_000

  private var remaining: Int

  init(steps: Int = Work.standard) { remaining = steps }

  /// Counts `steps` steps.
  func spend(_ steps: Int = 1) throws(VerificationFailure) {
    remaining -= steps
    guard remaining >= 0 else { throw .limit }
  }
}
