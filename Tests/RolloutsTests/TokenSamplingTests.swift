import Foundation
import Testing
import Torch

@testable import Rollouts

@Suite struct TokenSamplingTests {
  // Probabilities 0.5, 0.25, 0.12, 0.08, 0.05 in no order, and a token that is impossible.
  private let probabilities: [Double] = [0.08, 0.5, 0, 0.12, 0.25, 0.05]

  /// How often each token is drawn with evenly spread random numbers, and the recorded log-probabilities.
  private func frequencies(
    draws: Int = 4000, _ change: (inout SamplingSettings) -> Void = { _ in }
  ) -> (shares: [Double], logProbabilities: [Int: Float]) {
    let row = probabilities.map { Float(log($0)) }
    let uniforms = (0..<draws).map { (Float($0) + 0.5) / Float(draws) }
    let (tokens, values) = TokenSampling(settings: settings(change)).sample(
      logits: Tensor(rows: Array(repeating: row, count: draws)), uniforms: uniforms)
    var shares = [Double](repeating: 0, count: row.count)
    var logProbabilities: [Int: Float] = [:]
    for (token, value) in zip(tokens.ints, values.floats) {
      shares[token] += 1 / Double(draws)
      logProbabilities[token] = value
    }
    return (shares, logProbabilities)
  }

  private func expect(_ shares: [Double], _ expected: [Double]) {
    let total = expected.reduce(0, +)
    for (share, weight) in zip(shares, expected) { #expect(abs(share - weight / total) < 1e-3) }
  }

  @Test func sharesAreTheProbabilities() {
    let (shares, logProbabilities) = frequencies()
    expect(shares, probabilities)
    #expect(shares[2] == 0)
    for (token, value) in logProbabilities {
      #expect(abs(Double(value) - log(probabilities[token])) < 1e-5)
    }
  }

  @Test func temperatureSharpensAndIsRecorded() {
    let (shares, logProbabilities) = frequencies { $0.temperature = 0.5 }
    let squares = probabilities.map { $0 * $0 }
    expect(shares, squares)
    let total = squares.reduce(0, +)
    for (token, value) in logProbabilities {
      #expect(abs(Double(value) - log(squares[token] / total)) < 1e-5)
    }
  }

  @Test(
    arguments: [
      (1, [1]), (2, [1, 4]), (3, [1, 3, 4]), (5, [0, 1, 3, 4, 5]), (9, [0, 1, 3, 4, 5]),
    ])
  func topKKeepsTheLikeliest(count: Int, kept: [Int]) {
    let (shares, logProbabilities) = frequencies { $0.topK = count }
    expect(shares, probabilities.enumerated().map { kept.contains($0.offset) ? $0.element : 0 })
    #expect(Set(shares.indices.filter { shares[$0] > 0 }) == Set(kept))
    // The record is of the whole vocabulary, so that the trainer's ratio starts at 1.
    #expect(abs(Double(logProbabilities[1] ?? 0) - log(0.5)) < 1e-5)
  }

  @Test(
    arguments: [
      (0.0, [1]), (0.4, [1]), (0.6, [1, 4]), (0.8, [1, 3, 4]), (0.9, [0, 1, 3, 4]),
      (0.999, [0, 1, 3, 4, 5]),
    ])
  func topPKeepsTheSmallestSetOfThatProbability(share: Double, kept: [Int]) {
    let (shares, _) = frequencies { $0.topP = share }
    expect(shares, probabilities.enumerated().map { kept.contains($0.offset) ? $0.element : 0 })
    #expect(Set(shares.indices.filter { shares[$0] > 0 }) == Set(kept))
  }

  @Test(arguments: [(1.0, [1]), (0.3, [1, 4]), (0.2, [1, 3, 4]), (0.15, [0, 1, 3, 4])])
  func minPKeepsTokensNearTheLikeliest(share: Double, kept: [Int]) {
    let (shares, _) = frequencies { $0.minP = share }
    expect(shares, probabilities.enumerated().map { kept.contains($0.offset) ? $0.element : 0 })
    #expect(Set(shares.indices.filter { shares[$0] > 0 }) == Set(kept))
  }

  @Test func truncationsCombineToTheSmallestSupport() {
    let (shares, _) = frequencies {
      $0.topK = 4
      $0.topP = 0.6
    }
    // Of the four kept tokens 0.5 and 0.25 make up 0.79 after renormalisation.
    #expect(Set(shares.indices.filter { shares[$0] > 0 }) == [1, 4])
  }

  @Test(arguments: [0, 0x1p-24, 1 - 0x1p-24] as [Float])
  func theEdgesOfTheUnitIntervalGivePossibleTokens(uniform: Float) {
    let rows: [[Float]] = [
      [-.infinity, 0, -.infinity], [-.infinity, -.infinity, 3], [2, -.infinity, -.infinity],
    ]
    let (tokens, values) = TokenSampling(settings: settings()).sample(
      logits: Tensor(rows: rows), uniforms: [uniform, uniform, uniform])
    #expect(tokens.ints == [1, 2, 0])
    #expect(values.floats.allSatisfy { abs($0) < 1e-6 })
  }

  @Test func aLargeVocabularyNeverYieldsItsImpossibleEnd() {
    // Rounding of the running sum must not carry a draw beyond the last possible token.
    let count = 50_000
    let logits = (0..<count).map { $0 < count - 10 ? Float($0 % 7) : -.infinity }
    let (tokens, _) = TokenSampling(settings: settings()).sample(
      logits: Tensor(rows: [logits]), uniforms: [1 - 0x1p-24])
    #expect(tokens.ints[0] < count - 10)
  }

  @Test func streamsDrawFromTheDistribution() throws {
    // A chi-square test on what the sampler's own random streams give for one prompt.
    let model = try tinyModel(vocabulary: 12)
    let draws = 4000
    let prompt = Prompt(ids: [1, 5], key: 3)
    let groups = Sampler(
      model: model,
      settings: settings {
        $0.maximumCompletion = 1
        $0.batchRows = 1000
      }, endTokens: []
    ).sample([prompt], completions: draws, stream: RandomStream(seed: 12))
    let expected = withoutGradients {
      model.logits(hidden: model.hiddenStates(Tensor(rows: [prompt.ids]))).select(1, 1)
        .softmax().doubles
    }
    var counts = [Double](repeating: 0, count: 12)
    for trajectory in groups[0] { counts[trajectory.completionIDs[0]] += 1 }
    // Classes that are expected fewer than 5 times are taken together.
    var observedRest = 0.0
    var expectedRest = 0.0
    var statistic = 0.0
    var classes = 0
    for (count, share) in zip(counts, expected) {
      let wanted = share * Double(draws)
      if wanted < 5 {
        observedRest += count
        expectedRest += wanted
      } else {
        statistic += (count - wanted) * (count - wanted) / wanted
        classes += 1
      }
    }
    if expectedRest > 0 {
      statistic += (observedRest - expectedRest) * (observedRest - expectedRest) / expectedRest
      classes += 1
    }
    #expect(classes > 4)
    // The 0.999 quantile of chi-square with 11 degrees of freedom; fewer classes have a lower one.
    #expect(statistic < 31.264)
  }
}
