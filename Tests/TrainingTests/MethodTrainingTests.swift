import Foundation
import JSON
import Models
import PolicyOptimization
import Settings
import Tasks
import Testing

@testable import Training

/// Methods that need more of a step than outcomes: what the trainer gives them, and what it saves.
@Suite struct MethodTrainingTests {
  private func trainer(
    _ lines: [String], problems: [Problem] = Digits.problems, model: LoadedModel? = nil,
    task: any ReasoningTask = DigitsTask()
  ) throws -> PolicyTrainer {
    let configuration = try Digits.configuration(lines)
    return try PolicyTrainer(
      configuration, model: try model ?? Digits.model(), reference: nil, task: task,
      problems: problems, preference: nil, segmenter: configuration.segmenter)
  }

  private func reports(_ trainer: PolicyTrainer, steps: Int) throws -> [StepReport] {
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return reports.count < steps
    }
    return reports
  }

  // MARK: E-GRPO

  private static func withEntities(_ entities: [JSONValue]) -> [Problem] {
    Digits.problems.map { problem in
      Problem(
        id: problem.id, prompt: problem.prompt, answer: problem.answer,
        metadata: ["entities": .array(entities)], line: 1)
    }
  }

  @Test func entitiesOfTheProblemAreCountedInTheCompletions() throws {
    let trainer = try trainer(
      ["method.name=e-grpo"], problems: Self.withEntities(["1", "2", "3"]))
    let report = try reports(trainer, steps: 1)[0]
    var anyMatch = false
    for (group, rows) in Dictionary(grouping: report.rollouts.rows, by: \.group) {
      let counts = rows.map { row in
        ["1", "2", "3"].count { row.completion.text.contains($0) }
      }
      let largest = counts.max() ?? 0
      anyMatch = anyMatch || largest > 0
      for (row, count) in zip(rows, counts) {
        let share = largest > 0 ? Double(count) / Double(largest) : 0
        let expected =
          row.completion.fault != .none ? 0 : row.completion.verdict.correct ? 1 : 0.3 * share
        #expect(abs(row.reward - expected) < 1e-12, "group \(group)")
      }
    }
    #expect(anyMatch, "nothing to compare")
    let cut = report.rollouts.rows.map { $0.completion.trajectory.finish == .length }
    #expect(cut.contains(true) && cut.contains(false), "nothing to compare")
    #expect(report.rollouts.credit.advantages.rowWeights == cut.map { $0 ? 0 : 1 })
    #expect(report.metrics["entities/overlong"] == cut.map { $0 ? 1 : 0 }.mean)
  }

  @Test func rowsOutOfTheLossLeaveTheUpdateIndependentOfMicroBatches() throws {
    let problems = Self.withEntities(["1", "2", "3", ","])
    let lines = [
      "method.name=e-grpo", "training.epsilon=1", "training.learning-rate=0.5",
      "rollouts.max-completion=16",
    ]
    let models = [try Digits.model(), try Digits.model()]
    for (model, tokens) in zip(models, ["16384", "20"]) {
      let trainer = try trainer(
        lines + ["training.micro-batch-tokens=\(tokens)"], problems: problems, model: model)
      let metrics = try reports(trainer, steps: 1)[0].metrics
      #expect((metrics["grad_norm"] ?? 0) > 1e-4, "nothing to compare")
      #expect((metrics["entities/overlong"] ?? 0) > 0, "nothing to compare")
    }
    #expect(largestDifference(models[0].model.weights, models[1].model.weights) < 1e-6)
  }

  @Test func missingEntitiesAreRefused() throws {
    let none = message { _ = try trainer(["method.name=e-grpo"]) }
    #expect(none.contains("no problem has entities") && none.contains("task.entities"), "\(none)")
    let source = message {
      _ = try trainer(["method.name=e-grpo", "task.entities=intermediate-results"])
    }
    #expect(source.contains("the task digits has no intermediate results"), "\(source)")
    let empty = message {
      _ = try trainer(["method.name=e-grpo"], problems: Self.withEntities([""]))
    }
    #expect(empty.contains("digits:1: found an empty phrase"), "\(empty)")
    _ = try trainer(["method.name=grpo"], problems: Self.withEntities([""]))
  }

  // MARK: HiPO

  @Test func modesAreReadFromTheHeadOfCompletions() throws {
    // With digits as tags some completions of a random network decide and others do not.
    let trainer = try trainer([
      "method.name=hipo", "method.think-on-tag=1", "method.think-off-tag=2",
    ])
    let report = try reports(trainer, steps: 1)[0]
    var modes: [String: Int] = [:]
    for (row, tokens) in zip(report.rollouts.rows, report.rollouts.credit.advantages.tokens ?? []) {
      let text = row.completion.text
      let first = text.firstIndex { $0 == "1" || $0 == "2" }
      modes[first.map { String(text[$0]) } ?? "none", default: 0] += 1
      #expect(tokens.count == row.completion.trajectory.completionIDs.count)
      if first == nil {
        #expect(row.reward == 0)
        #expect(Set(tokens).count <= 1)
      } else {
        // One token a character here: all up to the tag are judge tokens.
        let judged = text.distance(from: text.startIndex, to: first ?? text.startIndex) + 1
        #expect(Set(tokens.prefix(judged)).count == 1)
        #expect(tokens.dropFirst(judged).allSatisfy { $0 == row.advantage })
      }
    }
    #expect(modes.count == 3, "nothing to compare: \(modes)")
    let read = Double((modes["1"] ?? 0) + (modes["2"] ?? 0))
    #expect(report.metrics["modes/think_rate"] == Double(modes["1"] ?? 0) / read)
  }

  @Test func tagsCanBeSpecialTokens() throws {
    // <pad>, with the id 0, is left out of a completion's text.
    let trainer = try trainer([
      "method.name=hipo", "method.think-on-tag=<pad>", "method.think-off-tag=1",
    ])
    let report = try reports(trainer, steps: 1)[0]
    let one = try #require(Digits.tokens.firstIndex(of: "1"))
    let decisions = report.rollouts.rows.compactMap { row in
      row.completion.trajectory.completionIDs.first { $0 == 0 || $0 == one }
    }
    let thinking = decisions.count { $0 == 0 }
    #expect(thinking > 0 && thinking < decisions.count, "nothing to compare")
    #expect(
      report.metrics["modes/think_rate"] == Double(thinking) / Double(decisions.count))
    let unread = Double(report.rollouts.rows.count - decisions.count)
    #expect(report.metrics["modes/invalid_rate"] == unread / Double(report.rollouts.rows.count))
  }

  // MARK: Dynamic pruning

  private static let pruning = [
    "method.name=dppo", "training.steps=6", "training.save-every=1", "run.seed=3",
  ]

  @Test func promptsArePrunedOnceTheyHaveAHistory() throws {
    let trainer = try trainer(Self.pruning)
    let reports = try reports(trainer, steps: 6)
    #expect(reports[0].metrics["pruning/prompts_dropped"] == 0)
    #expect(reports[0].metrics["pruning/prompts_seen_share"] == 0)
    let dropped = reports.map { $0.metrics["pruning/prompts_dropped"] ?? .nan }
    #expect(dropped.contains { $0 > 0 }, "nothing was pruned")
    for (report, dropped) in zip(reports, dropped) {
      let rows = report.rollouts.rows
      #expect(Double(rows.count) == (4 - dropped) * 8)
      #expect(report.metrics["screening/rollouts_avoided"] == dropped * 8)
      let length = report.metrics["completions/mean_length"] ?? .nan
      #expect(report.metrics["screening/tokens_avoided"] == dropped * 8 * length)
      #expect(report.times.phases.map(\.name) == ["screen", "generate", "assess", "update"])
      let weights = report.rollouts.credit.advantages.rowWeights ?? []
      #expect(weights.count == rows.count)
      #expect(
        report.metrics["pruning/completions_dropped"] == Double(weights.count { $0 == 0 }))
    }
    #expect(trainer.problemCursor == 24)
  }

  @Test func anAuditMeasuresTheUnprunedGradientAndChangesNothing() throws {
    let models = [try Digits.model(), try Digits.model(), try Digits.model()]
    let audit = ["method.prune-audit-every=2"]
    let plain = try reports(try trainer(Self.pruning, model: models[0]), steps: 2)
    let audited = try reports(try trainer(Self.pruning + audit, model: models[1]), steps: 2)
    #expect(largestDifference(models[0].model.weights, models[1].model.weights) == 0)
    #expect(audited[0].metrics["pruning/gradient_norm_ratio"] == nil)
    let ratio = try #require(audited[1].metrics["pruning/gradient_norm_ratio"])
    #expect(ratio > 0 && ratio != 1)
    #expect(plain[1].metrics["grad_norm"] == audited[1].metrics["grad_norm"])
    let off = try reports(
      try trainer(
        Self.pruning + audit + ["method.completion-rate=0", "method.prompt-rate=0"],
        model: models[2]), steps: 2)
    #expect(abs((off[1].metrics["pruning/gradient_norm_ratio"] ?? 0) - 1) < 1e-6)
  }

  @Test func theHistoryIsThatOfTheLatestRollouts() throws {
    let trainer = try trainer(Self.pruning + ["method.prompt-rate=0"])
    let reports = try reports(trainer, steps: 3)
    let state = try #require(trainer.screening as? PromptPruning).state
    var latest: [String: Double] = [:]
    for report in reports {
      for (_, rows) in Dictionary(grouping: report.rollouts.rows, by: \.group) {
        latest[rows[0].problem.id] = rows.map { abs($0.advantage) }.mean
      }
    }
    #expect(Set(state.keys) == Set(latest.keys))
    for (id, score) in latest { #expect(abs((state[id] ?? .nan) - score) < 1e-12) }
  }

  @Test func aResumedRunRemembers() throws {
    try withTemporaryFolder { folder in
      try expectResumedRunIsWhole(in: folder, Self.pruning)
      let metrics = try Metrics.read(folder.appending(path: "parts/metrics.jsonl"))
      #expect(metrics.contains { ($0["pruning/prompts_dropped"] ?? 0) > 0 })
      let timings = try String(
        contentsOf: folder.appending(path: "parts/timings.jsonl"), encoding: .utf8)
      for (line, metrics) in zip(timings.split(separator: "\n"), metrics) {
        #expect(
          line.contains("generate_seconds_avoided")
            == ((metrics["pruning/prompts_dropped"] ?? 0) > 0))
      }
    }
  }

  // MARK: NTHR

  /// A task that a random network gets right about as often as not.
  private struct StartsLow: ReasoningTask {
    let name = "low"
    let summary = "the first character is a digit below 5"
    let citation = "made for this test"
    var template = PromptTemplate.question
    func problem(
      from record: JSONRecord, columns: DataColumns
    ) throws(DataError) -> Problem {
      try DigitsTask().problem(from: record, columns: columns)
    }
    func goldIsParseable(_ problem: Problem) -> Bool { true }
    func extractAnswer(_ completion: String) -> String? { completion }
    func verify(completion: String, problem: Problem) -> Verdict {
      let correct = completion.first.map { "01234".contains($0) } ?? false
      return Verdict(correct: correct, extracted: completion, gold: "0", reason: summary)
    }
  }

  private static let nthr = [
    "method.name=nthr", "method.kl-coef=0", "method.dynamic-sampling=false",
    "training.prompts-per-step=2", "training.group-size=16", "training.epsilon=1",
    "training.learning-rate=0.5", "training.likelihood-change=true",
  ]

  @Test func influencesAreThoseOfTheSampledTokens() throws {
    let trainer = try trainer(Self.nthr, task: StartsLow())
    let report = try reports(trainer, steps: 1)[0]
    let rows = report.rollouts.rows
    let right = rows.count { $0.completion.verdict.correct }
    try #require(right > 0 && right < rows.count, "no group has right and wrong answers")
    #expect((report.metrics["nthr/selected_share"] ?? -1) >= 0)
    #expect(report.times["influence"] > 0)
    for (row, tokens) in zip(rows, report.rollouts.credit.advantages.tokens ?? []) {
      if row.completion.verdict.correct { #expect(Set(tokens).count <= 1) }
      #expect(tokens.allSatisfy { $0 == row.advantage || abs($0) < abs(row.advantage) })
    }
    #expect(report.metrics["likelihood/correct_change"] != nil)
    #expect((0...1).contains(report.metrics["likelihood/displaced_share"] ?? -1))
  }

  @Test func microBatchesDoNotChangeInfluences() throws {
    let models = [try Digits.model(), try Digits.model()]
    var metrics: [Training.Metrics] = []
    for (model, tokens) in zip(models, [16384, 30]) {
      let trainer = try trainer(
        Self.nthr + ["training.micro-batch-tokens=\(tokens)"], model: model, task: StartsLow())
      metrics.append(try reports(trainer, steps: 1)[0].metrics)
    }
    #expect((metrics[0]["grad_norm"] ?? 0) > 1e-4, "nothing to compare")
    for name in ["nthr/selected_share", "nthr/threshold_mean", "likelihood/correct_change"] {
      let values = metrics.map { $0[name] ?? .nan }
      #expect(abs(values[0] - values[1]) < 1e-5, "\(name): \(values)")
    }
    #expect(largestDifference(models[0].model.weights, models[1].model.weights) < 1e-6)
  }

  @Test func aRisingLikelihoodOfRightAnswersIsMeasured() throws {
    // Right and wrong answers are single tokens that share nothing, and the step is small: the right ones'
    // likelihood must rise.
    let trainer = try trainer(
      ["method.name=grpo"] + Self.nthr.dropFirst(3)
        + ["rollouts.max-completion=1", "training.learning-rate=0.01"],
      task: StartsLow())
    let changes = try reports(trainer, steps: 3).compactMap {
      $0.metrics["likelihood/correct_change"]
    }
    #expect(!changes.isEmpty)
    #expect(changes.allSatisfy { $0 > 0 }, "\(changes)")
  }

  // MARK: DEPO

  private static let depo = [
    "method.name=depo", "method.warmup-steps=2", "training.steps=5", "training.save-every=1",
  ]

  @Test func warmUpTakesEveryPromptInOrder() throws {
    let depo = try reports(try trainer(Self.depo), steps: 2)
    let plain = try reports(
      try trainer(["method.name=grpo", "method.clip-high=0.28", "method.aggregation=token-mean"]),
      steps: 2)
    #expect(
      depo[0].rollouts.rows.map(\.completion.trajectory.completionIDs)
        == plain[0].rollouts.rows.map(\.completion.trajectory.completionIDs))
    #expect(
      depo[1].rollouts.rows.map(\.problem.id) == plain[1].rollouts.rows.map(\.problem.id))
    #expect(depo[0].metrics["screening/rollouts_avoided"] == 0)
    #expect(depo[0].metrics["difficulty/filtered_low"] == nil)
    #expect((depo[0].metrics["difficulty/loss"] ?? 0) > 0)
    #expect(depo[0].times["estimate"] > 0)
  }

  @Test func aStepHasAsManyPromptsAsItWantsAndTheRestWaits() throws {
    // Bounds around what the estimator happens to expect let some prompts through and not others.
    let trainer = try trainer(
      Self.depo + ["method.warmup-steps=0", "training.prompts-per-step=3"])
    let prompts = try Digits.problems.map {
      try trainer.model.promptWriter(DigitsTask()).prompt(for: $0).ids
    }
    let expected = try #require(trainer.difficulty).expectedAccuracies(prompts).sorted()
    #expect(Set(expected).count == expected.count)
    let narrow = try self.trainer(
      Self.depo + [
        "method.warmup-steps=0", "training.prompts-per-step=3",
        "method.filter-low=\(expected[1] - 1e-9)", "method.filter-high=\(expected[5] + 1e-9)",
      ])
    let report = try reports(narrow, steps: 1)[0]
    #expect(report.rollouts.rows.count == 3 * 8)
    let examined = Double(narrow.problemCursor)
    let waiting = Double(narrow.queue.waiting.count)
    #expect(report.metrics["screening/rollouts_avoided"] == (examined - 3 - waiting) * 8)
    let kept = narrow.order.indices(from: 0, count: narrow.problemCursor).filter { index in
      let accuracy = trainer.difficulty?.expectedAccuracies([prompts[index]])[0] ?? .nan
      return (expected[1] - 1e-9...expected[5] + 1e-9).contains(accuracy)
    }
    let ids = stride(from: 0, to: 24, by: 8).map { report.rollouts.rows[$0].problem.id }
    #expect(ids == kept.prefix(3).map { Digits.problems[$0].id })
  }

  @Test func nothingSurvivingTakesTheNearestAndWarns() throws {
    let trainer = try trainer(
      Self.depo + ["method.warmup-steps=0", "method.filter-low=0.99", "method.filter-high=1"])
    let report = try reports(trainer, steps: 1)[0]
    #expect(report.rollouts.rows.count == 4 * 8)
    #expect(report.metrics["difficulty/widened"] == 1)
    #expect(report.lateWarnings.contains { $0.contains("method.filter-low") })
    #expect(report.metrics["difficulty/filtered_low"] == 1)
  }

  @Test func aResumedRunHasItsEstimator() throws {
    try withTemporaryFolder { folder in
      try expectResumedRunIsWhole(in: folder, Self.depo + ["method.filter-low=0.3"])
    }
  }
}

/// That a run of the digit task in `parts`, stopped after step 3 and resumed, ends as one that was not
/// stopped does, in `whole`.
private func expectResumedRunIsWhole(
  in folder: URL, _ lines: [String], location: SourceLocation = #_sourceLocation
) throws {
  func run(_ name: String, resuming: Bool = false, stop: Int? = nil) throws {
    var steps = 0
    let lines = lines + ["run.output=\(folder.path)/\(name)"]
    _ = try TrainingRun(
      Workspace(Digits.run(in: folder, lines)), resuming: resuming
    ).run(shouldStop: { steps == stop }) { event in
      if case .step = event { steps += 1 }
    }
  }
  try run("whole")
  try run("parts", stop: 3)
  try run("parts", resuming: true)
  for name in ["metrics.jsonl", "model/model.safetensors"] {
    let files = ["whole", "parts"].map { folder.appending(path: "\($0)/\(name)") }
    #expect(
      try contents(files[0]) == contents(files[1]), "\(name)", sourceLocation: location)
  }
}
