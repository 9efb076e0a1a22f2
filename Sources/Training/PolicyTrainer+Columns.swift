import PolicyOptimization
import Tasks

extension PolicyTrainer {
  /// Fills the columns that the method reads of a step's completions, row by row.
  ///
  /// - Returns: figures of it, and what went wrong without ending the step, for people.
  /// - Throws: `TrainingError` when a scoring program fails again and again.
  func addMethodColumns(
    to batch: inout GroupBatch, of groups: [RolloutGroup]
  ) throws -> (metrics: [String: Double], notices: [String]) {
    let columns = configuration.method.columns
    let completions = groups.flatMap(\.completions)
    var metrics: [String: Double] = [:]
    var notices: [String] = []
    batch.progress = progress
    batch.promptWeights = groups.flatMap { group in group.completions.map { _ in group.weight } }
    if groups.contains(where: \.hasAnchor) { batch.offPolicy = anchorMarks(groups) }
    if let settings = configuration.method.distinctness {
      let scores = try distinctness(of: groups, by: settings.scorer, in: batch)
      batch.distinctness = scores.values
      notices = scores.complaints
      if distinctnessScorer != nil { metrics["distinct/errors"] = Double(scores.failed) }
    }
    if columns.contains(.budgets) { batch.budgets = budgets(of: groups) }
    if columns.contains(.draws) {
      let stream = completionDraws.substream(UInt64(step))
      batch.draws = completions.indices.map { stream.unit($0) }
    }
    if columns.contains(.faults) { batch.faults = completions.map(\.fault) }
    if let tags = configuration.method.modeTags {
      addModes(to: &batch, of: completions, tags: tags)
    }
    if let entities {
      batch.entityMatches = groups.flatMap { group in
        group.completions.map { entities.match($0.text, of: group.problem) }
      }
    }
    return (metrics, notices)
  }

  /// What each completion decided about thinking. Tags may be special tokens, so the text is decoded with
  /// them.
  private func addModes(
    to batch: inout GroupBatch, of completions: [GradedTrajectory], tags: (on: String, off: String)
  ) {
    let reader = ModeReader(onTag: tags.on, offTag: tags.off)
    let read = completions.map { completion in
      let (text, starts) = model.tokenizer.tokenStarts(
        of: completion.trajectory.completionIDs, skipSpecialTokens: false)
      return (decision: reader.decision(text), starts: starts)
    }
    batch.modes = read.map { row in
      row.decision.map { $0.mode == .on ? .on : .off } ?? .invalid
    }
    batch.wellFormed = zip(read, completions).map { row, completion in
      row.decision?.isOnly == true && completion.fault == .none
    }
    batch.judgeTokens = read.map { row in
      let end = row.decision?.end ?? 0
      return row.starts.map { $0 < end }
    }
  }

  /// Where in the training the next step stands.
  var progress: TrainingProgress {
    TrainingProgress(step: step, of: max(configuration.training.steps, step + 1))
  }
}
