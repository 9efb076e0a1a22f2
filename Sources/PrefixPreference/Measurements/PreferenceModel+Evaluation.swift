import Tasks
import Torch

extension PreferenceModel {
  /// Measures the model on labelled solutions, best on ones that it was not trained on.
  ///
  /// - Parameters:
  ///   - pairsPerQuestion: the most pairs of one question, drawn by the seed; nil: all.
  ///   - offtopicPerTrajectory: partners from other questions for every solution of a question whose
  ///     solutions are all right.
  /// - Throws: `PreferenceError.nothingToMeasure` when no right solution meets a wrong one, and what the
  ///   encoder throws.
  public func evaluate(
    _ solutions: [LabelledSolution], pairsPerQuestion: Int? = 64, offtopicPerTrajectory: Int = 4,
    seed: UInt64 = 0
  ) throws -> PreferenceEvaluation {
    try withoutGradients {
      let groups = QuestionGroups(solutions)
      let outcomes = groups.outcomes
      let pairs = PreferencePairs(
        offtopicPerTrajectory: offtopicPerTrajectory, pairsPerQuestion: pairsPerQuestion,
        validationShare: 0, seed: seed
      ).candidates(of: outcomes)
      guard !pairs.isEmpty else {
        throw PreferenceError.nothingToMeasure(found: "\(LabelCounts(outcomes))")
      }
      let all = groups.references(Array(outcomes.indices))
      let table = try PairTable(
        pairs: pairs, alone: all, groups: groups, encoder: encoder, prefixes: .everyStep)
      return try measure(pairs, all, groups, table)
    }
  }

  private func measure(
    _ pairs: [PreferencePair], _ all: [RolloutReference], _ groups: QuestionGroups,
    _ table: PairTable
  ) throws -> PreferenceEvaluation {
    let scored = try self.scored(pairs.map(table.complete), in: table.encoded)
    let within = scored.filter { $0.pair.scope == .within }
    let matched = try self.scored(
      pairs.filter { $0.kind == .withinQuestion }.flatMap(table.matchedPrefixes)
        + within.map(\.pair).filter { $0.winner.steps == $0.loser.steps && $0.winner.steps > 0 },
      in: table.encoded)
    let rows = all.map { table[$0, judgedFor: $0.question] }
    let prefixes = rows.map { $0.prefixes.prefix($0.steps.stepCount) }
    let scores = try self.scores(of: table.encoded, prefixes: prefixes)
    let standings = try self.standings(of: table.encoded)
    func signal(_ u: (PrefixScores) -> [Double]) -> PrefixSignal {
      PrefixSignal(
        all.indices.map {
          (all[$0].question, rows[$0].steps, groups[all[$0]].correct, u(scores[$0]))
        })
    }
    let isSeparate = table.encoded.separate != nil
    return PreferenceEvaluation(
      questions: groups.solutions.count, solutions: all.count, pairs: PairMeasures(scored),
      byLength: LengthBreakdown(within), bySteps: Self.bySteps(within),
      calibration: Calibration(
        within.flatMap {
          [($0.probabilities.0, true), ($0.probabilities.1, false)]
        }),
      auc: isSeparate
        ? areaUnderCurve(
          all.indices.map { (standings[rows[$0].complete], groups[all[$0]].correct) }) : nil,
      prefixRanking: Self.ranking(matched), literal: signal(\.oldNew), progress: signal(\.newOld),
      values: isSeparate
        ? PrefixValueMeasures(
          all.indices.map {
            (
              all[$0].question, groups[all[$0]].correct,
              prefixes[$0].map { sigmoid(standings[$0]) }
            )
          }) : nil)
  }

  private static func bySteps(_ pairs: [ScoredPair]) -> [StepAccuracy] {
    Dictionary(grouping: pairs) { max($0.pair.winner.steps, $0.pair.loser.steps) }
      .sorted { $0.key < $1.key }.map { steps, pairs in
        StepAccuracy(
          steps: steps,
          accuracy: QuestionMean(pairs.map { ($0.pair.question, agreement($0.decision)) }))
      }
  }

  private static func ranking(_ pairs: [ScoredPair]) -> [PrefixRanking] {
    Dictionary(grouping: pairs) { $0.pair.winner.steps }.sorted { $0.key < $1.key }.map {
      PrefixRanking(steps: $0, pairs: $1)
    }
  }
}
