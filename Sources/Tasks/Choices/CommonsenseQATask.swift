/// Questions of common sense with five choices.
public struct CommonsenseQATask: ChoiceTask {
  /// `commonsense-qa`.
  public let name = "commonsense-qa"
  /// One line on what it is.
  public let summary = "common sense with five choices; the answer is the label in answerKey"
  /// The data set's paper.
  public let citation = "A. Talmor et al., CommonsenseQA, arXiv 1811.00937"
  /// Asks for reasoning and for the letter of a choice.
  public var template = PromptTemplate.choiceAnswer

  /// The task with its own prompt.
  public init() {}
}
