import Foundation
import Models
import PolicyOptimization
import PrefixPreference
import Rollouts
import Settings
import Tasks
import Testing
import Tokenizers
import Torch

@testable import Training

/// A preference model that has learnt a little on the digits' model.
private func digitsPreference() throws -> PreferenceModel {
  let solutions = (0..<24).map { index in
    LabelledSolution(
      question: "\(index / 4)", correct: index % 2 == 0,
      steps: RolloutSteps(
        promptIDs: [1, 3 + index / 4], completionIDs: [4 + index % 2, 13, 5, 13, 6, 2],
        lastTokenOfStep: [1, 3, 5]))
  }
  var settings = PreferenceSettings(preset: .paper)
  settings.classifierEpochs = 1
  return try PreferenceTrainer(settings).train(
    solutions, encoder: CausalPrefixEncoder(Digits.model().model)
  ).model
}

/// Steps of two characters, of which two without progress end a rollout.
private let stoppingLines = [
  "method.name=ws-grpo", "method.preset=intended", "method.online-stop=true",
  "method.stop-text=0,", "method.stop-patience=1", "method.stop-min-steps=2",
  "method.stop-answer-tokens=4", "steps.segmentation=token-chunk", "steps.chunk-tokens=2",
  "rollouts.max-completion=16",
]

@Suite struct OnlineStopperTests {
  private func sampled(
    interval: Int, threshold: Double = 0.5, order: PreferenceOrder = .progress,
    prompts: [Int] = Array(Digits.prompts.indices),
    _ change: (inout SamplingSettings) -> Void = { _ in }
  ) throws -> [[Trajectory]] {
    let model = try Digits.model()
    var sampling = SamplingSettings()
    sampling.maximumCompletion = 16
    change(&sampling)
    return try Sampler(model: model.model, settings: sampling, endTokens: model.endTokens).sample(
      prompts.map { index in
        Prompt(ids: model.tokenizer.encode(Digits.prompts[index]), key: UInt64(index))
      }, completions: 6, stream: RandomStream(seed: 2),
      stopper: stopper(model.tokenizer, interval: interval, threshold: threshold, order: order))
  }

  private func stopper(
    _ tokenizer: Tokenizer, interval: Int, threshold: Double, order: PreferenceOrder
  ) throws -> OnlineStopper {
    var settings = OnlineStopping()
    settings.threshold = threshold
    settings.patience = 1
    settings.minimumSteps = 2
    settings.text = "0,"
    settings.answerTokens = 4
    settings.order = order
    return try OnlineStopper(
      settings, preference: digitsPreference(), task: DigitsTask(), tokenizer: tokenizer,
      segmenter: SolutionSegmenter(.tokenChunk(2)), limit: 16, interval: interval)
  }

  private func expectSame(_ left: [[Trajectory]], _ right: [[Trajectory]]) {
    #expect(left.map { $0.map(\.completionIDs) } == right.map { $0.map(\.completionIDs) })
    #expect(left.map { $0.map(\.stop?.forced) } == right.map { $0.map(\.stop?.forced) })
  }

  @Test func howOftenRowsAreLookedAtChangesNothing() throws {
    let each = try sampled(interval: 1)
    let stopped = each.joined().compactMap(\.stop)
    #expect(stopped.count > 5 && stopped.count < 40, "\(stopped.count) of 42")
    #expect(Set(stopped.map(\.forced.lowerBound)).count > 1, "all rows stop at one place")
    for interval in [2, 3, 8, 100] { expectSame(try sampled(interval: interval), each) }
  }

  @Test func whoElseIsInTheBatchChangesNothing() throws {
    let whole = try sampled(interval: 4)
    for rows in [1, 5] { expectSame(try sampled(interval: 4) { $0.batchRows = rows }, whole) }
    let order = [4, 2, 6, 0]
    expectSame(try sampled(interval: 3, prompts: order), order.map { whole[$0] })
  }

  /// What the finished rollouts' own scores say is what was done while they were sampled.
  @Test(arguments: [PreferenceOrder.progress, .symmetric])
  func rowsStopWhereTheScoresSay(order: PreferenceOrder) throws {
    let preference = try digitsPreference()
    var settings = OnlineStopping()
    (settings.patience, settings.minimumSteps) = (1, 2)
    // A token without text belongs to another step while it is the last.
    let rows = try sampled(interval: 8, order: order).joined().filter {
      !$0.completionIDs.contains(where: { $0 < 2 })
    }
    #expect(rows.count { $0.stop != nil } > 3 && rows.count { $0.stop == nil } > 3)
    let ends = rows.map { row in
      (0..<(row.completionIDs.count + 1) / 2).map { min(2 * $0 + 1, row.completionIDs.count - 1) }
    }
    let scores = try preference.score(
      zip(rows, ends).map { row, ends in
        RolloutSteps(
          promptIDs: row.promptIDs, completionIDs: row.completionIDs, lastTokenOfStep: ends)
      })
    for (row, scores) in zip(rows, scores) {
      let signal = zip(scores.oldNew, scores.newOld).map {
        order.signal(oldOverNew: $0, newOverOld: $1)
      }
      // The first step after which to stop, of those that another token follows.
      let step = settings.stopStep(signal).flatMap {
        2 * $0 < row.completionIDs.count
          && row.completionIDs[..<(2 * $0)].allSatisfy { $0 != 2 } && 2 * $0 + 2 < 16 ? $0 : nil
      }
      if let stop = row.stop {
        #expect(step == stop.forced.lowerBound / 2)
        #expect(Array(row.completionIDs[stop.forced]) == [3, 13], "\"0,\" is forced")
      } else if let step {
        // The token behind the step was the end.
        #expect(row.completionIDs.count == 2 * step + 1 && row.completionIDs.last == 2)
      }
    }
  }

  @Test func noThresholdNoStop() throws {
    #expect(try sampled(interval: 8, threshold: 0).joined().allSatisfy { $0.stop == nil })
  }
}

@Suite struct StepTrackerTests {
  /// A tracker finds the steps that the grader finds in the whole text, but the last.
  @Test func stepsAreThoseOfTheWholeSolution() throws {
    let tokenizer = try Tokenizer(
      json: Data(EmbeddedTask.tokenizerJSON.utf8), name: "tokenizer.json")
    for segmentation in [Segmentation.sentence, .newline, .tokenChunk(5)] {
      let segmenter = SolutionSegmenter(segmentation)
      let grader = Grader(tokenizer: tokenizer, task: EmbeddedTask(), segmenter: segmenter)
      for solved in EmbeddedTask().solvedProblems(count: 40, seed: 3) {
        let ids = tokenizer.encode(solved.solution, addSpecialTokens: false) + [2]
        let graded = grader.grade(
          Trajectory(promptIDs: [1], completionIDs: ids, logProbabilities: [], finish: .endToken),
          of: solved.problem)
        var tracker = StepTracker(tokenizer: tokenizer, segmenter: segmenter)
        #expect(ids.compactMap { tracker.append($0) } == graded.stepEnds.dropLast())
      }
    }
  }

  @Test func theAnswersWordsContinueTheText() throws {
    let words = try Tokenizer(json: Data(EmbeddedTask.tokenizerJSON.utf8), name: "tokenizer.json")
    let leadIn = try AnswerLeadIn("The answer is", tokenizer: words)
    let step = words.encode("7 + 5 = 12.", addSpecialTokens: false)
    #expect(words.decode(step + leadIn.ids(after: step)) == "7 + 5 = 12. The answer is")
    let refused = message { _ = try AnswerLeadIn("Therefore", tokenizer: words) }
    #expect(refused.contains("method.stop-text is \"Therefore\""), "\(refused)")
  }
}

@Suite struct OnlineStoppingRunTests {
  private func trained(
    _ lines: [String], task: any ReasoningTask = FirstDigitTask()
  ) throws -> (report: StepReport, weights: [Float]) {
    let configuration = try Digits.configuration(stoppingLines + lines)
    let model = try Digits.model()
    let trainer = try PolicyTrainer(
      configuration, model: model, reference: try model.model.copy(), task: task,
      problems: Digits.problems, preference: digitsPreference(), segmenter: configuration.segmenter)
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return false
    }
    return (reports[0], model.model.weights)
  }

  /// The norm of the gradient of -sum over rows of A / tokens x sum of log-probabilities, each row by
  /// itself; tokens are all of a row's, or those that the policy chose.
  private func gradientNorm(_ rows: [AssessedRollouts.Row], forcedCount: Bool) throws -> Double {
    let model = try Digits.model().model
    model.trainable = true
    for row in rows {
      let trajectory = row.completion.trajectory
      let first = trajectory.promptIDs.count
      let counted = trajectory.completionIDs.indices.filter {
        forcedCount || trajectory.stop?.forced.contains($0) != true
      }
      let hidden = model.hiddenStates(
        Tensor(rows: [trajectory.promptIDs + trajectory.completionIDs])
      ).select(0, 0).indexSelect(0, Tensor(counted.map { first + $0 - 1 }))
      let targets = Tensor(counted.map { trajectory.completionIDs[$0] }).unsqueezed(1)
      let sum = model.logits(hidden: hidden).logSoftmax().gather(1, targets).sum()
      (sum * (-row.advantage / Double(counted.count * rows.count))).backward()
    }
    return withoutGradients {
      model.parameters.reduce(0) { sum, parameter in
        let norm = parameter.tensor.gradient?.norm().item ?? 0
        return sum + norm * norm
      }.squareRoot()
    }
  }

  @Test func forcedTokensAreOutOfTheLoss() throws {
    let (report, _) = try trained(["method.kl-coef=0"])
    let rows = report.rollouts.rows
    let metrics = report.metrics
    let stopped = rows.filter { $0.completion.trajectory.stop != nil }
    #expect(stopped.count > 3 && stopped.count < rows.count)
    #expect(stopped.contains { $0.advantage != 0 })
    let norm = try #require(metrics["grad_norm"])
    #expect(norm > 1e-3)
    let expected = try gradientNorm(rows, forcedCount: false)
    #expect(abs(norm - expected) < 1e-4 * expected)
    #expect(abs(norm - (try gradientNorm(rows, forcedCount: true))) > 1e-3 * expected)
    // The text that is graded has them.
    #expect(stopped.allSatisfy { $0.completion.text.contains("0,") })
    #expect(metrics["sampling/max_log_probability_gap"] ?? 1 < 1e-4)

    let lengths = stopped.map { Double($0.completion.trajectory.completionIDs.count) }
    #expect(metrics["stopping/stopped_ratio"] == Double(stopped.count) / Double(rows.count))
    #expect(abs((metrics["stopping/stopped_length"] ?? 0) - lengths.mean) < 1e-9)
    #expect(metrics["stopping/stop_length"] ?? 99 < lengths.mean)
    #expect(
      metrics["stopping/stopped_accuracy"]
        == stopped.map { $0.completion.verdict.correct ? 1 : 0 }.mean)
    #expect(metrics["stopping/unstopped_length"] != nil)
  }

  @Test(arguments: [
    ["method.kl-coef=0.2"], ["method.aggregation=token-mean"],
    ["method.step-advantage=preference", "method.step-advantage-weight=0.5"],
    ["training.minibatches=2", "training.epochs-per-batch=2"],
  ])
  func microBatchesDoNotChangeTheUpdate(lines: [String]) throws {
    let smooth = ["training.epsilon=1", "training.learning-rate=0.5"] + lines
    let whole = try trained(smooth)
    #expect((whole.report.metrics["stopping/stopped_ratio"] ?? 0) > 0.1)
    #expect((whole.report.metrics["grad_norm"] ?? 0) > 1e-3)
    for tokens in [1, 60] {
      let parts = try trained(smooth + ["training.micro-batch-tokens=\(tokens)"])
      #expect(largestDifference(parts.weights, whole.weights) < 1e-6)
    }
  }

  private func run(
    in folder: URL, _ lines: [String] = [], resuming: Bool = false, stoppingAfter stop: Int? = nil
  ) throws -> TrainingRun.Outcome {
    let preference = folder.appending(path: "preference")
    let configuration = try Digits.run(
      in: folder,
      stoppingLines + [
        "preference.path=\(preference.path)", "training.evaluate-every=2", "training.save-every=1",
        "evaluation.online-stop=true", "training.completions-every=1",
      ] + lines)
    if !FileManager.default.fileExists(atPath: preference.path) {
      try digitsPreference().save(to: preference)
    }
    var steps = 0
    return try TrainingRun(Workspace(configuration), resuming: resuming).run(
      shouldStop: { steps == stop }
    ) { event in
      if case .step = event { steps += 1 }
    }
  }

  @Test func aResumedRunIsTheUninterruptedOneByteByByte() throws {
    try withTemporaryFolder { folder in
      let whole = folder.appending(path: "whole")
      let parts = folder.appending(path: "parts")
      for folder in [whole, parts] { try AtomicFile.createFolder(folder) }
      _ = try run(in: whole)
      #expect(try run(in: parts, stoppingAfter: 2) == .interrupted(step: 2))
      _ = try run(in: parts, resuming: true)
      for name in [
        "metrics.jsonl", "evaluations.jsonl", "completions.jsonl", "model/model.safetensors",
      ] {
        let path = "run/\(name)"
        #expect(
          try contents(whole.appending(path: path)) == contents(parts.appending(path: path)),
          "\(name)")
      }
      let metrics = try Metrics.read(whole.appending(path: "run/metrics.jsonl"))
      #expect(metrics.count == 4 && metrics.allSatisfy { $0["stopping/stopped_ratio"] ?? 0 > 0 })
      let records = try JSONLinesReader.records(of: whole.appending(path: "run/completions.jsonl"))
      #expect(records.contains { $0.columns["stopped"]?.int ?? 0 > 1 })
      #expect(records.contains { $0.columns["stopped"] == nil })
    }
  }

  @Test func evaluationStopsWhereItIsToldTo() throws {
    try withTemporaryFolder { folder in
      _ = try run(in: folder, ["training.steps=2"])
      let stopped = try EvaluationRecord.read(folder.appending(path: "run/evaluations.jsonl"))
      _ = try run(
        in: folder,
        [
          "training.steps=2", "evaluation.online-stop=false", "run.output=\(folder.path)/free",
        ])
      let free = try EvaluationRecord.read(folder.appending(path: "free/evaluations.jsonl"))
      #expect(free[0].evaluation.generatedTokens != stopped[0].evaluation.generatedTokens)
      #expect(
        try contents(folder.appending(path: "run/model/model.safetensors"))
          == contents(folder.appending(path: "free/model/model.safetensors")))
    }
  }

  @Test func whatCannotWorkIsRefused() throws {
    func refusal(
      _ lines: [String], task: any ReasoningTask = DigitsTask()
    ) -> String { message { _ = try trained(lines, task: task) } }
    let encoder = refusal(["preference.encoder=some/bert"])
    #expect(
      encoder.contains("preference.encoder is some/bert")
        && encoder.contains("expected preference.encoder = null"), "\(encoder)")
    let text = refusal(["method.stop-text=null"])
    #expect(
      text.contains("the task digits has none of") && text.contains("method.stop-text"), "\(text)")
    let words = refusal(["method.stop-text=The answer is"])
    #expect(words.contains("method.stop-text is \"The answer is\""), "\(words)")
    let room = refusal(["rollouts.max-completion=3"])
    #expect(room.contains("rollouts.max-completion is 3"), "\(room)")
    try withTemporaryFolder { folder in
      let evaluation = message {
        _ = try Workspace(Digits.run(in: folder, ["evaluation.online-stop=true"])).evaluator()
      }
      #expect(
        evaluation.contains("evaluation.online-stop is true, but method.online-stop is not"),
        "\(evaluation)")
    }
  }
}
