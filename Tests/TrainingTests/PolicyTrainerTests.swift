import Foundation
import Models
import PolicyOptimization
import PrefixPreference
import Rollouts
import Settings
import Tasks
import Testing
import Torch

@testable import Training

@Suite struct PolicyTrainerTests {
  /// The reports of `steps` steps and the weights afterwards.
  private func trained(
    _ configuration: RunConfiguration, steps: Int = 1, preference: PreferenceModel? = nil,
    task: any ReasoningTask = DigitsTask()
  ) throws -> (reports: [StepReport], weights: [Float]) {
    let model = try Digits.model()
    let trainer = try PolicyTrainer(
      configuration, model: model, reference: try model.model.copy(), task: task,
      problems: Digits.problems, preference: preference, segmenter: configuration.segmenter)
    var reports: [StepReport] = []
    try trainer.run {
      reports.append($0)
      return reports.count < steps
    }
    #expect(!model.model.trainable)
    return (reports, model.model.weights)
  }

  // A large epsilon makes AdamW's first step smooth in the gradient; without it the sign of rounding
  // noise would decide where an embedding that hardly matters goes.
  private static let smooth = ["training.epsilon=1", "training.learning-rate=0.5"]

  private static let methods = [
    ["method.name=grpo"], ["method.name=grpo", "method.preset=grpo", "method.kl-coef=0.5"],
    ["method.name=grpo", "method.aggregation=token-mean", "rollouts.temperature=0.7"],
    ["method.name=dr-grpo"], ["method.name=gspo"],
    ["method.name=dapo", "method.dynamic-max-rounds=2"],
    [
      "method.name=hipo", "method.think-on-tag=1", "method.think-off-tag=2",
      "rollouts.max-completion=16",
    ],
    ["method.name=dynamic-pruning", "method.completion-rate=0.9"],
    ["method.name=grpo", "training.minibatches=2", "training.epochs-per-batch=2"],
  ]

  /// Methods that need rewards of 0 and 1.
  private static let binaryMethods = [
    ["method.name=disco"],
    [
      "method.name=disco", "method.score=l-ratio", "method.tau=0.1", "method.constraint-beta=1",
      "training.minibatches=2", "training.epochs-per-batch=2",
    ],
    [
      "method.name=drpo", "method.constraint-beta=1", "method.constraint-scope=groups",
      "method.constraint-groups=1", "training.epochs-per-batch=2",
    ],
    [
      "method.name=amir-grpo", "method.pref-lambda=0.5", "method.reference=logp-ref",
      "method.kl-coef=0.1", "training.epochs-per-batch=2",
    ],
  ]

  @Test(arguments: methods) func microBatchesDoNotChangeTheUpdate(method: [String]) throws {
    try expectSameUpdateInParts(method, task: DigitsTask())
  }

  @Test(arguments: binaryMethods)
  func microBatchesDoNotChangeACoupledUpdate(method: [String]) throws {
    try expectSameUpdateInParts(method, task: FirstDigitTask())
  }

  private func expectSameUpdateInParts(_ method: [String], task: any ReasoningTask) throws {
    let lines = Self.smooth + method
    let initial = try Digits.model().model.weights
    let whole = try trained(Digits.configuration(lines), task: task)
    let metrics = whole.reports[0].metrics
    #expect((metrics["grad_norm"] ?? 0) > 1e-3, "nothing to compare")
    #expect(largestDifference(initial, whole.weights) > 1e-4)
    for tokens in [1, 40] {
      let parts = try trained(
        Digits.configuration(lines + ["training.micro-batch-tokens=\(tokens)"]), task: task)
      #expect(largestDifference(parts.weights, whole.weights) < 1e-6)
      for name in ["loss", "grad_norm", "entropy", "reward"] {
        let difference = abs((parts.reports[0].metrics[name] ?? .nan) - (metrics[name] ?? .nan))
        #expect(difference < 1e-5, "\(name)")
      }
      #expect(Set(parts.reports[0].metrics.values.keys) == Set(metrics.values.keys))
    }
  }

  /// A loss that says that its rows cannot be separated, although they can: both ways must agree.
  private struct Coupled: PolicyLoss {
    let base: any PolicyLoss
    var isSeparable: Bool { false }
    var needsReference: Bool { base.needsReference }
    func callAsFunction(_ inputs: LossInputs, totals: StepTotals) -> LossOutputs {
      base(inputs, totals: totals)
    }
  }

  @Test func aLossOfTheWholeStepGivesTheSameUpdateInParts() throws {
    var configuration = try Digits.configuration(
      Self.smooth + ["method.preset=grpo", "method.kl-coef=0.5", "training.micro-batch-tokens=40"])
    let separate = try trained(configuration)
    let method = configuration.method
    configuration.method = Method(
      publication: method.publication, selection: method.selection, shaping: method.shaping,
      advantage: method.advantage, loss: Coupled(base: method.loss), settings: method.settings)
    let coupled = try trained(configuration)
    #expect((coupled.reports[0].metrics["grad_norm"] ?? 0) > 1e-3)
    #expect(largestDifference(coupled.weights, separate.weights) < 1e-6)
  }

  @Test func theFirstUpdateIsOnPolicy() throws {
    let (reports, _) = try trained(Digits.configuration(["method.kl-coef=0.1"]))
    let metrics = reports[0].metrics
    for name in ["low_mean", "high_mean", "region_mean", "low_min", "high_max"].map({
      "clip_ratio/\($0)"
    }) {
      #expect(metrics[name] == 0, "\(name)")
    }
    #expect(abs(metrics["kl"] ?? .nan) < 1e-6)
    #expect((metrics["sampling/max_log_probability_gap"] ?? .nan) < 1e-4)
    // Advantages are centred, the ratio is 1, the divergence 0: so is the loss, but not its gradient.
    #expect(abs(metrics["loss"] ?? .nan) < 1e-5)
    #expect((metrics["grad_norm"] ?? 0) > 0)
  }

  @Test func laterUpdatesLeaveThePolicyThatSampled() throws {
    let (reports, _) = try trained(
      Digits.configuration([
        "method.kl-coef=0.1", "training.epochs-per-batch=4", "training.learning-rate=0.05",
      ]))
    let metrics = reports[0].metrics
    #expect((metrics["clip_ratio/region_mean"] ?? 0) > 0)
    let most = try #require(metrics["clip_ratio/high_max"])
    #expect(most <= 1 && most > metrics["clip_ratio/high_mean"] ?? 1)
    let least = try #require(metrics["clip_ratio/low_min"])
    #expect(least >= 0 && least < metrics["clip_ratio/low_mean"] ?? 0)
    #expect((reports[0].metrics["kl"] ?? 0) > 1e-4)
    #expect((reports[0].metrics["sampling/max_log_probability_gap"] ?? .nan) < 1e-4)
  }

  @Test func metricsAreThoseOfTheRows() throws {
    let (reports, _) = try trained(Digits.configuration(), steps: 2)
    #expect(reports.map(\.metrics.step) == [1, 2])
    var tokens = 0.0
    for report in reports {
      let rows = report.rollouts.rows
      #expect(rows.count == 32)
      #expect(rows.map(\.group) == (0..<32).map { $0 / 8 })
      let lengths = rows.map { Double($0.completion.trajectory.completionIDs.count) }
      tokens += lengths.reduce(0, +)
      let metrics = report.metrics
      #expect(metrics["num_tokens"] == tokens)
      #expect(abs((metrics["completions/mean_length"] ?? 0) - lengths.mean) < 1e-12)
      #expect(metrics["completions/max_length"] == lengths.max())
      #expect(abs((metrics["reward"] ?? 0) - rows.map(\.reward).mean) < 1e-12)
      let cut = rows.filter { $0.completion.trajectory.finish == .length }.count
      #expect(abs((metrics["completions/clipped_ratio"] ?? 0) - Double(cut) / 32) < 1e-12)
      for group in 0..<4 {
        let advantages = rows.filter { $0.group == group }.map(\.advantage)
        #expect(abs(advantages.reduce(0, +)) < 1e-9)
      }
      #expect(
        rows.map { $0.completion.trajectory.promptIDs.first } == Array(repeating: 1, count: 32))
    }
    // Four prompts a step: the eighth place begins the second pass over the seven problems.
    let problems = reports.flatMap { report in
      (0..<4).map { report.rollouts.rows[$0 * 8].problem.id }
    }
    #expect(Set(problems.prefix(7)).count == 7)
  }

  @Test func rewardsRise() throws {
    // Copying the sequence's modulus cannot be learnt in a few steps, but which characters are likely
    // first can.
    let (reports, _) = try trained(
      Digits.configuration([
        "training.steps=40", "training.group-size=16", "training.prompts-per-step=7",
        "training.learning-rate=0.02", "rollouts.max-completion=4",
      ]), steps: 40)
    func reward(_ part: ArraySlice<StepReport>) -> Double {
      part.map { $0.metrics["reward"] ?? 0 }.mean
    }
    #expect(reward(reports.suffix(5)) > reward(reports.prefix(5)) + 0.1)
  }

  @Test func whatAMethodNeedsMustBeThere() throws {
    let model = try Digits.model()
    func trainer(_ lines: [String], problems: [Problem]) throws {
      _ = try PolicyTrainer(
        Digits.configuration(lines), model: model, reference: nil, task: DigitsTask(),
        problems: problems, preference: nil, segmenter: SolutionSegmenter(.sentence))
    }
    #expect(message { try trainer([], problems: []) }.contains("no problems"))
    #expect(
      message { try trainer(["method.kl-coef=0.1"], problems: Digits.problems) }
        .contains("reference policy"))
    #expect(
      message {
        try trainer(["method.name=ws-grpo", "method.kl-coef=0"], problems: Digits.problems)
      }
      .contains("preference model"))
  }

  @Test func dynamicSamplingKeepsMixedGroupsOnly() throws {
    let (reports, _) = try trained(
      Digits.configuration([
        "method.name=dapo", "method.dynamic-max-rounds=3", "training.prompts-per-step=2",
        "training.group-size=32", "rollouts.max-completion=4",
      ]), steps: 2)
    for report in reports {
      let metrics = report.metrics
      let rounds = metrics["dynamic_sampling/rounds"] ?? 0
      #expect((1...3).contains(rounds))
      #expect(metrics["dynamic_sampling/rollouts"] == rounds * 64)
      let kept = metrics["dynamic_sampling/kept_groups"] ?? -1
      if kept > 0 {
        #expect(report.rollouts.rows.count == Int(kept) * 32)
        for group in 0..<Int(kept) {
          let correct = report.rollouts.rows.filter { $0.group == group }
            .count(where: \.completion.verdict.correct)
          #expect((1..<32).contains(correct))
        }
      }
    }
  }

  @Test func prefixPreferencesShapeTheRewards() throws {
    let encoder = CausalPrefixEncoder(try Digits.model().model)
    let solutions = (0..<24).map { index in
      LabelledSolution(
        question: "\(index / 4)", correct: index % 2 == 0,
        steps: RolloutSteps(
          promptIDs: [1, 3 + index / 4], completionIDs: [4 + index % 2, 13, 5, 13, 6, 2],
          lastTokenOfStep: [1, 3, 5]))
    }
    var settings = PreferenceSettings(preset: .paper)
    settings.classifierEpochs = 1
    let (preference, _) = try PreferenceTrainer(settings).train(solutions, encoder: encoder)
    let lines =
      Self.smooth + [
        "method.name=ws-grpo", "method.preset=intended", "steps.segmentation=token-chunk",
        "steps.chunk-tokens=2",
      ]
    let whole = try trained(Digits.configuration(lines), preference: preference)
    let rows = whole.reports[0].rollouts.rows
    #expect(rows.contains { $0.completion.stepCount == 3 })
    #expect(rows.contains { $0.reward != $0.completion.verdict.score })
    #expect(whole.reports[0].metrics["preference/mean"] != nil)
    #expect((whole.reports[0].metrics["grad_norm"] ?? 0) > 0)
    let parts = try trained(
      Digits.configuration(lines + ["training.micro-batch-tokens=30"]), preference: preference)
    #expect(largestDifference(parts.weights, whole.weights) < 1e-6)
  }
}
