import Foundation

/// What is wrong with a step although nothing failed: the quiet ways of learning nothing.
public enum LearningCheck {
  // From this share on, most of what is learnt is how a cut-off solution begins.
  private static let truncatedShare = 0.5

  /// Warnings that are as true of a late step as of the first, each naming the knob to turn.
  ///
  /// - Parameter metrics: the step's figures under their record names.
  public static func lateWarnings(_ metrics: Metrics) -> [String] {
    guard (metrics["difficulty/widened"] ?? 0) > 0 else { return [] }
    return [
      "no problem's expected accuracy lay between method.filter-low and method.filter-high, so the "
        + "step took those nearest to 1/2: widen the bounds, or take problems of another difficulty"
    ]
  }

  /// Warnings about a first step, each naming the knob to turn.
  ///
  /// - Parameter metrics: the step's figures under their record names.
  public static func warnings(_ metrics: Metrics, unparseableGolds: Int) -> [String] {
    var warnings: [String] = []
    if unparseableGolds > 0 {
      warnings.append(
        "\(unparseableGolds) gold answers of this step cannot be parsed and count as wrong; "
          + "look at task.data and task.name")
    }
    if let outcome = metrics["outcome"] ?? metrics["accuracy"], outcome <= 0 {
      warnings.append(
        "every outcome reward is 0: no completion was right, so there is nothing to learn from. Is "
          + "the answer format what task.name expects? Is rollouts.max-completion long enough? Is the "
          + "model strong enough (laconic eval)?")
    } else if let zero = metrics["frac_reward_zero_std"], zero >= 1 {
      warnings.append(
        "all completions of every prompt have the same reward, so every advantage is 0: take "
          + "problems of another difficulty, a larger training.group-size or a higher "
          + "rollouts.temperature")
    }
    if let clipped = metrics["completions/clipped_ratio"], clipped >= truncatedShare {
      warnings.append(
        "\(Int((clipped * 100).rounded())) % of the completions were cut off by "
          + "rollouts.max-completion: raise it, or they are graded without their answers")
    }
    if let norm = metrics["grad_norm"], norm == 0 {
      warnings.append(
        "the gradient is zero: this step changes nothing (method.kl-coef and the rewards say why)")
    }
    return warnings
  }
}

/// A run that cannot go on; its last checkpoint is intact.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
  /// What happened, at which step, and what to do.
  public let description: String

  /// An error with a message.
  public init(_ description: String) { self.description = description }
}
