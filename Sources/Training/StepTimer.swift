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

  /// What is recorded of a step.
  ///
  /// - Parameter avoidedTokens: an estimate of the tokens that a screening of prompts spared; the seconds
  ///   they would have taken are given where there are any.
  func record(generatedTokens: Int, avoidedTokens: Double = 0) -> Record {
    var seconds = phases.map { (name: $0.name, value: $0.seconds) }
    seconds.append(("total", total))
    if self["generate"] > 0 {
      seconds.append(
        ("generated_tokens_per_second", Double(generatedTokens) / self["generate"]))
    }
    if avoidedTokens > 0, generatedTokens > 0 {
      seconds.append(
        ("generate_seconds_avoided", self["generate"] * avoidedTokens / Double(generatedTokens)))
    }
    return Record(values: seconds, peakMemory: peakMemory() >> 20)
  }

  /// Times, speeds and memory of a step.
  struct Record {
    let values: [(name: String, value: Double)]
    /// In MiB.
    let peakMemory: Int

    private static let memoryName = "peak_memory_mib"

    /// All by name.
    var figures: [String: Double] {
      Dictionary(
        values + [(name: Self.memoryName, value: Double(peakMemory))], uniquingKeysWith: { $1 })
    }

    /// One JSON object for `timings.jsonl`.
    func json(step: Int) -> String {
      let fields =
        ["\"step\":\(step)"]
        + values.map { "\"\($0.name)\":\(String(format: "%.4f", $0.value))" }
        + ["\"\(Self.memoryName)\":\(peakMemory)"]
      return "{" + fields.joined(separator: ",") + "}"
    }
  }
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
