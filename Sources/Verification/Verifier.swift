/// Verifies mathematical answers: total, bounded, and the same for the same pair on every machine.
///
/// Any two texts have a verdict. Work is bounded by counted steps and lengths, not by time. A gold answer
/// that cannot be read makes no answer right.
///
///     Verifier().verify(gold: "\\frac{1}{2}", answer: "So it is $\\boxed{0.5}$.").correct  // true
public struct Verifier: Sendable {
  /// How answers are found and compared.
  public var options: VerifierOptions

  /// A verifier.
  public init(options: VerifierOptions = VerifierOptions()) { self.options = options }

  /// Whether `answer`, a text that ends in an answer or the answer alone, says the same as `gold`.
  ///
  /// Takes time linear in the lengths of the texts, and a bounded number of steps for the comparison.
  public func verify(gold: String, answer: String) -> VerificationResult {
    verify(gold: GoldAnswer(gold, options: options), answer: answer)
  }

  /// Whether `answer` says the same as a gold answer that was read before.
  public func verify(gold: GoldAnswer, answer: String) -> VerificationResult {
    guard gold.isReadable else {
      return VerificationResult(
        correct: false, extracted: nil, gold: nil,
        reason: "the gold answer \"\(gold.text.prefix(60))\" \(gold.problem ?? "cannot be read")")
    }
    let readings = AnswerReader(answer, options: options).answers()
    guard let first = readings.first else {
      return VerificationResult(
        correct: false, extracted: nil, gold: gold.shown, reason: "the text states no answer")
    }
    let work = Work()
    for wanted in gold.readings {
      for reading in readings {
        var comparison = AnswerComparison(options: options, work: work)
        comparison.listsAreOrdered = wanted.isBare && reading.isBare
        let isEqual: Bool
        do {
          isEqual = try comparison.matches(gold: wanted.expression, answer: reading.expression)
        } catch .limit {
          return VerificationResult(
            correct: false, extracted: reading.source, gold: gold.shown,
            reason: "whether \(reading.shown) equals \(wanted.shown) takes too much work to say")
        } catch {
          continue
        }
        if isEqual {
          return VerificationResult(
            correct: true, extracted: reading.source, gold: gold.shown,
            reason: "\(reading.shown) equals \(wanted.shown)")
        }
      }
    }
    return VerificationResult(
      correct: false, extracted: first.source, gold: gold.shown,
      reason: "\(first.shown) is not \(gold.readings[0].shown)")
  }

  /// The answer that a text states, as it is written there; nil when it states none.
  public func extractAnswer(_ text: String) -> String? {
    AnswerReader(text, options: options).answers().first?.source
  }
}

/// A gold answer that has been read, to be compared with many answers.
public struct GoldAnswer: Sendable {
  /// The text as it was given.
  public let text: String
  /// What it may mean; empty when it cannot be read.
  let readings: [Reading]
  /// What is wrong with it.
  let problem: String?

  /// Reads a gold answer: an answer alone, in LaTeX or plain, or a worked solution that ends in one.
  public init(_ text: String, options: VerifierOptions = VerifierOptions()) {
    self.text = text
    let reader = AnswerReader(text, options: options)
    readings = reader.golds()
    problem =
      !readings.isEmpty
      ? nil : text.trimmed.isEmpty ? "is empty" : "cannot be read as an answer"
  }

  /// Whether it can be read: otherwise no answer is ever right.
  public var isReadable: Bool { !readings.isEmpty }

  /// Whether it can be read and is neither words nor a single name, such as the letter of a choice.
  public var isMathematics: Bool {
    readings.contains { reading in
      switch reading.expression {
      case .text, .symbol, .labelled, .constant(.e), .constant(.i): false
      default: true
      }
    }
  }

  /// The answer as it is written in the text.
  public var shown: String? { readings.first?.source }
}

/// One way to read an answer.
struct Reading: Sendable {
  /// The expression it is.
  let expression: Expression
  /// As it is written.
  let source: String
  /// Without any mark of mathematics around it.
  var isBare = false

  /// For messages.
  var shown: String { "\"\(source.prefix(60))\"" }
}
