import Testing

@testable import Torch

@Suite struct RandomGeneratorTests {
  @Test func aSeedFixesTheNumbers() throws {
    let (one, same, other) = (
      try RandomGenerator(seed: 7), try RandomGenerator(seed: 7), try RandomGenerator(seed: 8)
    )
    let numbers = one.normal([4]).floats
    #expect(same.normal([4]).floats == numbers)
    #expect(other.normal([4]).floats != numbers)
    #expect(one.normal([4]).floats != numbers, "it goes on")
  }

  @Test func aSavedStateRepeatsWhatFollows() throws {
    let generator = try RandomGenerator(seed: 1)
    _ = generator.uniform([3])
    let state = generator.state
    let follows = [
      generator.normal([5]).floats, generator.uniform([2], dtype: .float32).floats,
      generator.permutation(6).floats,
    ]
    let restored = try RandomGenerator(seed: 99)
    try restored.restore(state)
    #expect(
      [
        restored.normal([5]).floats, restored.uniform([2], dtype: .float32).floats,
        restored.permutation(6).floats,
      ] == follows)
    let error = #expect(throws: TorchError.self) { try restored.restore([1, 2, 3]) }
    #expect(error?.description.hasPrefix("restoring a random generator: ") == true)
  }

  @Test func distributions() throws {
    let generator = try RandomGenerator(seed: 3)
    let uniform = generator.uniform([40_000], dtype: .float64)
    #expect(uniform.min().item >= 0 && uniform.max().item < 1)
    // Within five standard deviations of the mean, sqrt(1 / 12) and 1 over sqrt(40,000).
    #expect(abs(uniform.mean().item - 0.5) < 5 * (1.0 / 12).squareRoot() / 200)
    let normal = generator.normal([200, 200], dtype: .float64)
    #expect(normal.shape == [200, 200])
    #expect(abs(normal.mean().item) < 5.0 / 200)
    #expect(abs(normal.reshaped([-1]).variance(0).item - 1) < 5 * 2.0.squareRoot() / 200)
    #expect(generator.permutation(100).ints.sorted() == Array(0..<100))
  }
}
