import Testing
import Torch

@testable import PrefixPreference

@Suite("Preference heads")
struct PreferenceHeadTests {
  // The tolerances of the golden files.
  private static let tolerances: [DType: (relative: Double, absolute: Double)] = [
    .float64: (1e-9, 1e-11), .float32: (2e-4, 2e-6),
  ]

  private func expectClose(_ found: Tensor, _ expected: [Double], _ what: String) {
    let (relative, absolute) = Self.tolerances[found.dtype] ?? (0, 0)
    #expect(found.count == expected.count, "\(what)")
    for (found, expected) in zip(found.doubles, expected) {
      #expect(
        abs(found - expected) <= absolute + relative * abs(expected),
        "\(what): \(found), expected \(expected)")
    }
  }

  @Test("agree with the golden scores", arguments: [DType.float64, .float32])
  func goldenScores(dtype: DType) throws {
    let cases = try GoldenHeads.cases("score", as: GoldenHeads.HeadCase.self)
    #expect(!cases.isEmpty)
    for golden in cases {
      let features = Tensor(rows: golden.inputs.features).to(dtype)
      let last = features.size(0) - 1
      let old = features.narrow(0, from: 0, count: last)
      let new = features.narrow(0, from: 1, count: last)
      for (name, expected) in golden.expected {
        let kind = try #require(PreferenceHead.Kind(rawValue: name))
        let mlp = kind == .bradleyTerry ? golden.inputs.scalar_mlp : golden.inputs.pairwise_mlp
        let head = PreferenceHead(
          kind: kind, firstWeight: Tensor(rows: mlp.w1).to(dtype),
          firstBias: Tensor(mlp.b1).to(dtype), secondWeight: Tensor(rows: [mlp.w2]).to(dtype),
          secondBias: Tensor([mlp.b2]).to(dtype))
        let forward = head.logits(.separate(first: old, second: new))
        let backward = head.logits(.separate(first: new, second: old))
        expectClose(forward.sigmoid(), expected.pref_old_new, "\(name), old first")
        expectClose(backward.sigmoid(), expected.pref_new_old, "\(name), new first")
        if let values = expected.value {
          expectClose(head.values(features), values, "\(name), values")
        }
      }
    }
  }

  @Test("agree with the golden loss and its gradient", arguments: [DType.float64, .float32])
  func goldenLoss(dtype: DType) throws {
    let cases = try GoldenHeads.cases("aux-loss", as: GoldenHeads.LossCase.self)
    #expect(!cases.isEmpty)
    for golden in cases {
      let winnerFirst = Tensor(golden.inputs.logit_pos_first).to(dtype)
      let loserFirst = Tensor(golden.inputs.logit_neg_first).to(dtype)
      winnerFirst.requiresGradient = true
      loserFirst.requiresGradient = true
      let loss = PreferenceHead.loss(winnerFirst: winnerFirst, loserFirst: loserFirst)
      loss.backward()
      expectClose(loss, [golden.expected.loss], golden.name)
      expectClose(
        try #require(winnerFirst.gradient), golden.expected.grad_logit_pos_first, golden.name)
      expectClose(
        try #require(loserFirst.gradient), golden.expected.grad_logit_neg_first, golden.name)
    }
  }

  @Test("antisymmetric kinds: P(A,B) + P(B,A) = 1 and P(A,A) = 1/2, pairwise: not")
  func antisymmetry() throws {
    let generator = try RandomGenerator(seed: 5)
    let a = generator.normal([20, 6])
    let b = generator.normal([20, 6])
    for kind in PreferenceHead.Kind.allCases {
      let head = PreferenceHead(
        kind: kind, width: 6, arrangement: .separate, hidden: 12, generator: generator)
      let pairs = PairFeatures.separate(first: a, second: b)
      let gap = (head.logits(pairs).sigmoid() + head.logits(pairs.reversed).sigmoid() - 1).abs()
      let same = head.logits(.separate(first: a, second: a)).abs().max().item
      #expect((gap.max().item < 1e-6) == kind.isAntisymmetric, "\(kind)")
      #expect((same == 0) == kind.isAntisymmetric, "\(kind)")
    }
  }

  @Test("a joint encoder's vector of the other order makes the antisymmetric score")
  func jointFeatures() throws {
    let generator = try RandomGenerator(seed: 6)
    let ordered = generator.normal([4, 5])
    let reversed = generator.normal([4, 5])
    let pairwise = PreferenceHead(
      kind: .pairwise, width: 5, arrangement: .joint, hidden: 8, generator: generator)
    let antisymmetric = PreferenceHead(
      kind: .antisymmetric, firstWeight: pairwise.firstWeight, firstBias: pairwise.firstBias,
      secondWeight: pairwise.secondWeight, secondBias: pairwise.secondBias)
    let features = PairFeatures.joint(ordered: ordered, reversed: reversed)
    let expected =
      (pairwise.logits(features) - pairwise.logits(features.reversed)) * 0.5
    #expect((antisymmetric.logits(features) - expected).abs().max().item < 1e-6)
  }

  @Test("dropout keeps its share, scales up, and follows its seed")
  func dropout() throws {
    let input = Tensor.ones([200, 500])
    func dropped(_ seed: UInt64) throws -> [Float] {
      Dropout(0.1, generator: try RandomGenerator(seed: seed))(input).floats
    }
    let first = try dropped(1)
    #expect(Set(first) == [0, Float(1 / 0.9)])
    let kept = Double(first.count { $0 > 0 }) / Double(first.count)
    // Five standard deviations of a binomial share.
    #expect(abs(kept - 0.9) < 5 * (0.09 / 100_000).squareRoot())
    #expect(try dropped(1) == first)
    #expect(try dropped(2) != first)
  }

  @Test("standardised features have mean 0 and deviation 1; constant ones stay finite")
  func scaling() throws {
    let generator = try RandomGenerator(seed: 8)
    let wide =
      generator.normal([500, 3]) * Tensor([Float(1), 1000, 0]) + Tensor([Float(5), -7, 2])
    let scaled = FeatureScaling(of: wide)(wide)
    for (dimension, deviation) in [1.0, 1, 0].enumerated() {
      let column = scaled.select(1, dimension)
      #expect(abs(column.mean().item) < 1e-4)
      #expect(abs(column.variance(0, correction: 0).sqrt().item - deviation) < 1e-3)
    }
  }
}
