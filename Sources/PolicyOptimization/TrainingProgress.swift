/// Where in the training a batch stands.
public struct TrainingProgress: Sendable, Equatable {
  /// Finished steps.
  public let step: Int
  /// Steps of the whole run, at least one.
  public let steps: Int

  /// After `step` of `steps` steps.
  public init(step: Int = 0, of steps: Int = 1) {
    precondition(step >= 0 && steps >= 1, "step \(step) of \(steps)")
    self.step = step
    self.steps = steps
  }

  /// Finished steps as a share of the run's.
  public var share: Double { Double(step) / Double(steps) }
}
