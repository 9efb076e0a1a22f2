import Settings
import Testing
import Torch

@testable import PolicyOptimization

/// Influences and selection by hand; the golden file holds the rest.
@Suite struct NTHRTests {
  /// Two right rows and a wrong one over the ids 0, 1 and 2, as worked out in the guide.
  private let byHand = GroupActivations(
    tokenIDs: [[0, 1], [2], [0, 2]],
    hidden: Tensor(rows: [[1.0, 0], [0, 1], [1, 1], [1, -0.5], [0.5, 0.5]]),
    probabilities: Tensor(rows: [
      [0.5, 0.2, 0.1], [0.1, 0.6, 0.2], [0.2, 0.1, 0.4], [0.6, 0.1, 0.2], [0.3, 0.3, 0.3],
    ]))
  private let correct = [true, true, false]

  @Test func theLikelihoodsGradientByHand() {
    let gradient = byHand.likelihoodGradient(correct: correct).nested
    let expected = [[0.3, -0.3], [-0.3, 0.3], [0.5, 0.4]]
    for (row, values) in zip(gradient, expected) { #expect(isClose(row, values)) }
  }

  @Test func influencesAndAnchorsByHand() {
    let influence = byHand.influence(correct: correct, includeSelf: true)
    #expect(isClose(influence.tokens[2], [0.165, 0.315]))
    #expect(influence.tokens[0] == [0, 0])
    #expect(isClose(influence.anchors.compactMap(\.self), [0.115, 0.54]))
    #expect(influence.anchors[2] == nil)
  }

  @Test func anAnchorWithoutItselfIsThatOfTheOthers() {
    let influence = byHand.influence(correct: correct, includeSelf: false)
    // Row 0 against row 1 alone, M = (-.2, -.1, .6) (1, 1)^T, and the other way round.
    let first = ((0.5 * -0.2 + 0.02 - 0.06) + (0.02 - 0.04 - 0.12)) / 2
    #expect(isClose(influence.anchors[0] ?? .nan, first))
    let second = byHand.likelihoodGradient(correct: [true, false, false]).nested
    let errors = [-0.2, -0.1, 0.6]
    let value = zip(errors, second).reduce(0) { $0 + $1.0 * ($1.1[0] + $1.1[1]) }
    #expect(isClose(influence.anchors[1] ?? .nan, value))
    // The wrong row's values do not depend on the anchors.
    #expect(isClose(influence.tokens[2], [0.165, 0.315]))
  }

  @Test func oneRightRowWithoutItselfHasTheThresholdZero() {
    let influence = byHand.influence(correct: [true, false, false], includeSelf: false)
    #expect(isClose(influence.anchors[0] ?? .nan, 0))
  }

  @Test func theInfluenceIsTheChangeOfTheLikelihood() {
    // Pushing a wrong token down by its gradient in the output weight changes the log-likelihood of
    // right answers by -e, to first order: e must be the product of both gradients.
    let weight = Tensor(rows: [[0.3, -0.2], [0.1, 0.4], [-0.5, 0.2], [0.7, 0.6]])
    let hidden = Tensor(rows: [[0.5, -1], [1, 0.25], [-0.75, 1]])
    let ids = [[0, 2], [1]]
    func gradient(of tokens: [(Int, Int)]) -> [Double] {
      let leaf = weight.detached().cloned()
      leaf.requiresGradient = true
      let logits = hidden.linear(leaf).logSoftmax()
      let sum = tokens.map { logits.select(0, $0.0).select(0, $0.1) }.reduce(
        Tensor.zeros([], dtype: .float64)
      ) { $0 + $1 }
      return Torch.gradient(of: sum, withRespectTo: [leaf])[0]?.doubles ?? []
    }
    let probabilities = hidden.linear(weight).softmax()
    let vocabulary = GroupActivations.vocabulary(of: ids)
    let activations = GroupActivations(
      tokenIDs: ids, hidden: hidden,
      probabilities: probabilities.indexSelect(1, Tensor(vocabulary)))
    let found = activations.influence(correct: [true, false], includeSelf: true).tokens[1]
    let likelihood = gradient(of: [(0, 0), (1, 2)])
    let token = gradient(of: [(2, 1)])
    // Row 3 of the weight belongs to an id that no token of the group has: it is not seen.
    let expected = zip(likelihood, token).prefix(6).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(isClose(found, [expected], 1e-10))
  }

  private func batch(
    _ correct: [Bool], lengths: [Int], influence: TokenInfluence
  ) -> GroupBatch {
    var batch = GroupBatch(
      groupIDs: correct.map { _ in 0 }, rewards: correct.map { $0 ? 1 : 0 }, correct: correct,
      lengths: lengths, maxCompletion: 8)
    batch.influence = influence
    return batch
  }

  private func method(_ change: (inout NTHRSettings) -> Void = { _ in }) throws -> Method {
    var settings = NTHRSettings()
    change(&settings)
    return try NTHR.method(settings)
  }

  @Test func selectedTokensKeepAShareOfTheirPenalty() throws {
    let influence = byHand.influence(correct: correct, includeSelf: true)
    let batch = batch(correct, lengths: [2, 1, 2], influence: influence)
    let both = try method().credit(batch).advantages
    let penalty = both.rows[2]
    #expect(penalty < 0)
    #expect(isClose(both.tokens?[2] ?? [], [penalty / 3, penalty / 3]))
    #expect(both.tokens?[0] == [both.rows[0], both.rows[0]])
    let second = try method { $0.anchorBeta = 2 }.credit(batch).advantages
    #expect(isClose(second.tokens?[2] ?? [], [penalty, penalty / 3]))
    let none = try method { $0.anchorBeta = 10 }.credit(batch).advantages
    #expect(isClose(none.tokens?[2] ?? [], [penalty, penalty]))
    let all = try method {
      $0.anchorBeta = 10
      $0.selectsAll = true
    }.credit(batch).advantages
    #expect(isClose(all.tokens?[2] ?? [], [penalty / 3, penalty / 3]))
  }

  @Test func theThresholdItselfIsNotSelected() throws {
    let influence = TokenInfluence(tokens: [[0], [0.25, 0.26]], anchors: [0.25, nil])
    let batch = batch([true, false], lengths: [1, 2], influence: influence)
    let estimator = HiddenRewardAdvantage(NTHRSettings())
    #expect(estimator.selected(in: batch) == [[false], [false, true]])
  }

  @Test func etaFollowsTheShareOfRightAnswers() {
    func eta(_ mode: EtaMode, _ share: Double, value: Double? = nil) -> Double {
      var settings = NTHRSettings()
      settings.etaMode = mode
      settings.etaValue = value
      return HiddenRewardAdvantage(settings).eta(correctShare: share)
    }
    #expect(isClose([0.25, 0.5, 0.75].map { eta(.twoAbsHalfMinusP, $0) }, [0.5, 0, 0.5]))
    #expect(eta(.p, 0.25) == 0.25)
    #expect(eta(.oneMinusP, 0.25) == 0.75)
    #expect(eta(.constant, 0.25, value: 0.1) == 0.1)
  }

  @Test func degenerateGroupsAreGRPO() throws {
    for correct in [[true, true], [false, false], [true]] {
      let batch = batch(
        correct, lengths: correct.map { _ in 2 },
        influence: TokenInfluence(lengths: correct.map { _ in 2 }))
      let credit = try method { $0.selectsAll = true }.credit(batch)
      #expect(credit.advantages.tokens == correct.map { _ in [0, 0] })
      #expect(credit.metrics["nthr/selected_share"]?.weight == 0)
    }
  }

  @Test func emptyRowsHaveNoTokens() throws {
    let activations = GroupActivations(
      tokenIDs: [[], [4]], hidden: Tensor(rows: [[1.0, 2]]), probabilities: Tensor(rows: [[0.5]]))
    let influence = activations.influence(correct: [true, false], includeSelf: true)
    #expect(influence == TokenInfluence(tokens: [[], [0]], anchors: [0, nil]))
    let credit = try method().credit(batch([true, false], lengths: [0, 1], influence: influence))
    #expect(credit.advantages.tokens?[0] == [])
  }

  @Test func measurements() throws {
    let influence = TokenInfluence(
      tokens: [[0], [0.1, 0.3], [0.5]], anchors: [0.2, nil, nil])
    let metrics = try method { $0.etaMode = .p }.credit(
      batch([true, false, false], lengths: [1, 2, 1], influence: influence)
    ).metrics
    #expect(isClose(metrics["nthr/selected_share"]?.mean ?? .nan, 2.0 / 3))
    #expect(isClose(metrics["nthr/eta_mean"]?.mean ?? .nan, 1.0 / 3))
    #expect(metrics["nthr/threshold_mean"]?.mean == 0.2)
    #expect(metrics["nthr/threshold_not_positive"]?.mean == 0)
    // Two of three tokens lose two thirds of the penalty.
    #expect(isClose(metrics["nthr/advantage_removed"]?.mean ?? .nan, 4.0 / 9))
    #expect(metrics["nthr/influence_median"]?.mean == 0.3)
    #expect(metrics["nthr/influence_p10"]?.mean == 0.1)
    #expect(metrics["nthr/influence_p90"]?.mean == 0.5)
  }

  @Test func constantEtaNeedsItsValue() throws {
    for overrides in [["method.eta-mode=constant"], ["method.eta-value=0.5"]] {
      var document = SettingDocument()
      for override in overrides { try document.append(override: override) }
      let error = #expect(throws: SettingError.self) {
        try Methods.named("nthr", settings: document)
      }
      #expect(error?.description.contains("expected a number with eta-mode constant") == true)
    }
  }
}
