/// Grade-school science questions with three to five choices.
public struct ARCTask: ChoiceTask {
  /// `arc`.
  public let name = "arc"
  /// One line on what it is.
  public let summary = "grade-school science with choices; the answer is the label in answerKey"
  /// The data set's paper.
  public let citation =
    "P. Clark et al., Think you have Solved Question Answering? Try ARC, arXiv 1803.05457"
  /// Asks for reasoning and for the letter of a choice.
  public var template = PromptTemplate.choiceAnswer

  /// The task with its own prompt.
  public init() {}
}
