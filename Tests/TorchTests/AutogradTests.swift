import Testing

@testable import Torch

@Suite struct AutogradTests {
  private func leaf(_ values: [Double]) -> Tensor {
    let tensor = Tensor(values)
    tensor.requiresGradient = true
    return tensor
  }

  @Test func backwardAddsUp() {
    let x = leaf([1, 2])
    #expect(x.gradient == nil)
    x.squared().sum().backward()
    expect(x.gradient ?? .zeros([]), [2], [2, 4])
    (x * 3).backward(gradient: Tensor([1.0, 10]))
    expect(x.gradient ?? .zeros([]), [2], [5, 34])
    x.clearGradient()
    #expect(x.gradient == nil)
  }

  @Test func gradientOfLeavesTheLeavesAlone() throws {
    let (x, y, unused) = (leaf([3]), leaf([4]), leaf([5]))
    let output = (x * y).sum()
    for _ in 0..<2 {  // the history is kept
      let found = gradient(of: output, withRespectTo: [x, unused, y])
      try #require(found.count == 3)
      expect(try #require(found[0]), [1], [4])
      #expect(found[1] == nil)
      expect(try #require(found[2]), [1], [3])
    }
    #expect(x.gradient == nil)
    // Of a value on the way, not only of leaves.
    let middle = x * 2
    let found = gradient(of: middle.squared().sum(), withRespectTo: [middle])
    expect(try #require(found[0]), [1], [12])
  }

  @Test func withoutGradientsRecordsNothing() throws {
    let x = leaf([1])
    let inner = withoutGradients { () -> Tensor in
      let nested = withoutGradients { x * 2 }
      #expect(!nested.requiresGradient)
      return x * 3
    }
    #expect(!inner.requiresGradient)
    #expect((x * 2).requiresGradient, "recorded again afterwards")
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect((x * 2).requiresGradient, "also after an error")
  }

  @Test func detachedSharesMemoryWithoutHistory() {
    let x = leaf([1, 2])
    let y = (x * 2).detached()
    #expect(!y.requiresGradient)
    let z = x.detached()
    z.fill(7)
    expect(x.detached(), [2], [7, 7])
    (x.detached() * x).sum().backward()
    expect(x.gradient ?? .zeros([]), [2], [7, 7], "the detached factor is a constant")
  }

  @Test func requiresGradientCanBeTakenBack() {
    let x = leaf([1])
    #expect(x.requiresGradient)
    x.requiresGradient = false
    #expect(!(x * 2).requiresGradient)
  }
}
