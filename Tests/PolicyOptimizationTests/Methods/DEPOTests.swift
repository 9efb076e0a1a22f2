import Foundation
import Settings
import Testing
import Torch

@testable import PolicyOptimization

/// Filter and loss by hand; the golden file holds the rest.
@Suite struct DEPOTests {
  private let trained = TrainingProgress(step: 100, of: 200)

  private func filter(_ change: (inout DEPOSettings) -> Void = { _ in }) -> DifficultyFilter {
    var settings = DEPOSettings()
    change(&settings)
    return DifficultyFilter(settings)
  }

  private func candidates(_ expected: [Double?], draws: [Double]? = nil) -> [PromptCandidate] {
    expected.enumerated().map {
      PromptCandidate(id: "\($0)", draw: draws?[$0] ?? 0.5, expectedAccuracy: $1)
    }
  }

  @Test func theBoundsAreKept() {
    let decision = filter().screen(
      candidates([0.1499, 0.15, 0.5, 0.85, 0.8501]), progress: trained)
    #expect(decision.kept == [1, 2, 3])
    #expect(decision.weights == nil)
    #expect(decision.metrics["difficulty/filtered_low"]?.mean == 0.2)
    #expect(decision.metrics["difficulty/filtered_high"]?.mean == 0.2)
    #expect(
      isClose(decision.metrics["difficulty/filtered_expected"]?.mean ?? .nan, 0.5))
  }

  @Test func warmUpKeepsEverythingAndAsksForNothing() {
    let last = TrainingProgress(step: 99, of: 200)
    #expect(!filter().needsExpectedAccuracy(at: last))
    #expect(filter().screen(candidates([nil, nil]), progress: last).kept == [0, 1])
    #expect(filter().needsExpectedAccuracy(at: trained))
    #expect(filter { $0.warmupSteps = 0 }.needsExpectedAccuracy(at: TrainingProgress()))
  }

  @Test func probesAreRolledOutAnyway() {
    let some = filter { $0.probeRate = 0.25 }.screen(
      candidates([0, 0, 0.5, 1], draws: [0.1, 0.25, 0.9, 0.2]), progress: trained)
    #expect(some.kept == [0, 2, 3])
    #expect(some.metrics["difficulty/filtered_low"]?.mean == 0.5)
  }

  @Test func theFallbackIsNearestToOneHalf() {
    let kept = filter().fallback(
      among: candidates([0.02, 0.9, 0.125, 0.875, 0.99]), wanted: 3)
    #expect(kept == [1, 2, 3])
    #expect(filter().fallback(among: candidates([0.1, 0.2, 0.02]), wanted: 2) == [0, 1])
    #expect(filter().fallback(among: candidates([0.1]), wanted: 2) == [0])
  }

  @Test func aQueueCarriesWhatIsLeft() {
    var queue = PromptQueue([4])
    queue.add([7, 8, 9])
    #expect(queue.next(3) == [4, 7, 8])
    #expect(queue.next(3) == nil)
    #expect(queue.waiting == [9])
  }

  private func terms(
    scores: [Double], accuracies: [Double], _ change: (inout DEPOSettings) -> Void = { _ in }
  ) -> DifficultyLoss.Terms {
    var settings = DEPOSettings()
    change(&settings)
    return DifficultyLoss(settings)(
      scores: Tensor(scores), distillations: Tensor(scores.map { _ in 0.0 }),
      accuracies: Tensor(accuracies), distillTargets: Tensor(scores.map { _ in 0.5 }))
  }

  @Test func theEasierPromptGetsTheLargerScore() {
    let right = terms(scores: [1, -1], accuracies: [0.9, 0.1])
    #expect(right.pairs == 1)
    #expect(right.ranking.item == 0)
    let wrong = terms(scores: [-1, 1], accuracies: [0.9, 0.1])
    #expect(isClose(wrong.ranking.item, 2.5))
    #expect(isClose(wrong.distillation.item, log(2)))
    #expect(
      isClose(
        wrong.loss.item, wrong.score.item + 0.5 * log(2) + 3 * 2.5, 1e-9))
  }

  @Test func accuraciesWithinTheGapAreNotRanked() {
    #expect(terms(scores: [0, 0, 0], accuracies: [0.5, 0.53, 0.5]).pairs == 0)
    #expect(terms(scores: [0, 0, 0], accuracies: [0.5, 0.6, 0.5]).pairs == 2)
    #expect(terms(scores: [0], accuracies: [1]).ranking.item == 0)
  }

  @Test func theReleasedScaleDividesByMicroBatches() {
    var settings = DEPOSettings()
    settings.rankScale = .asReleased
    let loss = DifficultyLoss(settings)
    #expect(isClose(loss.effectiveRankWeight(count: 128), 3.0 / 16))
    #expect(isClose(loss.effectiveRankWeight(count: 9), 3.0 / 2))
    #expect(isClose(loss.effectiveRankWeight(count: 8), 3))
  }

  @Test func distillTargetsAreClampedAndSkipEmptyRollouts() {
    #expect(DifficultyLoss.distillTarget([[0, 0]]) == 1 - 1e-4)
    #expect(DifficultyLoss.distillTarget([[-100]]) == 1e-4)
    #expect(
      isClose(DifficultyLoss.distillTarget([[-1, -2], [], [-0.5]]) ?? .nan, exp(-1)))
    #expect(DifficultyLoss.distillTarget([[], []]) == nil)
    #expect(DifficultyLoss.distillTarget([]) == nil)
  }

  @Test func crossedBoundsAreRefused() throws {
    var document = SettingDocument()
    try document.append(override: "method.filter-low=0.9")
    #expect(
      throws: SettingError("method.filter-low is 0.9, expected at most filter-high, 0.85")
    ) { try Methods.named("depo", settings: document) }
  }
}
