import Training

/// A comparison with its progress on the terminal.
enum ComparisonConsole {
  /// The result; nil when it was interrupted.
  static func run(_ comparison: Comparison) throws -> MethodComparison? {
    Interruption.watch()
    var progress = ProgressLine()
    return try comparison.run(shouldStop: { Interruption.isAsked }) { event in
      switch event {
      case .began(let part): Console.note("== \(part)")
      case .phaseOne(let phase): Console.note(phase.report.text)
      case .run(_, let event): progress.tell(event)
      case .evaluated(_, let evaluation):
        Console.endProgress()
        Console.note(evaluation.text)
      }
    }
  }
}
