import Foundation
import Training

/// Shows how a training run goes: a line that renews itself on a terminal, plain lines elsewhere.
struct ProgressLine {
  private var start = ContinuousClock.now
  private var first = 0

  mutating func tell(_ event: TrainingRun.Event) {
    switch event {
    case .started(let step, let total):
      start = .now
      first = step
      Console.note(
        step == 0 ? "training for \(total) steps" : "going on after step \(step) of \(total)")
    case .note(let text): Console.note(text)
    case .step(let report, let total): show(report, total)
    case .warning(let text, let step): Console.warn("step \(step): \(text)")
    case .evaluated(let evaluation, let step):
      if Console.isTerminal { Console.endProgress() }
      Console.note(
        "step \(step): held-out accuracy \(percent(evaluation.sampled.accuracy.value)) sampled, "
          + "\(percent(evaluation.greedy.accuracy.value)) greedy, "
          + "\(rounded(evaluation.sampled.tokens.value)) tokens")
    case .saved: break
    }
  }

  private func show(_ report: StepReport, _ total: Int) {
    let metrics = report.metrics
    func value(_ name: String) -> Double { metrics[name] ?? .nan }
    let done = metrics.step - first
    let elapsed = (ContinuousClock.now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    let left = seconds / Double(max(1, done)) * Double(total - metrics.step)
    let tokens = report.rollouts.rows.map(\.completion.trajectory.completionIDs.count).reduce(0, +)
    var parts = [
      "\(metrics.step)/\(total)",
      "reward \(rounded(value("reward"), 3))",
      "accuracy \(percent(value("accuracy")))",
      "length \(rounded(value("completions/mean_length")))",
      "steps \(rounded(value("completions/mean_steps")))",
      "cut \(percent(value("completions/clipped_ratio")))",
      "zero-std \(percent(value("frac_reward_zero_std")))",
    ]
    if let kl = metrics["kl"] { parts.append("kl \(rounded(kl, 4))") }
    parts += [
      "entropy \(rounded(value("entropy"), 3))",
      "grad \(rounded(value("grad_norm"), 3))",
      "\(Int(Double(tokens) / max(1e-9, report.times["generate"]))) tok/s",
      "\(rounded(report.times.total, 2)) s/step (\(split(report.times)))",
      "\(peakMemory() >> 20) MiB",
      "left \(duration(left))",
    ]
    Console.progress(parts.joined(separator: "  "))
  }

  private func split(_ times: StepTimes) -> String {
    times.phases.map { "\($0.name) \(percent($0.seconds / max(1e-9, times.total)))" }
      .joined(separator: ", ")
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }
}

/// A number with a fixed count of decimals.
func rounded(_ value: Double, _ digits: Int = 1) -> String {
  value.isFinite ? String(format: "%.\(digits)f", value) : "-"
}

/// A share in per cent.
func percent(_ value: Double) -> String {
  value.isFinite ? "\(Int((value * 100).rounded()))%" : "-"
}
