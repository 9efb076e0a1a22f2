import Settings
import Testing
import Torch

@testable import PolicyOptimization

/// The objective and the trust region by hand; the golden file holds the rest.
@Suite struct DisCOTests {
  private func method(_ change: (inout DisCOSettings) -> Void = { _ in }) throws -> Method {
    var settings = DisCOSettings()
    settings.constraintBeta = 0
    change(&settings)
    return try DisCO.method(settings)
  }

  /// The scores -.3, -.5 of right and -.4, -.2 of wrong answers, one token each.
  private static let mixed = SmallStep(
    rewards: [1, 1, 0, 0], logProbabilities: [[-0.3], [-0.5], [-0.4], [-0.2]])

  @Test func theObjectivesOfTheGuide() throws {
    let step = Self.mixed.with(group: 1, rewards: [1, 1], logProbabilities: [[-0.1], [-0.2]])
    // J / Q with Q = 2: the second group has no wrong answer.
    #expect(isClose(try step.run(method { $0.variant = .basic }).loss, 0.05))
    #expect(isClose(try step.run(method { $0.temperature = 1 }).loss, 0.05249584, 5e-9))
    #expect(isClose(try step.run(method()).loss, 0.05025000, 5e-9))
  }

  @Test func theHardestNegativeWeighsMost() throws {
    let gradient = try Self.mixed.run(method { $0.temperature = 1 }).gradient.flatMap(\.self)
    #expect(isClose(Array(gradient.prefix(2)), [-0.5, -0.5]))
    #expect(isClose(Array(gradient.suffix(2)), [0.450166, 0.549834], 5e-7))
    let plain = try Self.mixed.run(method { $0.variant = .basic }).gradient.flatMap(\.self)
    #expect(isClose(plain, [-0.5, -0.5, 0.5, 0.5]))
  }

  @Test func tiedNegativesShareAlike() throws {
    let step = SmallStep(rewards: [1, 0, 0], logProbabilities: [[-1], [-2], [-2]])
    #expect(isClose(try step.run(method()).gradient.flatMap(\.self), [-1, 0.5, 0.5]))
  }

  @Test func difficultyHasNoWeight() throws {
    // GRPO would weigh one right of four less than two of four.
    for rewards in [[1.0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]] {
      let step = SmallStep(
        rewards: rewards, logProbabilities: [[Double]](repeating: [-1], count: 4))
      let gradient = try step.run(method()).gradient.flatMap(\.self)
      #expect(isClose(gradient.map { abs($0) }.reduce(0, +), 2))
      #expect(isClose(gradient.reduce(0, +), 0))
    }
  }

  @Test(arguments: [[1.0, 1, 1], [0.0, 0, 0], [1], [0]])
  func groupsWithoutBothClassesHaveNoObjective(rewards: [Double]) throws {
    let step = SmallStep(rewards: rewards, logProbabilities: rewards.map { _ in [-1, -2] })
    let result = try step.run(method())
    #expect(result.loss == 0)
    #expect(result.gradient.flatMap(\.self).allSatisfy { $0 == 0 })
    #expect(result.metrics["groups/mixed"]?.mean == 0)
    #expect(result.metrics["discriminative/objective"]?.weight == 0)
  }

  @Test func theyStillCountInQAndInK() throws {
    let delta = 0.25
    let step = SmallStep(
      rewards: [1, 1], logProbabilities: [[-1.5], [-1]], oldLogProbabilities: [[-1], [-1]])
    let bound = try method {
      $0.constraintBeta = 8
      $0.constraintDelta = delta - 0.125
    }
    // K = (.5 + 0) / 2 = delta: 8 / 2 * .125² and a slope of 8 * .125 on K.
    let result = try step.run(bound)
    #expect(isClose(result.loss, 4 * 0.125 * 0.125))
    #expect(isClose(result.gradient.flatMap(\.self), [-0.5, -0.5]))
    #expect(result.metrics["trust_region/violated"]?.mean == 1)
    #expect(isClose(result.metrics["trust_region/slope"]?.mean ?? .nan, 1))
  }

  @Test func theFormOfThePenalty() throws {
    let region = { (form: PenaltyForm) in
      TrustRegion(delta: 1e-4, beta: 1e3, estimator: .k1, form: form)
    }
    let divergence = Tensor(scalar: 3e-4)
    #expect(isClose(region(.half).penalty(divergence).item, 2e-5))
    #expect(isClose(region(.half).slope(3e-4), 0.2))
    #expect(isClose(region(.full).penalty(divergence).item, 4e-5))
    #expect(isClose(region(.full).slope(3e-4), 0.4))
  }

  @Test func onlyTheLowVarianceEstimateSeesAPolicyThatGrewSurer() throws {
    // d = .5: k1 is -.5, no violation; exp(.5) - 1.5 = .1487 is one.
    let step = SmallStep(
      rewards: [0, 0], logProbabilities: [[-1], [-1]], oldLogProbabilities: [[-1.5], [-1.5]])
    let bound = { (kl: TrustRegionKL) in
      try self.method {
        $0.constraintBeta = 2
        $0.constraintKL = kl
      }
    }
    #expect(try step.run(bound(.k1)).loss == 0)
    let divergence = 1.6487212707 - 1.5 - 1e-4
    #expect(isClose(try step.run(bound(.lowVariance)).loss, divergence * divergence, 1e-9))
  }

  @Test func theFirstUpdateIsInsideTheTrustRegion() throws {
    let result = try Self.mixed.run(DisCO.method(DisCOSettings()))
    #expect(result.metrics["trust_region/divergence"]?.mean == 0)
    #expect(result.metrics["trust_region/violated"]?.mean == 0)
    #expect(isClose(result.loss, try Self.mixed.run(method()).loss))
  }

  @Test func scoresAreTokenMeans() throws {
    let step = SmallStep(
      rewards: [1, 0], logProbabilities: [[-1, -2, -3], [-4, 9, 9]],
      oldLogProbabilities: [[-1, -2, -3], [-4, 9, 9]],
      mask: [[true, true, true], [true, false, false]])
    let result = try step.run(method { $0.variant = .basic })
    #expect(isClose(result.loss, 2 - 4))
    #expect(isClose(result.gradient[0], [-1.0 / 3, -1.0 / 3, -1.0 / 3]))
    #expect(isClose(result.gradient[1], [1, 0, 0]))
  }

  @Test func theRatioScoreIsAMeanOfTokenRatios() throws {
    let step = SmallStep(
      rewards: [1, 0], logProbabilities: [[0, 0], [0, 0]],
      oldLogProbabilities: [[-0.6931471805599453, 0.6931471805599453], [0, 0]])
    let result = try step.run(
      method {
        $0.score = .likelihoodRatio
        $0.variant = .basic
      })
    #expect(isClose(result.loss, -0.25), "the ratios 2 and 1/2 against 1")
    #expect(isClose(result.gradient[0], [-1, -0.25]))
  }

  @Test func emptyCompletionsBelongToNoClass() throws {
    let step = SmallStep(
      rewards: [1, 1, 0, 0], logProbabilities: [[-1], [.nan], [-3], [.infinity]],
      mask: [[true], [false], [true], [false]])
    let result = try step.run(method())
    #expect(isClose(result.loss, 1 - 3))
    #expect(isClose(result.gradient.flatMap(\.self), [-1, 0, 1, 0]))
    let lonely = SmallStep(
      rewards: [1, 0], logProbabilities: [[0], [-3]], mask: [[false], [true]])
    #expect(try lonely.run(method()).loss == 0, "its only right answer is empty")
  }

  @Test func otherRewardsBelongToNoClass() throws {
    let step = SmallStep(
      rewards: [1, 0.5, 0, -1], logProbabilities: [[-1], [-9], [-3], [-9]])
    #expect(isClose(try step.run(method()).gradient.flatMap(\.self), [-1, 0, 1, 0]))
  }

  @Test func farScoresDoNotOverflow() throws {
    let step = SmallStep(rewards: [1, 0, 0], logProbabilities: [[-1], [-1e4], [-2e4]])
    let result = try step.run(method { $0.temperature = 1e-3 })
    // The soft maximum is the maximum, less tau log 2.
    let expected = 1 - 1e4 - 1e-3 * 0.6931471805599453
    #expect(isClose(result.loss, expected, 1e-9))
    #expect(isClose(result.gradient.flatMap(\.self), [-1, 1, 0]))
  }

  @Test func coefficientsAreTheObjectivesGradient() throws {
    for variant in NegativeWeighting.allCases {
      let method = try method {
        $0.variant = variant
        $0.temperature = 0.5
      }
      let loss = try #require(method.loss as? DiscriminativeLoss)
      let step = SmallStep(
        rewards: [0, 1, 0, 0, 1], logProbabilities: [[-1], [-2], [-0.5], [-3], [-0.7]])
      let inputs = try step.inputs(method)
      let found = loss.coefficients(
        scores: loss.score(inputs).doubles, of: DiscriminativeLoss.classes(inputs))
      let gradient = try step.run(method).gradient.flatMap(\.self)
      #expect(isClose(found.map { -$0 }, gradient))
    }
  }

  @Test func theScopeOfGroupsIsTheMeanOverItsParts() throws {
    let first = SmallStep(
      group: 7, rewards: [1, 0], logProbabilities: [[-1], [-2]],
      oldLogProbabilities: [[-0.5], [-2]])
    let second = SmallStep(
      group: 3, rewards: [0, 1], logProbabilities: [[-3], [-1.5]],
      oldLogProbabilities: [[-3], [-2.5]])
    let scoped = try method {
      $0.constraintBeta = 10
      $0.constraintScope = .groups
      $0.constraintGroups = 1
    }
    let whole = try method { $0.constraintBeta = 10 }
    let expected = (try first.run(whole).loss + second.run(whole).loss) / 2
    let both = first + second
    #expect(isClose(try both.run(scoped).loss, expected))
    #expect(isClose(try (second + first).run(scoped).loss, expected))
    // Over the whole batch the two divergences cancel.
    #expect(try both.run(whole).metrics["trust_region/violated"]?.mean == 0)
    #expect(try both.run(scoped).metrics["trust_region/violated"]?.mean == 0.5)
  }

  @Test func temperatureFollowsTheScore() throws {
    func temperature(_ overrides: String...) throws -> Double {
      var document = SettingDocument()
      for override in overrides { try document.append(override: override) }
      return try DisCOSettings(document).temperature
    }
    #expect(try temperature() == 10)
    #expect(try temperature("method.score=l-ratio") == 1)
    #expect(try temperature("method.tau=3", "method.score=l-ratio") == 3)
  }

  @Test func scopeAndGroupsGoTogether() {
    #expect(
      throws: SettingError(
        "method.constraint-groups is 4, but method.constraint-scope is batch; expected null, or the "
          + "scope groups")
    ) { try method { $0.constraintGroups = 4 } }
    #expect(
      throws: SettingError(
        "method.constraint-scope is groups, which needs method.constraint-groups; the authors' value "
          + "is 4")
    ) { try method { $0.constraintScope = .groups } }
  }

  @Test func measurements() throws {
    let metrics = try Self.mixed.run(method { $0.temperature = 1 }).metrics
    #expect(isClose(metrics["discriminative/positive_score"]?.mean ?? .nan, -0.4))
    #expect(isClose(metrics["discriminative/negative_score"]?.mean ?? .nan, -0.3))
    #expect(isClose(metrics["discriminative/objective"]?.mean ?? .nan, -0.10499169, 5e-9))
    #expect(isClose(metrics["discriminative/effective_positives"]?.mean ?? .nan, 2))
    let squares = 0.450166 * 0.450166 + 0.549834 * 0.549834
    #expect(
      isClose(metrics["discriminative/effective_negatives"]?.mean ?? .nan, 1 / squares, 1e-5))
  }
}
