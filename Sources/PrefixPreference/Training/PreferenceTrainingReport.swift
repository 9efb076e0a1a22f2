import Tasks

/// What phase I did: data, course and result.
public struct PreferenceTrainingReport: Sendable, Codable, Equatable {
  /// The labels of all solutions.
  public struct Labels: Sendable, Codable, Equatable {
    /// Questions with right and wrong solutions.
    public let mixedQuestions: Int
    /// Questions whose solutions are all right.
    public let allCorrectQuestions: Int
    /// Questions whose solutions are all wrong.
    public let allWrongQuestions: Int
    /// Solutions whose answer is right.
    public let correct: Int
    /// Solutions whose answer is wrong.
    public let wrong: Int

    init(_ counts: LabelCounts) {
      mixedQuestions = counts.mixed
      allCorrectQuestions = counts.allCorrect
      allWrongQuestions = counts.allWrong
      correct = counts.correctRollouts
      wrong = counts.wrongRollouts
    }
  }

  /// The pairs on one side of the split.
  public struct PairCounts: Sendable, Codable, Equatable {
    /// Questions on this side, with or without pairs.
    public let questions: Int
    /// Pairs of one question.
    public let within: Int
    /// Pairs with a solution of another question.
    public let cross: Int
    /// Pairs of prefixes.
    public let prefix: Int

    init(questions: Int, pairs: [PrefixPair]) {
      self.questions = questions
      within = pairs.count { $0.scope == .within }
      cross = pairs.count { $0.scope == .cross }
      prefix = pairs.count { $0.scope == .prefix }
    }
  }

  /// One pass over the training pairs.
  public struct Epoch: Sendable, Codable, Equatable {
    /// From 1.
    public let epoch: Int
    /// The mean loss of its steps, with dropout, in nats.
    public let trainingLoss: Double
    /// The share of training pairs decided rightly after it, the mean over questions.
    public let trainingAccuracy: Double
    /// The loss on the validation pairs after it; nil without such pairs.
    public let validationLoss: Double?
    /// What early stopping goes by: the share of validation pairs decided rightly, the mean over
    /// questions.
    public let validationAccuracy: Double?
  }

  /// The labels of all solutions.
  public let labels: Labels
  /// Tokens of all solutions: what sampling them costs beside the rollouts of policy optimization.
  public let solutionTokens: Int
  /// What the head learnt from.
  public let training: PairCounts
  /// What it was judged by.
  public let validation: PairCounts
  /// Solutions that the encoder read, each once for every question that it is judged for.
  public let encodedSolutions: Int
  /// The passes in order.
  public let epochs: [Epoch]
  /// The pass whose weights were kept.
  public let bestEpoch: Int
  /// The kept weights on the validation pairs; nil without such pairs.
  public let validationMeasures: PairMeasures?
  /// The area under the ROC curve of single validation solutions, right against wrong, over all
  /// questions together: by g(h) with the head `bradley-terry`, otherwise by how a solution compares
  /// with the mean training feature. nil when a label is absent or the encoder reads pairs at once.
  public let validationAUC: Double?
}

extension PreferenceTrainingReport {
  /// The report as a plain table.
  public var text: String {
    var lines = [
      "labels      \(labels)",
      "solutions   \(labels.correct + labels.wrong), \(solutionTokens) tokens",
      "training    \(training)",
      "validation  \(validation)",
      "encoded     \(encodedSolutions) solutions",
      "epoch  train-loss  train-accuracy  validation-loss  validation-accuracy",
    ]
    for epoch in epochs {
      let cells = [
        fixed(epoch.trainingLoss), fixed(epoch.trainingAccuracy),
        epoch.validationLoss.map { fixed($0) } ?? "-",
        epoch.validationAccuracy.map { fixed($0) } ?? "-",
      ]
      lines.append(
        padded("\(epoch.epoch)", to: 5)
          + zip(cells, [12, 16, 17, 21]).map { padded($0, to: $1) }.joined()
          + (epoch.epoch == bestEpoch ? "  kept" : ""))
    }
    guard let measures = validationMeasures else {
      return (lines + ["no validation pairs: the last epoch was kept"]).joined(separator: "\n")
    }
    lines += measures.lines
    lines.append("AUC of single solutions        \(validationAUC.map { fixed($0) } ?? "-")")
    return lines.joined(separator: "\n")
  }
}

extension PreferenceTrainingReport.Labels: CustomStringConvertible {
  /// The counts in words.
  public var description: String {
    "\(correct) right and \(wrong) wrong solutions; questions: \(mixedQuestions) mixed, "
      + "\(allCorrectQuestions) all right, \(allWrongQuestions) all wrong"
  }
}

extension PreferenceTrainingReport.PairCounts: CustomStringConvertible {
  /// The counts in words.
  public var description: String {
    "\(questions) questions: \(within) pairs within, \(cross) across questions"
      + (prefix > 0 ? ", \(prefix) of prefixes" : "")
  }
}

extension PairMeasures {
  /// The measures as lines of a plain table.
  var lines: [String] {
    [
      "accuracy, pairs of a question  \(withinAccuracy.described("pairs"))",
      "  the longer one is right      \(longerIsRight.described("pairs"))",
      "  the shorter one is right     \(longerIsRight.mean.map { fixed(1 - $0) } ?? "-")",
      "accuracy, across questions     \(crossAccuracy.described("pairs"))",
      "loss in both orders            \(fixed(loss))",
      "|P(A,B) + P(B,A) - 1|          \(fixed(orderGap))",
      "mean P (position bias)         \(fixed(meanProbability))",
    ]
  }
}

/// `text` moved to the right end of `width` places.
func padded(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
