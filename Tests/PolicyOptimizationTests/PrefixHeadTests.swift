import Testing
import Torch

@testable import PolicyOptimization

@Suite struct PrefixHeadTests {
  private let features = Tensor(rows: [[1.0, -0.5], [0.25, 2], [-1, 0.75]])

  /// A network with distinct weights for `width` inputs.
  private func network(_ width: Int) -> ScoreNetwork {
    let weights = (0..<3 * width).map { Double($0 % 5) * 0.3 - 0.5 }
    return ScoreNetwork(
      hiddenWeight: Tensor(weights, shape: [3, width]), hiddenBias: Tensor([0.1, -0.2, 0.3]),
      outputWeight: Tensor([0.7, -0.4, 0.9]), outputBias: Tensor(scalar: 0.25))
  }

  @Test(arguments: [PrefixHead.antisymmetric, .bradleyTerry])
  func bothOrdersAddUpToOne(head: PrefixHead) {
    let network = network(head.inputWidth(featureWidth: 2))
    let (old, new) = head.successivePreferences(features) { network($0) }
    #expect(isClose((old + new).doubles, [1, 1]))
    let same = head.logits(first: features, second: features) { network($0) }
    #expect(isClose(same.doubles, [0, 0, 0]))
  }

  @Test func thePairwiseHeadMayPreferAPosition() {
    let network = network(PrefixHead.pairwise.inputWidth(featureWidth: 2))
    let (old, new) = PrefixHead.pairwise.successivePreferences(features) { network($0) }
    #expect(!isClose((old + new).doubles, [1, 1], 1e-3))
  }

  @Test func theNetworkByHand() {
    let network = ScoreNetwork(
      hiddenWeight: Tensor(rows: [[1.0, 2], [-1, 1]]), hiddenBias: Tensor([0.5, 0]),
      outputWeight: Tensor([2.0, 3]), outputBias: Tensor(scalar: -1.0))
    // relu(1 + 2*.5 + .5, -1 + .5) = (2.5, 0): 2 * 2.5 - 1; relu(-3.5, 2) = (0, 2): 3 * 2 - 1.
    #expect(isClose(network(Tensor(rows: [[1.0, 0.5], [-3, -1]])).doubles, [4, 5]))
  }

  @Test func onePrefixHasNoPairButAValue() {
    let network = network(2)
    let one = features.narrow(0, from: 0, count: 1)
    #expect(
      PrefixHead.bradleyTerry.successivePreferences(one) { network($0) }.oldOverNew.count == 0)
    #expect(PrefixHead.bradleyTerry.prefixValues(one) { network($0) }?.count == 1)
    #expect(PrefixHead.antisymmetric.prefixValues(one) { network($0) } == nil)
  }

  @Test(arguments: PrefixHead.allCases)
  func theLossTrainsTheNetwork(head: PrefixHead) {
    let network = network(head.inputWidth(featureWidth: 2))
    network.hiddenWeight.requiresGradient = true
    let winners = features.narrow(0, from: 0, count: 2)
    let losers = features.narrow(0, from: 1, count: 2)
    func loss() -> Tensor {
      PairLoss.binaryCrossEntropy(
        winnerFirst: head.logits(first: winners, second: losers) { network($0) },
        loserFirst: head.logits(first: losers, second: winners) { network($0) })
    }
    let before = loss()
    let gradient = gradient(of: before, withRespectTo: [network.hiddenWeight])[0]
    #expect((gradient?.norm().item ?? 0) > 0)
    withoutGradients {
      network.hiddenWeight.addInPlace(gradient ?? network.hiddenWeight, alpha: -0.01)
    }
    #expect(loss().item < before.item)
  }
}

@Suite struct PairLossTests {
  @Test func undecidedPairsCostTwoBits() {
    let loss = PairLoss.binaryCrossEntropy(
      winnerFirst: Tensor([0.0, 0]), loserFirst: Tensor([0.0, 0]))
    #expect(isClose(loss.item, 2 * 0.6931471805599453))
  }

  @Test func farLogitsStayFinite() {
    let loss = PairLoss.binaryCrossEntropy(
      winnerFirst: Tensor([-500.0]), loserFirst: Tensor([1000.0]))
    #expect(isClose(loss.item, 1500, 1e-9))
  }
}
