/// Verifies answers to multiple-choice questions by the label that a text states.
public struct ChoiceVerifier: Sendable, Hashable {
  /// One choice.
  public struct Choice: Sendable, Hashable {
    /// Its label: a letter, or a digit.
    public let label: String
    /// What it says.
    public let text: String

    /// A choice.
    public init(label: String, text: String) {
      self.label = label
      self.text = text
    }
  }

  /// The choices, in the order of the question.
  public let choices: [Choice]
  private let labels: [String]

  /// A verifier for a question whose choices are known: an answer may also name one by its text.
  public init(choices: [Choice]) {
    self.choices = choices
    labels = choices.map(\.label)
  }

  /// A verifier for a question of which the gold label alone is known: letters up to E and the label's
  /// own count as labels, or the digits 1 to 5 where the label is a digit.
  public init(gold: String) {
    choices = []
    let usual =
      gold.first?.isNumber == true ? ["1", "2", "3", "4", "5"] : ["A", "B", "C", "D", "E"]
    labels = usual.contains(gold) || !Self.isLabel(gold) ? usual : usual + [gold]
  }

  /// Whether `text` can be the label of a choice: one letter or digit.
  public static func isLabel(_ text: String) -> Bool {
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      return false
    }
    return ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
  }

  /// The label that a text states as its answer; nil when it states none.
  ///
  /// Takes time linear in the text's length.
  public func extractAnswer(_ text: String) -> String? {
    let texts = choices.map(\.text)
    // What a model thinks to itself counts only where nothing is stated after it.
    if let conclusion = AnswerReader.conclusion(of: text),
      let label = StatedChoice(conclusion, labels: labels, texts: texts).label()
    {
      return label
    }
    return StatedChoice(text, labels: labels, texts: texts).label()
  }

  /// Whether `answer` states the label `gold`.
  public func verify(gold: String, answer: String) -> VerificationResult {
    guard labels.contains(gold) else {
      return VerificationResult(
        correct: false, extracted: nil, gold: nil,
        reason: "the gold answer \"\(gold.prefix(60))\" is none of the choices "
          + labels.joined(separator: ", "))
    }
    guard let stated = extractAnswer(answer) else {
      return VerificationResult(
        correct: false, extracted: nil, gold: gold, reason: "the text states no choice")
    }
    return VerificationResult(
      correct: stated == gold, extracted: stated, gold: gold,
      reason: stated == gold ? "the choice is \(gold)" : "the choice \(stated) is not \(gold)")
  }
}
