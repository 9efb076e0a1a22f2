import Foundation

/// Where a step's time went, in seconds. Recorded apart from the metrics, since no seed fixes it.
public struct StepTimes: Sendable {
  /// Seconds by phase, in the order the phases began.
  public private(set) var phases: [(name: String, seconds: Double)] = []

  /// No phases.
  public init() {}

  /// Runs `body` and adds its time to `phase`.
  public mutating func measure<Result>(_ phase: String, _ body: () throws -> Result) rethrows
    -> Result
  {
    let start = ContinuousClock.now
    defer {
      let duration = (ContinuousClock.now - start).components
      add(phase, Double(duration.seconds) + Double(duration.attoseconds) * 1e-18)
    }
    return try body()
  }

  private mutating func add(_ phase: String, _ seconds: Double) {
    if let index = phases.firstIndex(where: { $0.name == phase }) {
      phases[index].seconds += seconds
    } else {
      phases.append((phase, seconds))
    }
  }

  /// All phases together.
  public var total: Double { phases.reduce(0) { $0 + $1.seconds } }

  /// Seconds of a phase; 0 when it did not run.
  public subscript(phase: String) -> Double { phases.first { $0.name == phase }?.seconds ?? 0 }

  /// One JSON object for `timings.jsonl`.
  ///
  /// - Parameter avoidedTokens: an estimate of the tokens that a screening of prompts spared; the seconds
  ///   they would have taken are given where there are any.
  public func json(step: Int, generatedTokens: Int, avoidedTokens: Double = 0) -> String {
    var fields = ["\"step\":\(step)"]
    fields += phases.map { "\"\($0.name)\":\(rounded($0.seconds))" }
    fields.append("\"total\":\(rounded(total))")
    if self["generate"] > 0 {
      fields.append(
        "\"generated_tokens_per_second\":\(rounded(Double(generatedTokens) / self["generate"]))")
    }
    if avoidedTokens > 0, generatedTokens > 0 {
      let seconds = self["generate"] * avoidedTokens / Double(generatedTokens)
      fields.append("\"generate_seconds_avoided\":\(rounded(seconds))")
    }
    fields.append("\"peak_memory_mib\":\(peakMemory() >> 20)")
    return "{" + fields.joined(separator: ",") + "}"
  }

  private func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// The greatest amount of memory the process has held so far, in bytes.
public func peakMemory() -> Int {
  var usage = rusage()
  #if os(Linux)
    // The C library counts in KiB.
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
