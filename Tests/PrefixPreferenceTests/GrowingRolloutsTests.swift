import Models
import Tasks
import Testing
import Torch

@testable import PrefixPreference

@Suite struct GrowingRolloutsTests {
  private static let kinds: [(PreferenceHead.Kind, CausalPrefixEncoder.Layer, Bool)] = [
    (.pairwise, .beforeFinalNorm, false), (.antisymmetric, .final, false),
    (.bradleyTerry, .beforeFinalNorm, true),
  ]

  /// Judging as the tokens come, by pieces of random lengths, agrees with judging whole rollouts.
  @Test(arguments: kinds) func piecesAreJudgedAsTheWhole(
    kind: PreferenceHead.Kind, layer: CausalPrefixEncoder.Layer, likelihoods: Bool
  ) throws {
    let model = try tinyModel()
    let encoder = CausalPrefixEncoder(model, layer: layer, likelihoods: likelihoods)
    let preference = try PreferenceModel(
      encoder: encoder,
      head: PreferenceHead(
        kind: kind, width: encoder.identity.width, arrangement: .separate, hidden: 8,
        generator: RandomGenerator(seed: 4)))
    let rollouts = randomRollouts(5)
    let whole = try preference.score(rollouts)
    var growing = GrowingRollouts(preference, encoder: encoder, count: rollouts.count)
    var judged = rollouts.map { _ in [GrowingRollouts.Judgement]() }
    var read = rollouts.map { _ in 0 }
    var random = SplitMix64(seed: 9)
    while true {
      let open = rollouts.indices.filter { read[$0] < rollouts[$0].completionIDs.count }
      if open.isEmpty { break }
      let length = 1 + random.integer(below: 4)
      let pieces = open.map { index -> GrowingRollouts.Piece in
        let ids = rollouts[index].completionIDs
        let end = min(read[index] + length, ids.count)
        // A step's end is known when the next token comes, and at the rollout's end.
        let ends = rollouts[index].lastTokenOfStep.filter {
          let known = $0 == ids.count - 1 ? $0 : $0 + 1
          return (read[index]..<end).contains(known)
        }
        return GrowingRollouts.Piece(
          rollout: index, ids: Array(ids[read[index]..<end]),
          stepEnds: ends.map { $0 - read[index] })
      }
      let width = pieces.map(\.ids.count).max() ?? 0
      let states = withoutGradients {
        open.map { index in
          let ids = rollouts[index].promptIDs + rollouts[index].completionIDs
          let first = rollouts[index].promptIDs.count + read[index] - 1
          let padded = ids + Array(repeating: 0, count: width)
          return model.hiddenStates(Tensor(rows: [padded]), beforeFinalNorm: true).select(0, 0)
            .narrow(0, from: first, count: width + 1)
        }
      }
      let judgements = try growing.judge(
        pieces, before: .stacked(states.map { $0.select(0, 0) }),
        states: .stacked(states.map { $0.narrow(0, from: 1, count: width) }))
      for (piece, its) in zip(pieces, judgements) {
        #expect(its.count == piece.stepEnds.count)
        judged[piece.rollout] += its.compactMap(\.self)
        read[piece.rollout] += piece.ids.count
      }
    }
    #expect(whole.contains { $0.oldNew.count > 2 })
    for (scores, its) in zip(whole, judged) {
      #expect(its.count == scores.oldNew.count)
      for (index, judgement) in its.enumerated() {
        #expect(abs(judgement.oldNew - scores.oldNew[index]) < 1e-4)
        #expect(abs(judgement.newOld - scores.newOld[index]) < 1e-4)
      }
    }
  }
}
