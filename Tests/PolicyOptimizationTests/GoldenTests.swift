import Testing
import Torch

@testable import PolicyOptimization

/// Every case of the golden files in both types, every expected key included.
@Suite struct GoldenTests {
  @Test func thereAreCasesOfEveryMethod() throws {
    let cases = try Golden.cases()
    for method in Golden.methods { #expect(cases.contains { $0.method == method }) }
  }

  @Test(arguments: try Golden.cases(), [DType.float64, .float32])
  func agrees(golden: GoldenCase, dtype: DType) throws {
    let values = try golden.evaluated(dtype)
    let tolerance = Tolerance.of(dtype)
    for (key, expected) in golden.expected {
      guard let found = values[key] else {
        Issue.record("nothing computes \(key)")
        continue
      }
      let wrong = differences(found, expected, within: tolerance, at: key)
      #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
  }

  @Test(arguments: try Golden.losses(), [DType.float64, .float32])
  func theMaskedGradientIsExactlyZero(golden: GoldenCase, dtype: DType) throws {
    let problem = try LossProblem(golden)
    let result = try problem.evaluate(golden.resolvedMethod(), dtype: dtype)
    for (gradients, mask) in zip(result.gradient, problem.mask) {
      for (gradient, counts) in zip(gradients, mask) where !counts { #expect(gradient == 0) }
    }
  }
}
