/// Pairs for training and for validation. No question has rollouts on both sides, not even as a partner.
public struct PreferencePairSplit: Sendable, Hashable {
  /// The pairs to train on, at least one.
  public let training: [PreferencePair]
  /// The pairs to measure on; none when their questions allow none.
  public let validation: [PreferencePair]
  /// The rows of the questions of the training side.
  public let trainingRows: [Int]
  /// The rows of the questions of the validation side.
  public let validationRows: [Int]
}

extension PreferencePairs {
  /// Splits the questions, then builds each side's pairs from that side's rollouts alone.
  ///
  /// - Throws: `NoPreferencePairError` when the training side has no pair.
  public func split(
    _ questions: [QuestionOutcomes]
  ) throws(NoPreferencePairError) -> PreferencePairSplit {
    let (training, validation) = rows(of: questions)
    let pairs = candidates(of: questions, rows: training)
    guard !pairs.isEmpty else {
      throw NoPreferencePairError(
        training: LabelCounts(training.map { questions[$0] }), all: LabelCounts(questions))
    }
    return PreferencePairSplit(
      training: pairs, validation: candidates(of: questions, rows: validation),
      trainingRows: training, validationRows: validation)
  }

  /// The rows of either side, increasing. Decided by the seed and the ids alone, not by the order of the
  /// rows; rows of one id stay together. With two questions or more, validation has at least one of them
  /// and training the rest, unless the share is 0.
  func rows(of questions: [QuestionOutcomes]) -> (training: [Int], validation: [Int]) {
    let ids = Set(questions.map(\.id)).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let wanted = Int((Double(ids.count) * min(max(validationShare, 0), 1)).rounded())
    let count = validationShare > 0 ? min(max(wanted, 1), ids.count - 1) : 0
    var generator = SplitMix64(seed: seed, label: "split by question")
    let held = Set(generator.sample(count, below: ids.count).map { ids[$0] })
    let validation = questions.indices.filter { held.contains(questions[$0].id) }
    let training = questions.indices.filter { !held.contains(questions[$0].id) }
    return (training, validation)
  }
}

/// How many questions and rollouts have which labels.
public struct LabelCounts: Sendable, Hashable, CustomStringConvertible {
  /// Questions with right and wrong rollouts.
  public private(set) var mixed = 0
  /// Questions whose rollouts are all right.
  public private(set) var allCorrect = 0
  /// Questions whose rollouts are all wrong.
  public private(set) var allWrong = 0
  /// Questions without rollouts.
  public private(set) var empty = 0
  /// Rollouts that are right.
  public private(set) var correctRollouts = 0
  /// Rollouts that are wrong.
  public private(set) var wrongRollouts = 0

  /// Counts.
  public init(_ questions: [QuestionOutcomes]) {
    for question in questions {
      let right = question.correct.count { $0 }
      let wrong = question.correct.count - right
      switch (right, wrong) {
      case (0, 0): empty += 1
      case (_, 0): allCorrect += 1
      case (0, _): allWrong += 1
      default: mixed += 1
      }
      correctRollouts += right
      wrongRollouts += wrong
    }
  }

  /// The counts for people.
  public var description: String {
    let questions = mixed + allCorrect + allWrong + empty
    var kinds = "\(mixed) mixed, \(allCorrect) all correct, \(allWrong) all wrong"
    if empty > 0 { kinds += ", \(empty) without rollouts" }
    return "\(questions) questions (\(kinds)) with \(correctRollouts) correct and "
      + "\(wrongRollouts) wrong rollouts"
  }
}

/// Labels from which no preference pair can be built.
public struct NoPreferencePairError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The labels of the training side.
  public let training: LabelCounts
  /// All labels.
  public let all: LabelCounts

  /// The whole message, with the counts and what to change.
  public var description: String {
    var text =
      "no preference pair can be built for training: found \(training), of \(all) in all; expected "
      + "a question with correct and wrong rollouts, or correct and wrong rollouts of different "
      + "questions. Sample more problems or more rollouts per problem"
    if all.correctRollouts == 0 {
      text += "; no rollout is correct: check the task and the answer format"
    }
    return text
  }
}
