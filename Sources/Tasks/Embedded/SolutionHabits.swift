/// How the supervised corpus of the embedded task goes about a problem: how often a step is
/// guessed, errs, is checked, is repaired. Probabilities, each in 0...1.
///
/// A base model trained on this corpus errs and deliberates at about these rates when sampled, while
/// the most probable result of a step is right. What reinforcement learning can find: not to guess,
/// to check after a guess, and not to check what is already settled.
public struct SolutionHabits: Sendable, Hashable {
  /// A rate for steps within a ten, and one for steps across it.
  public struct Rates: Sendable, Hashable {
    /// Within a ten.
    public var easy: Double
    /// With a carry, a borrow, or the double of 5 or more.
    public var hard: Double

    /// The two rates.
    public init(easy: Double, hard: Double) {
      self.easy = easy
      self.hard = hard
    }
  }

  /// A step is a guess and says so: `Maybe 7 + 5 = 13.`
  public var guess = Rates(easy: 0.2, hard: 0.4)
  /// A guess has a wrong result.
  public var guessSlip = 0.65
  /// A step that is not a guess has a wrong result.
  public var slip = Rates(easy: 0.02, hard: 0.1)
  /// A re-check or recap follows a step. A solution draws one of these for all its steps: some
  /// solutions are terse, some wordy.
  public var deliberation = [0.5, 0.7, 0.9]
  /// After each re-check or recap the chance of another is multiplied by this, so that the most
  /// probable continuation always comes to an end.
  public var deliberationDecay = 0.75
  /// At most this many re-checks and recaps follow a step.
  public var maximumDeliberations = 4
  /// A deliberation computes the step anew (`Check: 7 + 5 = 12.`); the others only recall the running
  /// number (`So far 12.`).
  public var checkShare = 0.65
  /// A re-check of a wrong result finds the right one; otherwise it confirms the wrong one.
  public var repair = 0.9
  /// A solution with a guess that no re-check followed starts over after its answer and answers anew.
  public var redoInDoubt = 0.4
  /// Any other solution does.
  public var redoOtherwise = 0.03

  /// The habits of the shipped base model's corpus.
  public init() {}
}
