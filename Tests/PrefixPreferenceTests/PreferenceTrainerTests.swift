import Models
import Tasks
import Testing
import Torch

@testable import PrefixPreference

@Suite("Phase I")
struct PreferenceTrainerTests {
  private func encoder() throws -> CausalPrefixEncoder { CausalPrefixEncoder(try tinyModel()) }

  @Test(
    "learns what can be learnt, and carries it to other questions",
    arguments: PreferenceHead.Kind.allCases)
  func learns(kind: PreferenceHead.Kind) throws {
    var settings = quickSettings(kind)
    settings.classifierLearningRate = 1e-2
    settings.classifierEpochs = 12
    let (model, report) = try PreferenceTrainer(settings)
      .train(learnableSolutions(questions: 160), encoder: encoder())
    let measures = try #require(report.validationMeasures)
    #expect(try #require(measures.withinAccuracy.mean) > 0.9)
    #expect(try #require(report.validationAUC) > 0.9)
    #expect((measures.orderGap < 1e-9) == kind.isAntisymmetric)
    let first = try #require(report.epochs.first)
    let last = try #require(report.epochs.last)
    #expect(last.trainingLoss < first.trainingLoss / 2)
    // Lengths say nothing here.
    #expect(abs(try #require(measures.longerIsRight.mean) - 0.5) < 0.2)
    let evaluation = try model.evaluate(learnableSolutions(questions: 40, seed: 99))
    #expect(try #require(evaluation.pairs.withinAccuracy.mean) > 0.9)
  }

  @Test("labels that say nothing are not learnt")
  func noise() throws {
    var random = SplitMix64(seed: 11)
    let solutions = learnableSolutions(questions: 160).map {
      LabelledSolution(
        question: $0.question, correct: random.integer(below: 2) == 0, steps: $0.steps)
    }
    let (_, report) = try PreferenceTrainer(quickSettings())
      .train(solutions, encoder: encoder())
    let accuracy = try #require(report.validationMeasures).withinAccuracy
    #expect(abs(try #require(accuracy.mean) - 0.5) < 0.2)
  }

  @Test("the seed fixes every number, and another seed gives others")
  func determinism() throws {
    let encoder = try encoder()
    let solutions = learnableSolutions(questions: 24)
    func run(_ seed: Int) throws -> ([[Float]], PreferenceTrainingReport) {
      var settings = quickSettings(.pairwise)
      settings.classifierEpochs = 2
      settings.prefixPairs = 1
      settings.seed = seed
      let (model, report) = try PreferenceTrainer(settings).train(solutions, encoder: encoder)
      return (model.head.parameters.map(\.tensor.floats), report)
    }
    let first = try run(0)
    let again = try run(0)
    #expect(first.0 == again.0)
    #expect(first.1 == again.1)
    #expect(try run(1).0 != first.0)
  }

  @Test("no question's solutions are on both sides")
  func splitByQuestion() throws {
    let solutions = learnableSolutions(questions: 40)
    // An encoder that remembers what it was given, each time.
    let encoder = RecordingEncoder()
    let (_, report) = try PreferenceTrainer(quickSettings())
      .train(solutions, encoder: encoder)
    #expect(report.training.questions == 30)
    #expect(report.validation.questions == 10)
    #expect(report.validation.within > 0)
    #expect(report.training.within + report.validation.within == 4 * 30)
    // Every solution of a question that is all right is paired with four others.
    #expect(report.training.cross + report.validation.cross == 4 * 4 * 5)
    // A completion that was encoded after a prompt of the validation side belongs to that side.
    let split = try PreferencePairs(quickSettings()).split(QuestionGroups(solutions).outcomes)
    let held = Set(split.validationRows.map { QuestionGroups(solutions).solutions[$0][0].question })
    let side = Dictionary(
      solutions.map { ($0.steps.completionIDs, held.contains($0.question)) }
    ) { first, _ in first }
    let sideOfPrompt = Dictionary(
      solutions.map { ($0.steps.promptIDs, held.contains($0.question)) }
    ) { first, _ in first }
    #expect(!encoder.log.rollouts.isEmpty)
    for rollout in encoder.log.rollouts {
      #expect(sideOfPrompt[rollout.promptIDs] == side[rollout.completionIDs])
    }
    #expect(encoder.log.calls == 1)
    #expect(Set(encoder.log.rollouts).count == encoder.log.rollouts.count)
    #expect(report.encodedSolutions == encoder.log.rollouts.count)
    #expect(report.solutionTokens == solutions.reduce(0) { $0 + $1.steps.completionIDs.count })
  }

  @Test("the kept weights are the best pass's")
  func bestEpoch() throws {
    var settings = quickSettings()
    settings.classifierLearningRate = 0.3  // jumps about
    settings.classifierEpochs = 8
    let (_, report) = try PreferenceTrainer(settings)
      .train(learnableSolutions(questions: 60), encoder: encoder())
    let best = report.epochs[report.bestEpoch - 1]
    let measures = try #require(report.validationMeasures)
    #expect(measures.decisive.mean == best.validationAccuracy)
    #expect(measures.loss == best.validationLoss)
    #expect(
      report.epochs.allSatisfy { ($0.validationAccuracy ?? 0) <= (best.validationAccuracy ?? 0) })
  }

  @Test("patience ends training")
  func patience() throws {
    var settings = quickSettings()
    settings.classifierLearningRate = 0  // nothing gets better
    settings.classifierEpochs = 50
    settings.earlyStopPatience = 3
    let (_, report) = try PreferenceTrainer(settings)
      .train(learnableSolutions(questions: 20), encoder: encoder())
    #expect(report.epochs.count == 4)
    #expect(report.bestEpoch == 1)
  }

  @Test("without validation the last pass is kept, and the report says so")
  func noValidation() throws {
    var settings = quickSettings()
    settings.validationShare = 0
    settings.earlyStopPatience = 1
    let (_, report) = try PreferenceTrainer(settings)
      .train(learnableSolutions(questions: 10), encoder: encoder())
    #expect(report.bestEpoch == settings.classifierEpochs)
    #expect(report.validationMeasures == nil)
    #expect(report.text.contains("no validation pairs"))
  }

  @Test("pairs of prefixes have equally many steps and are drawn from those there are")
  func prefixPairs() throws {
    var settings = quickSettings()
    settings.classifierEpochs = 1
    let solutions = learnableSolutions(questions: 40)
    let groups = QuestionGroups(solutions)
    let split = try PreferencePairs(settings).split(groups.outcomes)
    let table = try PairTable(
      pairs: split.training, alone: [], groups: groups, encoder: LastTokenEncoder(),
      prefixes: .everyStep)
    // A solution of another question is read whole, one of the question step by step.
    let sides = split.training.flatMap { pair in
      [pair.winner, pair.loser].map {
        ($0.question == pair.question, table[$0, judgedFor: pair.question])
      }
    }
    #expect(Set(sides.map(\.0)) == [true, false])
    for (isOwn, row) in sides {
      #expect(row.prefixes.count == (isOwn ? row.steps.stepCount : 1))
    }
    let matched = split.training.filter { $0.kind == .withinQuestion }.map(table.matchedPrefixes)
    for pair in matched.joined() {
      #expect(pair.winner.steps == pair.loser.steps)
      #expect(pair.winner.tokens == 3 * pair.winner.steps)
    }
    for (pair, prefixes) in zip(split.training.filter { $0.kind == .withinQuestion }, matched) {
      let counts = [pair.winner, pair.loser].map { groups[$0].steps.stepCount }
      #expect(prefixes.count == counts.min()! - (counts[0] == counts[1] ? 1 : 0))
    }
    for wanted in [0, 1, 100] {
      settings.prefixPairs = wanted
      let (_, report) = try PreferenceTrainer(settings)
        .train(solutions, encoder: LastTokenEncoder())
      #expect(report.training.prefix == matched.map { min(wanted, $0.count) }.reduce(0, +))
      #expect(report.validation.prefix == 0)
    }
  }

  @Test("labels without a pair are an error that names their counts")
  func noPairs() throws {
    let wrong = learnableSolutions(questions: 8).map {
      LabelledSolution(question: $0.question, correct: false, steps: $0.steps)
    }
    let error = #expect(throws: NoPreferencePairError.self) {
      try PreferenceTrainer(quickSettings()).train(wrong, encoder: encoder())
    }
    #expect(try #require(error).description.contains("32 wrong"))
    #expect(throws: NoPreferencePairError.self) {
      try PreferenceTrainer(quickSettings()).train([], encoder: encoder())
    }
  }

  @Test("an encoder of joint features serves the heads that compare, and no other")
  func jointEncoder() throws {
    let encoder = LastTokenEncoder(arrangement: .joint)
    let solutions = learnableSolutions(questions: 40)
    for kind in [PreferenceHead.Kind.pairwise, .antisymmetric] {
      let (model, report) = try PreferenceTrainer(quickSettings(kind))
        .train(solutions, encoder: encoder)
      #expect(try #require(report.validationMeasures?.withinAccuracy.mean) > 0.9)
      #expect(report.validationAUC == nil)
      #expect(try model.evaluate(solutions).values == nil)
    }
    let error = #expect(throws: PreferenceError.self) {
      try PreferenceTrainer(quickSettings(.bradleyTerry)).train(solutions, encoder: encoder)
    }
    #expect(try #require(error).description.contains("expected pairwise or antisymmetric"))
  }

  @Test("an encoder of another layer than the settings name is refused")
  func encoderLayer() throws {
    let encoder = CausalPrefixEncoder(try tinyModel(), layer: .final)
    let error = #expect(throws: PreferenceError.self) {
      try PreferenceTrainer(quickSettings())
        .train(learnableSolutions(questions: 8), encoder: encoder)
    }
    #expect(
      error
        == .encoderOption(key: "encoder-layer", encoder: "final", settings: "before-final-norm"))
  }

  @Test("features that are not finite stop training")
  func notFinite() throws {
    let model = try tinyModel()
    withoutGradients { model.outputWeight.fill(.nan) }  // tied to the embedding
    #expect(throws: PreferenceError.notFinite(what: "the loss of the preference head")) {
      try PreferenceTrainer(quickSettings())
        .train(learnableSolutions(questions: 8), encoder: CausalPrefixEncoder(model))
    }
  }
}

/// A last-token encoder that keeps a log of what it is given.
private struct RecordingEncoder: PrefixEncoder {
  final class Log {
    var rollouts: [RolloutSteps] = []
    var calls = 0
  }

  let log = Log()
  let base = LastTokenEncoder()
  var identity: EncoderIdentity { base.identity }
  var device: Device { base.device }

  func encode(
    _ rollouts: [RolloutSteps], prefixes: [PrefixSelection]
  ) -> any EncodedPrefixes {
    log.rollouts += rollouts
    log.calls += 1
    return base.encode(rollouts, prefixes: prefixes)
  }
}
