/// How the corpus of the word problems goes about a problem. Probabilities, each in 0...1.
///
/// A step is stated at once or worked out digit by digit. Stated at once it is short, and where a carry
/// or a borrow is needed it often fails; worked out it is three times as long and hardly ever does. The
/// corpus takes either way whatever the step, so a model learns both ways and not yet when to take
/// which: that is left to reinforcement learning, like which of the checks, recaps and remarks to drop.
public struct WordProblemHabits: Sendable, Hashable {
  /// A step is worked out digit by digit.
  public var workedShare = 0.4
  /// A step without a carry or borrow, stated at once, has a wrong result.
  public var easySlip = 0.02
  /// A step with one, stated at once, has a wrong result.
  public var hardSlip = 0.2
  /// A check, recap or remark follows a step. A solution draws one of these for all its steps: some
  /// are terse, some wordy.
  public var deliberation = [0.2, 0.5, 0.8]
  /// At most this many follow a step, each half as likely as the one before.
  public var maximumDeliberations = 2
  /// A deliberation after a step that was stated at once works the step out; the others recall the
  /// running number or remark on a number that does not matter.
  public var checkShare = 0.5
  /// A check of a wrong result finds the right one; otherwise it confirms the wrong one.
  public var repair = 0.95
  /// A solution with a step with a carry that was stated at once and not checked starts over after its
  /// answer.
  public var redoInDoubt = 0.25
  /// Any other solution does.
  public var redoOtherwise = 0.03

  /// The habits of the recipe.
  public init() {}
}
