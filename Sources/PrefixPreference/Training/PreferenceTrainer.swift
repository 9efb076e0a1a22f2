import Tasks
import Torch

/// WS-GRPO's phase I: trains a preference head on a frozen encoder from outcomes alone.
///
/// Every solution is encoded once for each question it is judged for; epochs cost the head alone. The
/// seed, a thread count and a device fix every number on the CPU.
///
/// ```swift
/// let encoder = CausalPrefixEncoder(policy)
/// let (model, report) = try PreferenceTrainer(settings).train(solutions, encoder: encoder)
/// ```
public struct PreferenceTrainer: Sendable {
  private let settings: PreferenceSettings

  /// A trainer.
  public init(_ settings: PreferenceSettings = PreferenceSettings()) { self.settings = settings }

  /// Builds pairs, encodes and trains.
  ///
  /// Training ends after `classifier-epochs` passes, or when `early-stop-patience` passes have brought
  /// no better validation accuracy (of pairs of one question where there are any, the mean over
  /// questions; of equal ones the lower loss). The best pass's weights are kept; without validation
  /// pairs the last.
  ///
  /// - Parameter onEpoch: called after every pass.
  /// - Throws: `NoPreferencePairError` naming the label counts, `PreferenceError` when encoder and
  ///   settings do not fit or a number is not finite, and what the encoder throws.
  public func train(
    _ solutions: [LabelledSolution], encoder: any PrefixEncoder,
    onEpoch: (PreferenceTrainingReport.Epoch) -> Void = { _ in }
  ) throws -> (model: PreferenceModel, report: PreferenceTrainingReport) {
    try check(encoder)
    let groups = QuestionGroups(solutions)
    let outcomes = groups.outcomes
    let split = try PreferencePairs(settings).split(outcomes)
    let alone = groups.references(split.validationRows)
    let table = try PairTable(
      pairs: split.training + split.validation, alone: alone, groups: groups, encoder: encoder,
      prefixes: settings.prefixPairs > 0 ? .everyStep : .completeSolution)
    let training = trainingPairs(split.training, table)
    let validation = split.validation.map(table.complete)
    let fitted = try HeadFitting(
      settings: settings, encoder: encoder, encoded: table.encoded, pairs: training,
      validation: validation
    ).fit(onEpoch: onEpoch)
    let measures =
      validation.isEmpty
      ? nil : PairMeasures(try fitted.model.scored(validation, in: table.encoded))
    let report = PreferenceTrainingReport(
      labels: .init(LabelCounts(outcomes)),
      solutionTokens: solutions.map(\.steps.completionIDs.count).reduce(0, +),
      training: .init(questions: split.trainingRows.count, pairs: training),
      validation: .init(questions: split.validationRows.count, pairs: validation),
      encodedSolutions: table.count, epochs: fitted.epochs, bestEpoch: fitted.bestEpoch,
      validationMeasures: measures,
      validationAUC: try auc(of: alone, groups, table, fitted.model))
    return (fitted.model, report)
  }

  private func check(_ encoder: any PrefixEncoder) throws {
    try PreferenceModel.check(settings.prefixHead, fits: encoder)
    let layer = encoder.identity.options[CausalPrefixEncoder.Layer.key]
    guard layer == nil || layer == settings.encoderLayer.rawValue else {
      throw PreferenceError.encoderOption(
        key: CausalPrefixEncoder.Layer.key, encoder: layer ?? "",
        settings: settings.encoderLayer.rawValue)
    }
    let likelihoods = encoder.identity.options[CausalPrefixEncoder.likelihoodsKey] != nil
    guard layer == nil || likelihoods == settings.encoderLikelihoods else {
      throw PreferenceError.encoderOption(
        key: CausalPrefixEncoder.likelihoodsKey, encoder: "\(likelihoods)",
        settings: "\(settings.encoderLikelihoods)")
    }
  }

  private func trainingPairs(_ pairs: [PreferencePair], _ table: PairTable) -> [PrefixPair] {
    let complete = pairs.map(table.complete)
    guard settings.prefixPairs > 0 else { return complete }
    var random = SplitMix64(seed: UInt64(settings.seed), label: "prefix-pairs")
    let prefixes = pairs.filter { $0.kind == .withinQuestion }.flatMap { pair -> [PrefixPair] in
      let matched = table.matchedPrefixes(pair)
      return random.sample(settings.prefixPairs, below: matched.count).map { matched[$0] }
    }
    return complete + prefixes
  }

  private func auc(
    of solutions: [RolloutReference], _ groups: QuestionGroups, _ table: PairTable,
    _ model: PreferenceModel
  ) throws -> Double? {
    let standings = try withoutGradients { try model.standings(of: table.encoded) }
    guard !standings.isEmpty else { return nil }
    return areaUnderCurve(
      solutions.map {
        (standings[table[$0, judgedFor: $0.question].complete], groups[$0].correct)
      })
  }
}
