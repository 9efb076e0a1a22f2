import Foundation
import Settings
import Testing
import Torch

@testable import PolicyOptimization

/// The pair mask and the anchors' loss by hand; the golden file holds the rest.
@Suite struct DaGRPOTests {
  private func advantages(
    _ rewards: [Double], scores: [Double?], groups: [Int]? = nil,
    _ change: (inout DaGRPOSettings) -> Void = { _ in }
  ) -> Advantages {
    var settings = DaGRPOSettings()
    settings.threshold = 0.3
    change(&settings)
    var batch = GroupBatch(
      groupIDs: groups ?? rewards.map { _ in 0 }, rewards: rewards,
      correct: rewards.map { $0 == 1 }, lengths: rewards.map { _ in 1 }, maxCompletion: 4)
    batch.distinctness = scores
    return DistinctAdvantage(settings).advantages(of: rewards, in: batch)
  }

  private static let rewards = [1.0, 0, 0, 1]
  private static let scores: [Double?] = [0.9, 0.75, 0.1, 0.5]

  @Test func thePairsOfTheGuide() {
    let found = advantages(Self.rewards, scores: Self.scores)
    let unit = 0.25 / ((1.0 / 3).squareRoot() + 1e-4)
    #expect(isClose(found.rows, [unit, 0, -2 * unit, unit]))
    #expect(isClose(unit, 0.43294, 5e-6))
    #expect(found.rowWeights == nil)
  }

  @Test func aMaskedGroupStillAddsUpToZero() {
    let rewards = [0.3, 1, 0.7, 0, 1]
    let scores: [Double?] = [0.1, 0.45, nil, 0.5, 0.9]
    #expect(isClose(advantages(rewards, scores: scores).rows.reduce(0, +), 0))
  }

  @Test(arguments: AdvantageScale.allCases)
  func withoutAMaskItIsGRPO(scale: AdvantageScale) {
    var grpo = GRPOSettings()
    grpo.advantageScale = scale
    let expected = grpo.advantage.advantages(rewards: Self.rewards, groupIDs: [4, 4, 4, 4])
    let found = advantages(Self.rewards, scores: [0.5, 0.5, 0.5, 0.5]) {
      $0.threshold = -1
      $0.grpo.advantageScale = scale
    }
    #expect(isClose(found.rows, expected))
  }

  @Test func theThresholdItselfIsDistinct() {
    let found = advantages([1, 0], scores: [0.75, 0.25]) { $0.threshold = 0.5 }
    #expect(found.rows[0] > 0)
  }

  @Test func aRowWithoutAScoreIsDistinctFromAll() {
    let found = advantages([1, 0, 0], scores: [nil, 0.5, 0.5]).rows
    let plain = GRPOSettings().advantage.advantages(rewards: [1, 0, 0], groupIDs: [0, 0, 0])
    #expect(isClose(found, plain))
  }

  @Test func tiedGroupsAndGroupsOfOneGetNothing() {
    #expect(advantages([1, 1], scores: [0, 1]).rows == [0, 0])
    #expect(advantages([0, 0], scores: [0, 1]).rows == [0, 0])
    #expect(advantages([1], scores: [nil]).rows == [0])
    let masked = advantages([1, 0], scores: [0.5, 0.5])
    #expect(masked.rows == [0, 0])
    #expect(masked.metrics["distinct/advantage_removed"]?.mean == 1)
    #expect(masked.metrics["distinct/masked_pairs"]?.mean == 1)
  }

  @Test func rowsWithoutAPartnerLeaveTheLoss() {
    let found = advantages(
      Self.rewards + [1, 1], scores: Self.scores + [0, 1], groups: [0, 0, 0, 0, 1, 1]
    ) { $0.maskMode = .sequence }
    #expect(found.rowWeights == [1, 0, 1, 1, 0, 0])
    let plain = GRPOSettings().advantage.advantages(
      rewards: Self.rewards, groupIDs: [0, 0, 0, 0])
    #expect(isClose(Array(found.rows.prefix(4)), plain))
    #expect(found.metrics["distinct/rows_without_partner"]?.mean == 0.5)
    #expect(isClose(found.metrics["distinct/advantage_removed"]?.mean ?? .nan, 0.25))
  }

  @Test func groupsAreMaskedApart() {
    let found = advantages([1, 0, 1, 0], scores: [0.5, 0.5, 0, 1], groups: [8, 8, 3, 3]).rows
    #expect(found[0] == 0 && found[1] == 0)
    #expect(found[2] > 0 && found[3] < 0)
  }

  @Test func measurements() {
    let metrics = advantages(Self.rewards, scores: [0.9, 0.75, nil, 0.5]).metrics
    // Opposite pairs: (0,1) .15 masked, (0,2), (1,3) .25 masked, (2,3).
    #expect(metrics["distinct/masked_pairs"]?.mean == 0.5)
    #expect(isClose(metrics["distinct/distance_right_wrong"]?.mean ?? .nan, 0.2))
    #expect(isClose(metrics["distinct/distance_right_right"]?.mean ?? .nan, 0.4))
    #expect(metrics["distinct/distance_wrong_wrong"] == nil)
    #expect(metrics["distinct/unscored"]?.mean == 0.25)
    #expect(metrics["distinct/rows_without_partner"]?.mean == 0.25)
    #expect(isClose(metrics["distinct/advantage_removed"]?.mean ?? .nan, 0.5))
  }

  // MARK: anchors

  /// Loss and gradient with an anchor in row 1.
  private func anchored(
    _ logProbabilities: [[Double]], old: [[Double]], advantages: [Double], kl: Double = 0,
    reference: [[Double]]? = nil, mask: [[Bool]]? = nil
  ) -> (loss: Double, gradient: [[Double]], metrics: Metrics) {
    var settings = GRPOSettings()
    settings.klCoefficient = kl
    let mask = mask ?? logProbabilities.map { $0.map { _ in true } }
    let inputs = LossInputs(
      logProbabilities: Tensor(rows: logProbabilities), oldLogProbabilities: Tensor(rows: old),
      referenceLogProbabilities: reference.map { Tensor(rows: $0) }, mask: Tensor(rows: mask),
      advantages: Tensor(advantages, shape: [advantages.count, 1]),
      offPolicy: Tensor(rows: advantages.indices.map { [$0 == 1] }),
      groupIDs: advantages.map { _ in 0 }, rewards: advantages)
    let totals = StepTotals(
      rowCount: advantages.count, tokenCount: mask.joined().count { $0 }, groupCount: 1,
      maxCompletion: 4)
    let (outputs, gradient) = AnchoredLoss(base: settings.loss, gamma: 0.1).gradient(
      at: inputs, totals: totals)
    return (outputs.loss.item, gradient.nested, outputs.metrics)
  }

  @Test func anchorsHaveNeitherRatioNorClip() {
    // x = .4: f = .8, f' x = .1 * .4 / .25 = .16. The anchor's old log-probability, of nobody, is absurd.
    let found = anchored(
      [[log(0.5)], [log(0.4)]], old: [[log(0.5)], [-800]], advantages: [-1, 2])
    #expect(isClose(found.loss, -(-1 + 0.8 * 2) / 2))
    #expect(isClose(found.gradient.flatMap(\.self), [0.5, -0.16 * 2 / 2]))
    #expect(found.metrics["clip_ratio/region_mean"]?.mean == 0)
    #expect(isClose(found.metrics["anchors/probability"]?.mean ?? .nan, 0.4))
    #expect(isClose(found.metrics["anchors/shaped"]?.mean ?? .nan, 0.8))
  }

  @Test func sampledRowsAreClippedAsEver() {
    let found = anchored(
      [[log(0.75)], [log(0.4)]], old: [[log(0.5)], [0]], advantages: [1, 0])
    #expect(isClose(found.loss, -1.2 / 2))
    #expect(found.gradient[0] == [0])
    #expect(found.metrics["clip_ratio/high_mean"]?.mean == 0.5)
  }

  @Test func theDivergenceActsOnAnchorsToo() {
    let found = anchored(
      [[-1], [-2]], old: [[-1], [-2]], advantages: [0, 0], kl: 0.5, reference: [[-1], [-1]])
    let divergence = exp(1.0) - 2
    #expect(isClose(found.loss, 0.5 * divergence / 2))
    #expect(isClose(found.gradient.flatMap(\.self), [0, 0.5 * (1 - exp(1.0)) / 2]))
  }

  @Test func whatLiesInAnAnchorsPaddingDoesNotMatter() {
    let clean = anchored(
      [[-1, -1], [-2, 0]], old: [[-1, -1], [-2, 0]], advantages: [-1, 1],
      mask: [[true, true], [true, false]])
    let dirty = anchored(
      [[-1, -1], [-2, .nan]], old: [[-1, -1], [-2, .infinity]], advantages: [-1, 1],
      mask: [[true, true], [true, false]])
    #expect(clean.loss == dirty.loss)
    #expect(clean.gradient == dirty.gradient)
    #expect(dirty.gradient[1][1] == 0)
    #expect(
      clean.metrics["anchors/probability"]?.mean == dirty.metrics["anchors/probability"]?.mean)
  }

  // MARK: settings

  @Test func theThresholdMustBeSet() throws {
    let method = try Methods.named("dagrpo", settings: SettingDocument())
    let error = #expect(throws: SettingError.self) { try method.validate(maxCompletion: 10) }
    #expect(error?.description.contains("method.distinct-threshold is missing") == true)
    var document = SettingDocument()
    try document.append(override: "method.distinct-threshold=-1")
    try Methods.named("dagrpo", settings: document).validate(maxCompletion: 10)
  }

  @Test func anchorsAndDynamicSamplingExcludeEachOther() {
    #expect(
      throws: SettingError(
        "method.dynamic-sampling is true, which drops the hard prompts that method.anchor-mode append "
          + "is for; expected false")
    ) {
      var document = SettingDocument()
      for override in ["method.anchor-mode=append", "method.dynamic-sampling=true"] {
        try document.append(override: override)
      }
      _ = try Methods.named("dagrpo", settings: document)
    }
  }

  @Test func aScorerAndItsProgramGoTogether() throws {
    func make(_ overrides: String...) throws {
      var document = SettingDocument()
      for override in overrides { try document.append(override: override) }
      _ = try Methods.named("dagrpo", settings: document)
    }
    #expect(
      throws: SettingError(
        "method.scorer is command, which needs method.scorer-command: the program to run")
    ) { try make("method.scorer=command") }
    #expect(
      throws: SettingError(
        "method.scorer-command is judge, but method.scorer is edit-similarity; expected command")
    ) { try make("method.scorer-command=judge") }
    try make("method.scorer=command", "method.scorer-command=judge --fast")
  }

  @Test func preferencesAreAskedForWhereTheyAreTheScore() throws {
    func columns(_ scorer: String) throws -> Set<BatchColumn> {
      var document = SettingDocument()
      try document.append(override: "method.scorer=\(scorer)")
      return try Methods.named("dagrpo", settings: document).columns
    }
    #expect(try columns("token-overlap") == [.distinctness])
    #expect(try columns("prefix-preference") == [.distinctness, .newOverOld])
  }
}
